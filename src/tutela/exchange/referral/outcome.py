"""Answers from the authority: arrival of a referral, and its outcome."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Country, Line, Sha256, Text
from tutela.exchange.message.timestamps import Moment

ACKNOWLEDGEMENT_CONTEXT = "tutela/acknowledgement/1"
OUTCOME_CONTEXT = "tutela/outcome/1"


# Children that one step can be about; each by a pseudonym of the authority's own, the same in every referral.
MOST_CHILDREN = 50
type Pseudonym = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class OutcomeKind(StrEnum):
    TAKEN_UP = "taken_up"
    NO_ACTION = "no_action"
    PERSON_IDENTIFIED = "person_identified"
    # Identified, and somebody sees to its protection.
    VICTIM_IDENTIFIED = "victim_identified"
    CHARGED = "charged"
    CONVICTED = "convicted"
    CLOSED = "closed"


class ReleaseLevel(StrEnum):
    """Limit of how far an outcome may travel back; a receiver never forwards it further."""

    CENTRE_ONLY = "centre_only"
    PROVIDER = "provider"
    STATISTICS = "statistics"


class Acknowledgement(Wire):
    """The authority has the referral. The sender may now delete the sealed evidence.

    `received_at`: when the package arrived; `acknowledged_at`: when a person took note of it.
    """

    schema_version: Literal["1"] = "1"
    referral_id: UUID
    received_at: Moment
    referral_sha256: Sha256
    acknowledged_at: Moment | None = None
    authority: Line
    file_reference: Line | None = None


class Returned(Wire):
    """The referral belongs to another authority: the reason, and the likely one.

    No further answer follows under this referral.
    """

    schema_version: Literal["1"] = "1"
    referral_id: UUID
    reason: Text
    country: Country | None = None
    at: Moment
    authority: Line


class Outcome(Wire):
    """One step of what became of a referral. Steps accumulate; none replaces an earlier one."""

    schema_version: Literal["1"] = "1"
    outcome_id: UUID
    referral_id: UUID
    report_ids: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()
    kind: OutcomeKind
    reason: Text | None = None
    at: Moment
    authority: Line
    release: ReleaseLevel
    children: Annotated[tuple[Pseudonym, ...], Field(max_length=MOST_CHILDREN)] = ()

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.kind is OutcomeKind.NO_ACTION and not self.reason:
            raise ValueError("an outcome without action needs a reason")
        if self.children and self.kind is not OutcomeKind.VICTIM_IDENTIFIED:
            raise ValueError("name children only if they were identified")
        if len(set(self.children)) != len(self.children):
            raise ValueError("children must not contain a child twice")
        return self
