"""Reversal of a mistake, sent to each earlier recipient, and the recipient's final answer.

A reversal names what the recipient got: its reports, an entry of the register, or the reference of a notice. It has
codes only: no text of a person, no name, no digest. The answer says whether the recipient has corrected or erased what
it had, or keeps it with a reason (Directive (EU) 2016/680 Art. 16).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line
from tutela.exchange.message.timestamps import Moment

MOST_REPORTS = 1000


class ErrorKind(StrEnum):
    """What was wrong."""

    CHANCE = "chance"
    LISTED_IN_ERROR = "listed_in_error"
    OTHER_ITEM = "other_item"
    LAWFUL_CONTEXT = "lawful_context"
    WRONG_ACCOUNT = "wrong_account"
    WRONG_ADDRESS = "wrong_address"
    OTHER = "other"


class ReversalOutcome(StrEnum):
    """What the recipient did."""

    CORRECTED = "corrected"
    ERASED = "erased"
    KEPT = "kept"


class KeptBecause(StrEnum):
    """Why a recipient keeps what it has: Directive (EU) 2016/680 Art. 16(3) and (4), or a reason of its own."""

    EVIDENCE = "evidence"
    ACCURACY_CONTESTED = "accuracy_contested"
    VITAL_INTERESTS = "vital_interests"
    SEPARATE_REASON = "separate_reason"
    LEGAL_OBLIGATION = "legal_obligation"


class Consequence(StrEnum):
    """What an error cost at a recipient. It stays with the Centre's ledger and is never passed on."""

    POLICE_CONTACT = "police_contact"
    SEARCH = "search"
    CHILD_WELFARE = "child_welfare"


class EntryOutcome(StrEnum):
    """What a Centre did with the entry that a reversal names."""

    STOPPED = "stopped"
    UNCHANGED = "unchanged"


class Reversal(Wire):
    """A recipient got something that was wrong. `reversal` identifies the mistake at everybody."""

    schema_version: Literal["1"] = "1"
    reversal: UUID
    reference: Line
    error: ErrorKind
    report_ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_REPORTS)] = ()
    indicator: UUID | None = None
    notice: Line | None = None
    at: Moment

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.report_ids and self.indicator is None and self.notice is None:
            raise ValueError("must name a report, an indicator or a notice")
        return self


class ReversalAnswer(Wire):
    """What the recipient of a reversal did, and when.

    `entry`: what the Centre did with the entry that the reversal names; absent if it names none.
    """

    schema_version: Literal["1"] = "1"
    reversal: UUID
    outcome: ReversalOutcome
    because: KeptBecause | None = None
    consequences: Annotated[tuple[Consequence, ...], Field(max_length=3)] = ()
    entry: EntryOutcome | None = None
    at: Moment

    @model_validator(mode="after")
    def _has_reason(self) -> Self:
        if (self.outcome is ReversalOutcome.KEPT) != (self.because is not None):
            raise ValueError("because is required if something is kept, and only then")
        return self
