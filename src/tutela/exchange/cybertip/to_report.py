"""Convert a finished submission to a canonical report.

Content with a canonical field goes there. Content without one is kept as text under `other`, and nothing is invented:
- The report is made under foreign law (18 U.S.C. 2258A), because the format names no other basis.
- Content of a later version of the format is kept as text, with its place in the document (`later_elements`).
- A missing time is not invented: an address without a time is text, not a location at a time.
- A file that its provider has viewed counts as confirmed by a person; the format names no one.
- The format does not state whether material is known. A file that was viewed and is neither viral nor a meme is new;
  all others are known.
- Accounts associated with a person follow that person, each separately with its relation (`persons`).
- An age or a date of birth also gives the age group on the day of the report; the format has no gender.
- Annotations about the circulation of a file (viral, meme) are recorded on its item.
- The estimated location of a child's account is the country of that account, and never the place of the offence. A
  child's addresses count as that place only if nothing else in the document does. The text then states whose they are.
- Statements about danger in the incident type, annotations and earlier reports become dangers (`danger_map`).
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lxml import etree

from tutela.exchange.cybertip.danger_map import dangers
from tutela.exchange.cybertip.later_elements import Later
from tutela.exchange.cybertip.persons import LINE, TEXT, URL, country, cut, lines, people, rest_of, said
from tutela.exchange.message import timestamps
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.report.fields import Spread
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import MaterialKind

LAW = {"regime": "foreign_law", "act": "18 U.S.C. 2258A", "article": "CyberTipline interface"}
# The annotations of a file, in the order of the schema.
SPREAD = {Spread.MEME: "potentialMeme", Spread.CIRCULATES: "viral"}
_NOT_SAID = {"removed_or_disabled": False, "details": "Not stated by the format."}
# Note for reports whose addresses all belong to a child.
CHILDS = "locations: every address is of a victim's account; no address of a suspect is known"
_UNNAMED = "unnamed authority"
# So many people of a kind; what is beyond stands in the text.
_MOST = 200
_CHATS = ("emailIncident", "newsgroupIncident", "chatImIncident", "cellPhoneIncident")


@dataclass(frozen=True)
class FileSeen:
    """An uploaded file, of which only this is kept; `details` is its `<fileDetails>`, if any."""

    file: str
    name: str
    size: int
    md5: str
    sha1: str
    sha256: str
    details: etree._Element | None = None
    later: tuple[Later, ...] = ()


@dataclass(frozen=True)
class Filed:
    """Frame of a report: its ids, the account that filed it, the time of `/finish`, and the elements set aside."""

    report_id: UUID
    number: int
    provider: str
    at: datetime
    later: tuple[Later, ...] = ()


def canonical(tip: etree._Element, files: list[FileSeen], filed: Filed) -> Report:
    """The report. Raises pydantic's ValidationError where the canonical form cannot carry it."""
    users = list(people(tip.findall("personOrUserReported"), "personOrUserReportedPerson", filed.at))
    victims = list(people(tip.findall("victim"), "victimPerson", filed.at))
    value = {
        "report_id": filed.report_id,
        "legal_basis": LAW,
        "language": "en",
        "provider": _provider(tip, filed),
        "urgency": _urgency(tip, files),
        "kinds": [_kind(tip, files)],
        "items": [_item(tip, one, filed) for one in files],
        "locations": _locations(tip) or _of_children(tip, files),
        "geography": list(_geography(tip)),
        "users": users[:_MOST],
        "victims": victims[:_MOST],
        "service": _service(tip, filed),
        "awareness": {"manners": ["own_motion"], "details": _how(tip)},
        "third_country": _elsewhere(tip),
        "removal": _NOT_SAID,
        "user_decision": _decision(tip),
        "confirmation": _confirmed(files, filed),
        "other": _other(tip, files, [*users[_MOST:], *victims[_MOST:]], filed.later),
        "issuance": {"issued_at": filed.at, "time_zone": "UTC", "signatory": _signatory(tip, filed)},
    }
    return Report.model_validate({name: one for name, one in value.items() if one is not None})


