"""Withdrawal of an indicator or a whole report that turned out to be wrong; every recipient is told.

An authority that the Centre cannot reach fetches its pending withdrawals, or gets them as a file that the Centre signs.
The authority then confirms which of them it has.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line, Text, printable
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.referral.reason_codes import ReasonCode


class Withdrawal(Wire):
    """Withdrawal of an indicator or report, and the reason.

    `report_ids` are the recipient's reports that relied on it.
    """

    schema_version: Literal["1"] = "1"
    indicator: UUID | None = None
    report_ids: Annotated[tuple[UUID, ...], Field(max_length=10_000)] = ()
    reason: Text
    # A `ReasonCode`, where no person wrote the reason.
    reason_code: Line | None = None
    at: Moment
    centre: Line | None = None

    @property
    def said(self) -> str:
        """The reason as it is stored: its code if that is known here, otherwise the text."""
        return self.reason_code if self.reason_code and self.reason_code in ReasonCode else self.reason

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.indicator is None and not self.report_ids:
            raise ValueError("must name an indicator or a report")
        return self


WITHDRAWALS_CONTEXT = "tutela/withdrawals/1"
MOST_WITHDRAWALS = 200
type MessageKey = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(printable)]


class CarriedWithdrawal(Wire):
    """A withdrawal with its network idempotency key: a second delivery has no further effect."""

    key: MessageKey
    body: Withdrawal


class Withdrawals(Wire):
    """Withdrawals to send to one authority, oldest first; `more` means that further ones follow."""

    schema_version: Literal["1"] = "1"
    authority_id: UUID
    centre: Line
    at: Moment
    withdrawals: Annotated[tuple[CarriedWithdrawal, ...], Field(max_length=MOST_WITHDRAWALS)] = ()
    more: bool = False


class WithdrawalsTaken(Wire):
    """Withdrawals that the authority has received; they are no longer pending."""

    schema_version: Literal["1"] = "1"
    authority: Line
    keys: Annotated[tuple[MessageKey, ...], Field(min_length=1, max_length=MOST_WITHDRAWALS)]
