"""Map of each report field to its place in a submission, for people who choose a recipient.

A test proves every line. The Centre receives every field unchanged. `text` means: written as text, which cannot be
searched or used in computation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tutela.exchange.cybertip.to_report import SPREAD
from tutela.exchange.report.report import Report

TEXT = "text"
# Users beyond the first in `users`, and all persons with a relation, are accounts associated with the first.
_PERSON = {
    "relation": "associatedAccount",
    "postal_countries": f"country, {TEXT}",
    "usernames": "screenName, displayName",
    "emails": "email",
    "phones": "phone",
    "mailing_address": "address",
    "profile": "profileBio",
    "profile_urls": "profileUrl",
    "other_emails": "email",
    "other_phones": "phone",
    "billing": TEXT,
    "last_login": TEXT,
    "identifiers": "espIdentifier",
    "residence": TEXT,
    "account_country": TEXT,
    "language": TEXT,
    "age_group": TEXT,
    "gender": TEXT,
    "other": TEXT,
}
# Of an item: with its file, and without.
_ITEM = {
    "item_id": (TEXT, TEXT),
    "kind": (TEXT, TEXT),
    "md5": ("originalFileHash", TEXT),
    "sha1": ("originalFileHash", TEXT),
    "sha256": ("originalFileHash", TEXT),
    "pdq": ("details", TEXT),
    "size": (TEXT, TEXT),
    "media_type": (TEXT, TEXT),
    "original_name": ("originalFileName", TEXT),
    "created": (TEXT, TEXT),
    "metadata": (TEXT, TEXT),
    "series": (TEXT, TEXT),
    "sightings": ("uploadedToEspTimestamp, locationOfFile, ipCaptureEvent", TEXT),
    "matches": (TEXT, TEXT),
    "attachments": (TEXT, TEXT),
    "spread": (", ".join(SPREAD.values()), TEXT),
}
_MAP = {
    "report_id": TEXT,
    "legal_basis.regime": TEXT,
    "legal_basis.act": TEXT,
    "legal_basis.article": TEXT,
    "language": TEXT,
    "provider.name": "companyTemplate",
    "provider.contact_point": "companyTemplate",
    "provider.contact": "companyTemplate",
    "provider.legal_representative": "companyTemplate",
    "urgency.urgent": "escalateToHighPriority",
    "urgency.reason": "escalateToHighPriority",
    "urgency.dangers": f"sextortion, {TEXT}",
    "kinds": "incidentType",
    "other_data.text": TEXT,
    "other_data.attachments": TEXT,
    "locations": "ipCaptureEvent",
    "geography": "estimatedLocation",
    "service.kinds": "internetDetails",
    "service.name": "platform",
    "service.urls": "url",
    "service.details": TEXT,
    "awareness.manners": TEXT,
    "awareness.details": TEXT,
    "third_country.reported": "reportedToLe",
    "third_country.authority": "agencyName",
    "third_country.reference": "caseNumber",
    "removal.removed_or_disabled": TEXT,
    "removal.at": TEXT,
    "removal.details": TEXT,
    "user_decision.decided": TEXT,
    "user_decision.measures": "accountTemporarilyDisabled, accountPermanentlyDisabled",
    "user_decision.details": TEXT,
    "other.text": TEXT,
    "other.attachments": TEXT,
    "confirmation.confirmed_by": TEXT,
    "confirmation.at": TEXT,
    "confirmation.how": "fileViewedByEsp",
    "preservation.until": TEXT,
    "preservation.reference": TEXT,
    "steps": TEXT,
    "issuance.issued_at": TEXT,
    "issuance.time_zone": TEXT,
    "issuance.signatory": "companyTemplate",
    "issuance.time_stamp": TEXT,
}


@dataclass(frozen=True)
class Carried:
    """A field that a report has, and the elements that carry it; `text` where only words do."""

    field: str
    elements: str

    @property
    def as_text(self) -> bool:
        return self.elements == TEXT


def known() -> dict[str, tuple[str, str]]:
    """Every field, with its place in a submission with files and without."""
    out = {name: (where, where) for name, where in _MAP.items()}
    out["confirmation.how"] = ("fileViewedByEsp", TEXT)
    for who in ("users", "victims"):
        out |= {f"{who}.{name}": (where, where) for name, where in _PERSON.items()}
    return out | {f"items.{name}": where for name, where in _ITEM.items()}


def carried(report: Report, *, with_files: bool) -> list[Carried]:
    """The fields that this report has, in its order."""
    places = known()
    return [Carried(name, places[name][0 if with_files else 1]) for name in dict.fromkeys(_given(report, places))]


def _given(report: Report, places: Iterable[str]) -> Iterator[str]:
    wanted = set(places)
    for name in Report.model_fields:
        value = getattr(report, name)
        if name in wanted:
            if value not in (None, (), ""):
                yield name
        else:
            for one in value if isinstance(value, tuple) else (value,):
                yield from _below(one, name, wanted)


def _below(value: Any, name: str, wanted: set[str]) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for inner in type(value).model_fields:
            if f"{name}.{inner}" in wanted and getattr(value, inner) not in (None, (), ""):
                yield f"{name}.{inner}"
