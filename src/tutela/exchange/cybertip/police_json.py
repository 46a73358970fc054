"""Reports in NCMEC's JSON for police. No public schema exists, so no member is required.

1. The document is an object with `reportId` and `reportedInformation`, which contains `reportingEsp`; everything else
   may be absent.
2. A value that is null, empty or `N/A` counts as not stated.
3. A value that has a field of the canonical report goes there. The rest, including unknown members, is kept as text:
   `path: value`.
4. The same document is the same report, however often it is submitted.

Written from independent readers, with no claim of completeness.
"""

from __future__ import annotations

import ipaddress
import json
import mimetypes
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from tutela.exchange.cybertip.danger_map import of_annotations, of_incident
from tutela.exchange.cybertip.persons import TEXT, URL, cut, ended
from tutela.exchange.cybertip.police_json_fields import (
    MOST_VALUES,
    list_of,
    object_in,
    object_of,
    one_line,
    said_texts,
    text_of,
    without_unsaid,
)
from tutela.exchange.cybertip.to_report import LAW
from tutela.exchange.message import timestamps
from tutela.exchange.message.identifiers import drawn
from tutela.exchange.message.problem import FieldError, from_validation
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.report.age_and_gender import age_group, gender
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import Danger

CLEARING_HOUSE = "NCMEC CyberTipline"
_HEX = frozenset("0123456789abcdef")
# Values that a canonical field holds completely. Every other value is also in the text.
_TAKEN = frozenset({"espUserId", "screenName", "verificationHash", "originalFilename"})
# The moment of a document that names none; its id needs one.
_UNKNOWN = datetime(2020, 1, 1, tzinfo=UTC)


class NotPoliceJsonError(ValueError):
    """The document has none of these formats; `errors` names the problems."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(errors[0].reason if errors else "")
        self.errors = errors


def is_police(value: object) -> bool:
    """Whether a JSON value claims to be such a report."""
    return isinstance(value, dict) and "reportedInformation" in value


def read_police(value: dict[str, Any]) -> Report:
    """The canonical report. Raises `NotPoliceJsonError` naming each field."""
    try:
        return _read(without_unsaid(value) or {})
    except RecursionError:
        raise NotPoliceJsonError((FieldError(field="", reason="The document is nested too deeply."),)) from None


def _read(said: dict[str, Any]) -> Report:
    number = str(said.get("reportId") or "")
    information = said.get("reportedInformation")
    wrong = [] if number.isascii() and number.isdigit() and len(number) < 20 else ["reportId"]
    if not isinstance(information, dict) or not isinstance(information.get("reportingEsp"), dict):
        wrong.append("reportedInformation.reportingEsp")
    if wrong:
        raise NotPoliceJsonError(
            tuple(FieldError(field=name, reason="The field is missing or unreadable.") for name in wrong)
        )
    try:
        return Report.model_validate_json(json.dumps(_report(said, number)))
    except ValidationError as error:
        raise NotPoliceJsonError(from_validation(error).errors) from None


def _report(said: dict[str, Any], number: str) -> dict[str, Any]:
    inside = said["reportedInformation"]
    provider = one_line(text_of(inside["reportingEsp"], "espName")) or "unnamed provider"
    incident = object_in(inside, "incidentSummary")
    received = (
        timestamps.read(text_of(said, "dateReceived"))
        or timestamps.read(text_of(incident, "incidentDateTime"))
        or _UNKNOWN
    )
    at = received.isoformat()
    files = list(_items(inside, number, at))
    viewed = any(object_of(one).get("viewedByEsp") is True for one in list_of(inside, "uploadedFiles", "uploadedFiles"))
    people = list_of(inside, "reportedPeople", "reportedPersons")
    value = {
        "report_id": str(drawn(f"cybertip:{number}".encode(), received)),
        "legal_basis": LAW,
        "language": "en",
        "provider": {"name": provider, "contact_point": CLEARING_HOUSE, "contact": _contact(inside, provider)},
        "urgency": _urgency(incident),
        "kinds": [_kind(incident, viewed=viewed)],
        "items": files,
        "locations": list(_locations(inside))[:1000],
        "users": [u for one in people if (u := _user(one, received))][:200],
        "service": _service(inside, provider),
        "awareness": {"manners": ["own_motion"], "details": _how(incident)},
        "third_country": {"reported": True, "authority": CLEARING_HOUSE, "reference": number},
        "removal": {"removed_or_disabled": False, "details": "Not stated by the format."},
        "user_decision": {"decided": False},
        "other": _other(said),
        "issuance": {"issued_at": at, "time_zone": "UTC", "signatory": CLEARING_HOUSE},
    }
    if viewed:
        who = "unnamed person at the provider"
        value["confirmation"] = {"confirmed_by": who, "at": at, "how": "viewed"}
    return {name: one for name, one in value.items() if one is not None}


def _urgency(incident: dict[str, Any]) -> dict[str, Any]:
    """Urgency from the summary; its annotations have the names of the interface's elements."""
    reason = typed(text_of(incident, "escalateToHighPriority"))[:3000].strip()
    found = {*of_incident(text_of(incident, "incidentType"))}
    marks = object_in(incident, "reportAnnotations")
    found |= of_annotations({name for name, value in marks.items() if str(value).lower() == "true"})
    dangers = [one.value for one in Danger if one in found]
    return {"urgent": bool(reason), "reason": reason or None, "dangers": dangers or None}


