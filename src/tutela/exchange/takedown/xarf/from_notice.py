"""XARF documents of a DSA notice: one document for each location."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tutela.exchange.takedown.json_checks import Finding
from tutela.exchange.takedown.notice import Location, Notice, RequestedAction
from tutela.exchange.takedown.web_address import as_uri, normalise
from tutela.exchange.takedown.xarf.document import XarfInvalidError, domain_of, generate

# Only what can be said without loss of meaning, in lower case. A UK letter has no counterpart: a named refusal.
CLASSIFICATIONS = {
    "interpol:baseline": "baseline",
    "iccam:1": "baseline",
    **{f"ncmec:{value.lower()}": value for value in ("A1", "A2", "B1", "B2")},
}
_REQUESTS = {
    RequestedAction.REMOVE: "Please remove the item and confirm.",
    RequestedAction.DISABLE: "Please disable access to the item and confirm.",
    RequestedAction.REMOVE_AND_PRESERVE: "Please remove the item, preserve its data and confirm.",
}


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation as XARF names it. `domain` is that of its own site."""

    org: str
    contact: str
    domain: str

    def as_json(self) -> dict[str, str]:
        """Its form on the wire."""
        return {"org": self.org, "contact": self.contact, "domain": self.domain}


@dataclass(frozen=True, slots=True)
class Assessed:
    """What the notice itself does not say: the label as `scheme:value`, the host, and when the item was seen."""

    classification: str
    seen_at: datetime
    media_type: str = "mixed"
    source_ip: str = ""
    hosting_provider: str = ""
    asn: int | None = None
    country_code: str = ""
    detection_method: str = "manual_review"


def from_notice(
    notice: Notice,
    location: Location,
    assessed: Assessed,
    party: Party,
    *,
    report_id: UUID | None = None,
    strict: bool = False,
) -> bytes:
    """The `csam` document of one location. Raises `XarfInvalidError` where the format cannot say it.

    `report_id`: a random UUID (version 4); the same for every copy of one report.
    """
    classification = CLASSIFICATIONS.get(assessed.classification.lower())
    if classification is None:
        raise XarfInvalidError([Finding("classification", "has no counterpart in XARF: send the notice as e-mail")])
    values = _values(notice, location, assessed, party, classification)
    given = {name: value for name, value in values.items() if value is not None}
    return generate(given, report_id=report_id, strict=strict)


def _values(
    notice: Notice, location: Location, assessed: Assessed, party: Party, classification: str
) -> dict[str, Any]:
    address = normalise(location.url)
    tag = f"custom:{notice.reference.lower()}"
    return {
        "timestamp": _utc(assessed.seen_at),
        "reporter": party.as_json(),
        "sender": party.as_json(),
        "source_identifier": assessed.source_ip or address.host or address.content_id,
        "category": "content",
        "type": "csam",
        "url": as_uri(address),
        "domain": domain_of(address.host),
        "hosting_provider": assessed.hosting_provider or None,
        "asn": assessed.asn,
        "country_code": assessed.country_code or None,
        "verified_at": _utc(assessed.seen_at),
        "verification_method": "manual",
        "classification": classification,
        "detection_method": assessed.detection_method,
        "media_type": assessed.media_type,
        "hash_values": location.hashes.model_dump(exclude_none=True) if location.hashes else None,
        "content_removed": False,
        "evidence_source": "analyst_assessment",
        "description": f"{_REQUESTS[notice.requested_action]} Reference {notice.reference}.",
        # References may have signs that a tag may not.
        "tags": [tag] if all(char.isalnum() or char in ":_+-" for char in tag) and tag.count(":") == 1 else None,
    }


def _utc(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
