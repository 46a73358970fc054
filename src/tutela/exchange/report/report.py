"""Canonical report: every field of Annex III, with digests and references in place of content.

One id is used from the provider to the court. `ANNEX_III` proves that the template is complete; a test reads it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.canonical_json import canonical, loaded
from tutela.exchange.report.fields import GeographicInformation, Item, NetworkLocation, Person
from tutela.exchange.report.sections import (
    HowConfirmed,
    HumanConfirmation,
    Issuance,
    LegalBasis,
    MannerOfAwareness,
    MaterialKind,
    OtherData,
    Preservation,
    ProviderIdentity,
    Regime,
    Removal,
    Service,
    Step,
    ThirdCountryReport,
    Urgency,
    UserDecision,
)

REPORT_CONTEXT = "tutela/report/1"
MOST_ITEMS = 1000

ANNEX_III: dict[str, tuple[str, ...]] = {
    "1 name": ("provider.name", "provider.legal_representative.name"),
    "1 contact point": ("provider.contact_point",),
    "1 contact information": ("provider.contact", "provider.legal_representative.contact"),
    "2(1) urgent": ("urgency.urgent", "urgency.reason", "urgency.dangers"),
    "2(2) type": ("kinds",),
    "2(3) content": ("items",),
    "2(4) other data": ("other_data.text", "other_data.attachments", "items.metadata", "items.created"),
    "2(5) network": ("locations.ip", "locations.port", "locations.at", "locations.time_zone"),
    "2(5) geographic": ("geography",),
    "2(6) users": ("users",),
    "2(7) service": ("service.kinds", "service.urls", "service.details"),
    "2(8) awareness": ("awareness.manners", "awareness.details"),
    "2(9) third country": ("third_country.reported", "third_country.authority", "third_country.reference"),
    "2(10) removed": ("removal.removed_or_disabled",),
    "2(11) user decision": ("user_decision.decided", "user_decision.measures"),
    "2(12) victims": ("victims",),
    "2(13) other": ("other.text", "other.attachments"),
    "3 issuance": ("issuance.issued_at", "issuance.time_zone", "issuance.time_stamp", "issuance.signatory"),
    "13(1)(k) legal basis": ("legal_basis.act", "legal_basis.regime"),
}


class Report(Wire):
    """A report of potential online child sexual abuse. Holds no media; digests and references say what it is about."""

    schema_version: Literal["1"] = "1"
    report_id: UUID
    legal_basis: LegalBasis
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
    provider: ProviderIdentity
    urgency: Urgency
    kinds: Annotated[tuple[MaterialKind, ...], Field(min_length=1, max_length=3)]
    items: Annotated[tuple[Item, ...], Field(max_length=MOST_ITEMS)] = ()
    other_data: OtherData | None = None
    locations: Annotated[tuple[NetworkLocation, ...], Field(max_length=1000)] = ()
    geography: Annotated[tuple[GeographicInformation, ...], Field(max_length=100)] = ()
    users: Annotated[tuple[Person, ...], Field(max_length=200)] = ()
    service: Service
    awareness: MannerOfAwareness
    third_country: ThirdCountryReport
    removal: Removal | None = None
    user_decision: UserDecision
    victims: Annotated[tuple[Person, ...], Field(max_length=200)] = ()
    other: OtherData | None = None
    confirmation: HumanConfirmation | None = None
    preservation: Preservation | None = None
    steps: Annotated[tuple[Step, ...], Field(max_length=100)] = ()
    issuance: Issuance

    @classmethod
    def received(cls, data: bytes, provider: UUID) -> Self:
        """Read a report as its provider sent it, as `from_bytes`.

        A report without `report_id` has one that is derived from provider and content, so that the same report sent
        again has the same id.
        """
        value = loaded(data)
        if isinstance(value, dict) and "report_id" not in value:
            value["report_id"] = str(uuid5(provider, hashlib.sha256(canonical(value)).hexdigest()))
            data = json.dumps(value).encode()
        return cls.from_bytes(data)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if len(set(self.kinds)) != len(self.kinds):
            raise ValueError("kinds must not contain a kind twice")
        if len({item.item_id for item in self.items}) != len(self.items):
            raise ValueError("items must not contain an item_id twice")
        if self.removal is None and {MaterialKind.KNOWN, MaterialKind.NEW} & set(self.kinds):
            raise ValueError("removal is required for known and new material")
        # Interim regime: nothing previously unidentified is reported without prior human confirmation. What is reported
        # under the law of a third country is not held to it, and is shown as not confirmed.
        ours = self.legal_basis.regime is not Regime.FOREIGN_LAW
        if ours and self.confirmation is None and {MaterialKind.NEW, MaterialKind.SOLICITATION} & set(self.kinds):
            raise ValueError("confirmation is required for new material and solicitation")
        # Unopened means: an exact copy of the listed item. What nobody has seen cannot be new.
        unseen = self.confirmation is not None and self.confirmation.how is HowConfirmed.UNOPENED
        if unseen and {MaterialKind.NEW, MaterialKind.SOLICITATION} & set(self.kinds):
            raise ValueError("new material and solicitation must be confirmed by a person who has viewed them")
        return self