def _provider(tip: etree._Element, filed: Filed) -> dict[str, Any]:
    contact = tip.find("reporter/contactPerson")
    who = contact if contact is not None else tip.find("reporter/reportingPerson")
    return {
        "name": filed.provider[:LINE],
        "contact_point": _signatory(tip, filed),
        "contact": cut("\n".join(rest_of(who)) or _signatory(tip, filed), TEXT),
    }


def _signatory(tip: etree._Element, filed: Filed) -> str:
    """The reporting person's address; where the document has none, the account that filed it."""
    return (said(tip, "reporter/reportingPerson/email") or filed.provider)[:LINE]


def _urgency(tip: etree._Element, files: list[FileSeen]) -> dict[str, Any]:
    reason = said(tip, "incidentSummary/escalateToHighPriority")
    return {
        "urgent": bool(reason),
        "reason": reason or None,
        "dangers": dangers(tip, [one.details for one in files]) or None,
    }


def _kind(tip: etree._Element, files: list[FileSeen]) -> str:
    if said(tip, "incidentSummary/incidentType").startswith("Online Enticement"):
        return MaterialKind.SOLICITATION.value
    return (
        MaterialKind.NEW.value if any(_viewed(one) and not _spreads(one) for one in files) else MaterialKind.KNOWN.value
    )


def _viewed(one: FileSeen) -> bool:
    return one.details is not None and one.details.findtext("fileViewedByEsp", "").strip() in ("true", "1")


def _spreads(one: FileSeen) -> list[str]:
    """Circulation of a file as its annotations state it; a meme also by the older element."""
    details = one.details
    if details is None:
        return []
    marks = {kind for kind, tag in SPREAD.items() if details.find(f"fileAnnotations/{tag}") is not None}
    if said(details, "potentialMeme") in ("true", "1"):
        marks.add(Spread.MEME)
    return [kind.value for kind in Spread if kind in marks]


def _confirmed(files: list[FileSeen], filed: Filed) -> dict[str, Any] | None:
    if not any(_viewed(one) for one in files):
        return None
    return {"confirmed_by": "unnamed person at the provider", "at": filed.at, "how": "viewed"}


def _item(tip: etree._Element, one: FileSeen, filed: Filed) -> dict[str, Any]:
    details = one.details
    name = (said(details, "originalFileName") or one.name) if details is not None else one.name
    media_type = mimetypes.guess_type(name)[0]
    kind = (media_type or "").partition("/")[0]
    held = said(details, "locationOfFile") if details is not None else ""
    return {
        "item_id": UUID(hex=one.file),
        "kind": kind if kind in ("image", "video", "text") else "other",
        "md5": one.md5,
        "sha1": one.sha1,
        "sha256": one.sha256,
        "size": one.size,
        "media_type": media_type,
        "original_name": typed(name)[:LINE] or None,
        "metadata": _metadata(details, one.later),
        "spread": _spreads(one) or None,
        "sightings": [_sighting(tip, details)],
        "attachments": [
            {
                "reference": (held or f"CyberTip {filed.number}, file {one.file}")[:LINE],
                "sha256": one.sha256,
                "size": one.size,
                "media_type": media_type or "application/octet-stream",
                "held_by": filed.provider[:LINE],
            }
        ],
    }


def _sighting(tip: etree._Element, details: etree._Element | None) -> dict[str, Any]:
    incident = said(tip, "incidentSummary/incidentDateTime")
    if details is None:
        return {"at": incident}
    event = details.find("ipCaptureEvent")
    at = said(details, "uploadedToEspTimestamp") or (said(event, "dateTime") if event is not None else "")
    return {
        "at": at or incident,
        "url": said(details, "locationOfFile") or None,
        "action": (said(event, "eventName") or None) if event is not None else None,
        "network": _location(event),
    }


def _metadata(details: etree._Element | None, later: tuple[Later, ...]) -> str | None:
    if details is None:
        return None
    known = {"reportId", "fileId", "originalFileName", "locationOfFile", "uploadedToEspTimestamp", "fileViewedByEsp"}
    return cut("\n".join([*lines(details, leave=known), *_later(later)]), TEXT) or None


def _later(later: tuple[Later, ...]) -> Iterator[str]:
    yield from (f"{one.path} (unknown here): {one.text}" for one in later)


