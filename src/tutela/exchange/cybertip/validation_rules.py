"""Rules of the format's documentation beyond its schema: lengths, addresses, times, combinations.

Every function returns the first problem as a text that names the element, or an empty text. Rules by number (R1 to R22)
are those of the documentation as counted on our deviations page.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from lxml import etree

from tutela.exchange.cybertip.elements import ElementPart, types
from tutela.exchange.message import timestamps

type Checks = dict[str, Callable[[str, str, datetime], str]]

# Clocks differ; what is this little ahead has passed.
SKEW = timedelta(minutes=5)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+")
_WHOLE = re.compile(r"\d+")
_MOST_ID = 2**63 - 1


def problem_of_report(root: etree._Element, now: datetime, *, sending: bool = False) -> str:
    """The first thing that is wrong with a `<report>` that fits the schema.

    What known clients do against the documentation is accepted here, and never sent (`sending`).
    """
    return next(_of_report(root, now, _SENDING if sending else _CHECKS), "")


def problem_of_details(root: etree._Element, now: datetime, *, batched: bool, sending: bool = False) -> str:
    """First error in a `<fileDetails>`, as `problem_of_report`."""
    return next(_of_details(root, now, _SENDING if sending else _CHECKS, batched=batched), "")


def _of_report(root: etree._Element, now: datetime, checks: Checks) -> Iterator[str]:
    yield from _walk(root, "report", "report", now, checks)
    if checks is _SENDING:
        yield from _stricter(root)
    batched = root.find("batchedReport") is not None
    yield from _emails_repeat(root)
    if not batched and len(root.findall("personOrUserReported")) > 1:
        yield "report/personOrUserReported: at most one, except in a batched report"  # R8
    yield from _places(root)
    if batched:
        yield from _batched_report(root)


def _stricter(root: etree._Element) -> Iterator[str]:
    if root.find("reporter/reportingPerson/email") is None:
        yield "report/reporter/reportingPerson/email: at least one is required"  # R6
    for one in root.iter("associatedAccount"):
        if None not in (one.find("approximateAge"), one.find("dateOfBirth")):
            yield f"report/{_above(one)}/associatedAccount/approximateAge: not together with dateOfBirth"  # R13
        if one.get("type") is None:
            yield f"report/{_above(one)}/associatedAccount/@type: required"
    for place in root.iter("estimatedLocation"):
        if not place.findtext("countryCode", "").strip():
            yield f"report/{_above(place)}/estimatedLocation/countryCode: required"  # R14


def _of_details(root: etree._Element, now: datetime, checks: Checks, *, batched: bool) -> Iterator[str]:
    yield from _walk(root, "fileDetails", "fileDetails", now, checks)
    if _true(root, "exifViewedByEsp") and not _true(root, "fileViewedByEsp"):
        yield "fileDetails/fileViewedByEsp: must be true if exifViewedByEsp is true"  # R17
    supplemental = root.findtext("fileRelevance") == "Supplemental Reported"
    meme = root.find("fileAnnotations/potentialMeme") is not None or _true(root, "potentialMeme")
    if supplemental and (meme or root.find("industryClassification") is not None):
        yield "fileDetails/fileRelevance: a potential meme or a classified file is not supplemental"  # R18
    if batched:
        yield from _batched_details(root)


def _walk(element: etree._Element, path: str, kind: str, now: datetime, checks: Checks) -> Iterator[str]:
    """Every rule of the table, for an element and all below it."""
    known = types().get(kind)
    if known is None:
        return
    for part in known.attributes:
        if (value := element.get(part.name)) is not None:
            yield from _value(value, f"{path}/@{part.name}", part, now, checks)
    if known.shape == "text":
        yield from _value(element.text or "", path, ElementPart(kind, "1", known.of, known.rules), now, checks)
    yield from _own(element, path, kind)
    children = {part.name: part for part in known.children}
    for child in element:
        part = children[str(child.tag)]
        below = f"{path}/{part.name}"
        if part.type in types() and types()[part.type].shape in ("sequence", "all", "choice", "text", "empty"):
            yield from _walk(child, below, part.type, now, checks)
        if part.rules or part.type in ("dateTime", "date"):
            yield from _value(child.text or "", below, part, now, checks)


def _value(text: str, path: str, part: ElementPart, now: datetime, checks: Checks) -> Iterator[str]:
    if part.type == "dateTime" and text.strip() and timestamps.read(text) is None:
        yield f"{path}: a time zone is missing"  # R1
        return
    for rule in part.rules:
        name, _, bound = rule.partition("=")
        if problem := checks[name](text, bound, now):
            yield f"{path}: {problem}"


def _longest(text: str, bound: str, _now: datetime) -> str:
    return f"at most {bound} characters" if len(text) > int(bound) else ""


def _filled(text: str, _bound: str, _now: datetime) -> str:
    return "" if text.strip() else "must not be blank"


def _between(text: str, bound: str, _now: datetime) -> str:
    low, high = (int(end) for end in bound.split(".."))
    return "" if low <= int(text) <= high else f"between {low} and {high}"


def _past(text: str, _bound: str, now: datetime) -> str:
    found = timestamps.read(text)
    if found is None:
        try:  # a date may carry a zone, which says nothing about the past
            day = date.fromisoformat(text.strip()[:10])
        except ValueError:
            return "not a readable date"
        return "" if day <= now.astimezone(UTC).date() else "must be in the past"
    return "" if found <= now + SKEW else "must be in the past"


def _url(text: str, _bound: str, _now: datetime) -> str:
    try:
        said = text.strip()
        # Known clients send addresses as a browser shows them, without https://
        parts = urlsplit(said if "://" in said else f"https://{said}")
        good = bool(parts.scheme.isascii() and parts.hostname and ("://" in said or "." in parts.hostname))
    except ValueError:
        good = False
    return "" if good and not any(c.isspace() for c in text.strip()) else "not a valid URL"


def _absolute(text: str, bound: str, now: datetime) -> str:
    return _url(text, bound, now) or ("" if "://" in text else "not a valid URL")


def _ip(text: str, _bound: str, _now: datetime) -> str:
    try:
        ipaddress.ip_address(text.strip())
    except ValueError:
        return "not an IPv4 or IPv6 address"
    return ""


def _email(text: str, _bound: str, _now: datetime) -> str:
    return "" if _EMAIL.fullmatch(text.strip()) else "not an e-mail address"


_CHECKS: Checks = {
    "max": _longest,
    "filled": _filled,
    "range": _between,
    "past": _past,
    "url": _url,
    "ip": _ip,
    "email": _email,
}
_SENDING: Checks = {**_CHECKS, "url": _absolute}


def _own(element: etree._Element, path: str, kind: str) -> Iterator[str]:
    """Errors in the combination of a type's own parts."""
    if kind in ("email", "phone") and element.get("verificationDate") and element.get("verified") not in ("true", "1"):
        yield f"{path}/@verified: must be true if verificationDate is given"  # R5
    if kind == "phone":
        code = element.get("countryCallingCode") or ""
        if code and (element.text or "").strip().startswith((code, code.removeprefix("+") + " ")):
            yield f"{path}: the number repeats its countryCallingCode"  # R22
    if kind.startswith("account"):
        yield from _disabled(element, path)
    for name in ("priorCTReports", "priorCTReport"):
        for prior in element.findall(name):
            text = (prior.text or "").strip()
            if not _WHOLE.fullmatch(text) or not 0 < int(text) <= _MOST_ID:
                yield f"{path}/{name}: not a report's number"  # R15


