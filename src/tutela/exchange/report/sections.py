"""Sections of a report: the provider, the service, and the decisions."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line, Lines, Text, Url
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.report.fields import Attachment


class MaterialKind(StrEnum):
    """Annex III, section 2 (2)."""

    KNOWN = "known"
    NEW = "new"
    SOLICITATION = "solicitation"


class Danger(StrEnum):
    """A danger to a child now, as the reporter knows it. Our own codes; the template has text."""

    IMMINENT = "imminent"
    SELF_HARM = "self_harm"
    LIVE = "live"
    ACCESS = "access"
    TRAVEL = "travel"
    EXTORTION = "extortion"
    TRAFFICKING = "trafficking"
    CONTACT = "contact"
    VIOLENCE = "violence"
    YOUNG_CHILD = "young_child"
    REPEAT_UPLOADER = "repeat_uploader"


class ServiceKind(StrEnum):
    """Annex III, section 2 (7)."""

    HOSTING = "hosting"
    INTERPERSONAL_COMMUNICATION = "interpersonal_communication"


class Awareness(StrEnum):
    """Annex III, section 2 (8): how the provider became aware."""

    DETECTION_ORDER = "detection_order"
    PUBLIC_AUTHORITY = "public_authority"
    HOTLINE = "hotline"
    USER_FLAG = "user_flag"
    OWN_MOTION = "own_motion"
    OTHER = "other"


class Regime(StrEnum):
    """Law under which a report is made; the legal act itself is named in a separate field."""

    CSAR = "csar"
    INTERIM_REGULATION = "interim_regulation"
    DSA_ARTICLE_18 = "dsa_article_18"
    NATIONAL_LAW = "national_law"
    VOLUNTARY = "voluntary"
    # Of a third country, as reports by the CyberTipline interface are.
    FOREIGN_LAW = "foreign_law"


class LegalBasis(Wire):
    """Art 13(1)(k): the reference that a report is made under."""

    regime: Regime
    act: Line
    article: Line | None = None


class LegalRepresentative(Wire):
    name: Line
    contact: Text


class ProviderIdentity(Wire):
    """Annex III, section 1."""

    name: Line
    contact_point: Line
    contact: Text
    legal_representative: LegalRepresentative | None = None


class Urgency(Wire):
    """Urgency (Annex III, section 2 (1)).

    `dangers` states known dangers in terms that can be counted; absent if none is known.
    """

    urgent: bool
    reason: Text | None = None
    dangers: Annotated[tuple[Danger, ...], Field(min_length=1, max_length=len(Danger))] | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.urgent and not self.reason:
            raise ValueError("an urgent report needs a reason")
        if self.dangers and len(set(self.dangers)) < len(self.dangers):
            raise ValueError("a danger must be given only once")
        return self


class OtherData(Wire):
    """Annex III, section 2 (4) and (13)."""

    text: Text | None = None
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=200)] = ()


class Service(Wire):
    """Annex III, section 2 (7)."""

    kinds: Annotated[tuple[ServiceKind, ...], Field(min_length=1, max_length=2)]
    name: Line
    urls: Annotated[tuple[Url, ...], Field(max_length=200)] = ()
    details: Text | None = None


class MannerOfAwareness(Wire):
    """Annex III, section 2 (8)."""

    manners: Annotated[tuple[Awareness, ...], Field(min_length=1, max_length=6)]
    details: Text | None = None


class ThirdCountryReport(Wire):
    """Annex III, section 2 (9)."""

    reported: bool
    authority: Line | None = None
    reference: Line | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.reported and not self.authority:
            raise ValueError("a report to a third country must name the authority or entity")
        return self


class Removal(Wire):
    """Annex III, section 2 (10)."""

    removed_or_disabled: bool
    at: Moment | None = None
    details: Text | None = None


class UserDecision(Wire):
    """Annex III, section 2 (11)."""

    decided: bool
    measures: Lines = ()
    details: Text | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.decided and not (self.measures or self.details):
            raise ValueError("a decision on a user must name the decision")
        return self


class HowConfirmed(StrEnum):
    """`unopened`: an exact copy of a certified item, confirmed from its hashes without being displayed."""

    VIEWED = "viewed"
    UNOPENED = "unopened"


class HumanConfirmation(Wire):
    """Person who decided that this is to be reported; a role or staff number, not a name."""

    confirmed_by: Line
    at: Moment
    how: HowConfirmed


class StepKind(StrEnum):
    """Step of an item at the provider before its report was sent."""

    UPLOAD_SEEN = "upload_seen"
    LIST_MATCHED = "list_matched"
    PUT_FIRST = "put_first"
    REVIEWER_CONFIRMED = "reviewer_confirmed"
    REVIEWER_REJECTED = "reviewer_rejected"
    OPENED_BY_HAND = "opened_by_hand"


class Step(Wire):
    """One step at the provider, so that later readers see the whole process.

    A step names a role or number, not a person.
    """

    kind: StepKind
    at: Moment
    by: Line


class Preservation(Wire):
    """Until when the provider keeps what is reported, by its own word, and under which reference to ask for it."""

    until: Moment
    reference: Line | None = None


class Issuance(Wire):
    """Annex III, section 3. The signature is that of the envelope; `time_stamp` a reference to an outside stamp."""

    issued_at: Moment
    time_zone: Line
    signatory: Line
    time_stamp: Line | None = None