def _locations(tip: etree._Element) -> list[dict[str, Any]]:
    found = [_location(event) for event in tip.findall("personOrUserReported/ipCaptureEvent")]
    found += [_location(event) for event in tip.findall("internetDetails/peer2peerIncident/ipCaptureEvent")]
    return [one for one in found if one][:1000]


def _of_children(tip: etree._Element, files: list[FileSeen]) -> list[dict[str, Any]]:
    """Addresses of children, if no other address and no estimate gives the place of the offence.

    Next to another address they would contest the place of the offence, and no state could be determined with
    certainty.
    """
    of_files = [one.details.find("ipCaptureEvent") for one in files if one.details is not None]
    if _locations(tip) or any(map(_location, of_files)) or any(place["country"] for place in _geography(tip)):
        return []
    return [one for event in tip.findall("victim/ipCaptureEvent") if (one := _location(event))][:1000]


def _location(event: etree._Element | None) -> dict[str, Any] | None:
    """An address with its moment; None where one is missing."""
    if event is None or timestamps.read(said(event, "dateTime")) is None:
        return None
    port = said(event, "port")
    return {"ip": said(event, "ipAddress"), "at": said(event, "dateTime"), "port": int(port) if port else None}


def _geography(tip: etree._Element) -> Iterator[dict[str, Any]]:
    for place in tip.findall("personOrUserReported/estimatedLocation"):
        code = said(place, "countryCode")
        words = (said(place, "city"), said(place, "region"), "" if country(code) else code)
        found = {"country": country(code), "place": ", ".join(filter(None, words))[:LINE] or None}
        if any(found.values()):
            yield {**found, "derived_from": "the provider's estimate"}


def _service(tip: etree._Element, filed: Filed) -> dict[str, Any]:
    chats = any(tip.find(f"internetDetails/{kind}") is not None for kind in _CHATS)
    urls = [
        typed(u.text or "")[:URL] for u in tip.findall("internetDetails/webPageIncident/url") if (u.text or "").strip()
    ]
    name = said(tip, "incidentSummary/platform") or said(tip, "personOrUserReported/espService") or filed.provider
    return {
        "kinds": ["interpersonal_communication" if chats else "hosting"],
        "name": name[:LINE],
        "urls": urls[:200],
        "details": cut("\n".join(_incidents(tip)), TEXT) or None,
    }


def _incidents(tip: etree._Element) -> Iterator[str]:
    for details in tip.findall("internetDetails"):
        yield from lines(details, leave={"url"})


def _how(tip: etree._Element) -> str | None:
    summary = tip.find("incidentSummary")
    return cut("\n".join(lines(summary, leave={"escalateToHighPriority", "platform"})), TEXT) or None


def _elsewhere(tip: etree._Element) -> dict[str, Any]:
    told = said(tip, "lawEnforcement/reportedToLe") in ("true", "1")
    return {
        "reported": told,
        "authority": said(tip, "lawEnforcement/agencyName")[:LINE] or _UNNAMED if told else None,
        "reference": said(tip, "lawEnforcement/caseNumber")[:LINE] or None if told else None,
    }


def _decision(tip: etree._Element) -> dict[str, Any]:
    measures = []
    for name, words in (
        ("accountTemporarilyDisabled", "account disabled for a time"),
        ("accountPermanentlyDisabled", "account disabled for good"),
    ):
        for one in tip.findall(f"personOrUserReported/{name}"):
            if (one.text or "").strip() in ("true", "1"):
                measures += [f"{words} {one.get('disabledDate') or ''}".strip()]
    return {"decided": bool(measures), "measures": list(dict.fromkeys(measures))[:50]}


def _other(
    tip: etree._Element, files: list[FileSeen], beyond: list[dict[str, Any]], later: tuple[Later, ...]
) -> dict[str, Any] | None:
    parts = [*([CHILDS] if _of_children(tip, files) else []), *_later(later)]
    for name in ("intendedRecipient", "lawEnforcement", "reporter", "additionalInfo", "batchedReport"):
        for element in tip.findall(name):
            parts += [f"{name}: {line}" for line in (rest_of(element) if len(element) else [typed(element.text or "")])]
    parts += [f"a further account: {', '.join(f'{name} {value}' for name, value in one.items())}" for one in beyond]
    text = cut("\n".join(part for part in parts if part.strip()), TEXT)
    return {"text": text} if text else None