def _disabled(element: etree._Element, path: str) -> Iterator[str]:
    disabled, told, again = (
        timestamps.read(element.get(name) or "") for name in ("disabledDate", "userNotifiedDate", "reenabledDate")
    )
    if disabled and told and told < disabled:
        yield f"{path}/@userNotifiedDate: must not be before disabledDate"  # R3
    if disabled and again and again <= disabled:
        yield f"{path}/@reenabledDate: must be after disabledDate"  # R4


def _emails_repeat(root: etree._Element) -> Iterator[str]:
    people = ("personOrUserReported", "intendedRecipient", "victim")
    named = {_same(e) for person in people for one in root.findall(person) for e in one.iter("email")}
    for kind in ("emailIncident", "newsgroupIncident"):
        for address in root.findall(f"internetDetails/{kind}/emailAddress"):
            if _same(address) not in named:  # R7
                yield f"report/internetDetails/{kind}/emailAddress: must be an e-mail of somebody in the report"


def _same(element: etree._Element) -> str:
    return (element.text or "").strip().lower()


def _places(root: etree._Element) -> Iterator[str]:
    states = set(types()["state"].words)
    for place in root.iter("estimatedLocation"):
        country, region = (place.findtext(name, "").strip() for name in ("countryCode", "region"))
        path = f"report/{_above(place)}/estimatedLocation"
        if country == "US" and region and region not in states:
            yield f"{path}/region: must be a state or territory of the US"
        elif country == "US" and place.findtext("city", "").strip() and not region:
            yield f"{path}/region: required for a city in the US"


def _above(element: etree._Element) -> str:
    parent = element.getparent()
    return str(parent.tag) if parent is not None else ""


def _true(root: etree._Element, name: str) -> bool:
    return root.findtext(name, "").strip() in ("true", "1")


# Section 8 of the documentation: what a batched report leaves out.
_NOT_BATCHED = (
    "incidentSummary/escalateToHighPriority",
    "internetDetails",
    "lawEnforcement",
    "intendedRecipient",
    "victim",
    "additionalInfo",
)
_NOT_IN_DETAILS = (
    "originalFileName",
    "locationOfFile",
    "originalFileHash",
    "ipCaptureEvent",
    "deviceId",
    "details",
    "additionalInfo",
)


def _batched_report(root: etree._Element) -> Iterator[str]:
    for path in _NOT_BATCHED:
        if root.find(path) is not None:
            yield f"report/{path}: not in a batched report"
    for person in root.findall("personOrUserReported"):
        if [child.tag for child in person] != ["espIdentifier"]:
            yield "report/personOrUserReported: only espIdentifier in a batched report"


def _batched_details(root: etree._Element) -> Iterator[str]:
    for name in _NOT_IN_DETAILS:
        if root.find(name) is not None:
            yield f"fileDetails/{name}: not in a batched report"
    tags = {str(child.tag) for child in root.iterfind("fileAnnotations/*")}
    if not tags or tags - {"viral", "potentialMeme"}:
        yield "fileDetails/fileAnnotations: viral, potentialMeme or both, and nothing else, in a batched report"
    if root.findtext("fileRelevance", "Reported") != "Reported":
        yield "fileDetails/fileRelevance: Reported in a batched report"