def _kind(incident: dict[str, Any], *, viewed: bool) -> str:
    if text_of(incident, "incidentType").startswith("Online Enticement"):
        return "solicitation"
    return "new" if viewed else "known"


def _items(inside: dict[str, Any], number: str, at: str) -> Iterator[dict[str, Any]]:
    """Files with a digest; what has none stays in the text."""
    for place, file in enumerate(map(object_of, list_of(inside, "uploadedFiles", "uploadedFiles"))):
        if not (md5 := _digest(file)):
            continue
        name = one_line(text_of(file, "originalFilename") or text_of(file, "filename"))
        media_type = mimetypes.guess_type(name)[0] if name else None
        kind = (media_type or "").partition("/")[0]
        captures = list(_captures(file))
        seen: dict[str, Any] = {"at": _uploaded(file, captures) or at}
        network = next((one for one in map(_network, captures) if one), None)
        yield {
            "item_id": str(drawn(f"cybertip:{number}:{place}:{md5}".encode(), None)),
            "md5": md5,
            "kind": kind if kind in ("image", "video", "text") else "other",
            "media_type": media_type,
            "original_name": name or None,
            "metadata": cut("\n".join(_lines(file)), TEXT) or None,
            "sightings": [{**seen, "network": network} if network else seen],
        }


def _digest(file: dict[str, Any]) -> str:
    """The MD5 of a file; empty where there is none."""
    md5 = text_of(file, "verificationHash").lower()
    return md5 if len(md5) == 32 and set(md5) <= _HEX else ""


def _uploaded(file: dict[str, Any], captures: list[dict[str, Any]]) -> str:
    """Upload time of a file: from its metadata, else from the capture of its upload, else from the first capture."""
    named = [m for m in list_of(object_in(file, "espMetadata"), "metadatas") if isinstance(m, dict)]
    at = [text_of(m, "value") for m in named if text_of(m, "name") == "Upload Date and Time"]
    at += [text_of(c, "dateTime") for c in captures if text_of(c, "eventName").upper() == "UPLOAD"]
    at += [text_of(c, "dateTime") for c in captures]
    return next((one for one in at if timestamps.read(one)), "")


def _locations(inside: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in (
        *list_of(inside, "reportedPeople", "reportedPersons"),
        *list_of(inside, "uploadedFiles", "uploadedFiles"),
    ):
        yield from (one for one in map(_network, _captures(object_of(part))) if one)


def _network(capture: dict[str, Any]) -> dict[str, Any] | None:
    """An address with its moment; None where one is missing."""
    try:
        ip = str(ipaddress.ip_address(text_of(capture, "value")))
    except ValueError:
        return None
    if text_of(capture, "captureType") != "IP Address" or timestamps.read(text_of(capture, "dateTime")) is None:
        return None
    port = capture.get("port")
    good = isinstance(port, int) and 1 <= port <= 65535
    return {"ip": ip, "at": text_of(capture, "dateTime"), "port": port if good else None}


def _user(person: object, at: datetime) -> dict[str, Any] | None:
    given = object_of(person)
    age = age_group(at, text_of(given, "dateOfBirth"), text_of(given, "approximateAge"))
    addresses = [object_of(one) for one in list_of(given, "addresses", "addresses")]
    countries = [c for one in addresses if len(c := text_of(one, "country")) == 2 and c.isascii() and c.isupper()]
    profiles = [text_of(c, "value") for c in _captures(given) if text_of(c, "captureType") == "Profile URL"]
    value = {
        "usernames": said_texts([text_of(object_in(given, "screenName"), "value")]),
        "emails": said_texts([text_of(object_of(e), "value") for e in list_of(given, "emails", "emails")]),
        "phones": said_texts([text_of(object_of(e), "value") for e in list_of(given, "phones", "phones")]),
        "mailing_address": cut("\n".join(map(_postal, addresses)), TEXT),
        "residence": countries[0] if countries else None,
        "identifiers": said_texts([text_of(given, "espUserId")]),
        "profile_urls": [one[:URL] for one in profiles if one][:MOST_VALUES],
        "age_group": age,
        "gender": gender(text_of(given, "gender")),
        "other": cut("\n".join(_lines(given)), TEXT),
    }
    return {name: one for name, one in value.items() if one} or None


def _postal(address: dict[str, Any]) -> str:
    parts = ("street1", "street2", "city", "state", "postalCode")
    text, last = ", ".join(filter(None, (text_of(address, part) for part in parts))), text_of(address, "country")
    return ended(text, last) if text else last


def _service(inside: dict[str, Any], provider: str) -> dict[str, Any]:
    incidents = object_in(inside, "incidentDetails")
    pages = [object_of(page) for page in list_of(incidents, "webpageIncident")]
    urls = [text_of(c, "value") for page in pages for c in _captures(page) if text_of(c, "captureType") == "URL"]
    chats = any(name.startswith(("email", "chat", "newsgroup", "cellPhone")) for name in incidents)
    return {
        "kinds": ["interpersonal_communication" if chats else "hosting"],
        "name": provider,
        "urls": [one[:URL] for one in urls if one][:200],
        "details": cut("\n".join(_lines(incidents)), TEXT) or None,
    }


def _contact(inside: dict[str, Any], provider: str) -> str:
    return cut("\n".join(_lines(inside["reportingEsp"])), TEXT) or provider


def _how(incident: dict[str, Any]) -> str | None:
    return cut("\n".join(_lines(incident)), TEXT) or None


def _other(said: dict[str, Any]) -> dict[str, Any] | None:
    """Contents outside the sections: of the document, of its information, and of files without a digest."""
    read = ("reportingEsp", "incidentSummary", "incidentDetails", "reportedPeople", "uploadedFiles")
    rest = {name: one for name, one in said["reportedInformation"].items() if name not in read}
    outside = {name: one for name, one in said.items() if name not in ("reportedInformation", "reportId")}
    files = list_of(said["reportedInformation"], "uploadedFiles", "uploadedFiles")
    bare = [one for one in files if not _digest(object_of(one))]
    text = cut("\n".join((*_every(outside), *_every(rest), *_every({"uploadedFiles": bare} if bare else {}))), TEXT)
    return {"text": text} if text else None


def _captures(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in list_of(object_in(part, "sourceInformation"), "sourceCaptures"):
        yield object_of(one)


def _lines(part: dict[str, Any]) -> Iterator[str]:
    """Everything of a part that has no field of its own."""
    return _every({name: one for name, one in part.items() if name not in _TAKEN})


def _every(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _every(one, f"{path}/{name}".strip("/"))
    elif isinstance(value, list):
        for one in value:
            yield from _every(one, path)
    else:
        yield f"{path}: {typed(str(value))}"
