"""Simulation of the orders of COM(2022) 209: removal (Annexes IV, V and VI), blocking, delisting and detection.

The proposal is not law. Every model needs `simulation: true`, so that no message can pass for a real order, and each
text that is made from one must say so.

Deadline (`execution_deadline`): 24 hours from receipt. Where the provider reports impossibility or missing information
without undue delay (Annex V), a new period of 24 hours begins when the reason ends or the clarification arrives.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line, Text
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.takedown.fields import Language, Reference
from tutela.exchange.takedown.order import Authority, OrderedLocation

EXECUTION_HOURS = 24
# Article 15(4): six weeks, extended once by at most six weeks.
LONGEST_NON_DISCLOSURE = timedelta(weeks=6)
# Article 16(6), and Article 7(9) for known and new material, and for solicitation.
LONGEST_BLOCKING_DAYS, LONGEST_DETECTION_DAYS, LONGEST_SOLICITATION_DAYS = 5 * 366, 731, 366


class RemovalGround(StrEnum):
    """Boxes of Annex IV, section 3, by their number in the form."""

    BOX_1 = "annex_iv_3_1"
    BOX_2 = "annex_iv_3_2"
    BOX_3 = "annex_iv_3_3"
    BOX_4 = "annex_iv_3_4"
    BOX_5 = "annex_iv_3_5"
    BOX_6 = "annex_iv_3_6"


class ImpossibleBecause(StrEnum):
    """Annex V, section 3."""

    FORCE_MAJEURE = "force_majeure"
    MANIFEST_ERRORS = "manifest_errors"
    MISSING_INFORMATION = "missing_information"


class _Simulated(Wire):
    schema_version: Literal["1"] = "1"
    # No default: who builds one states it.
    simulation: Literal[True]


class NonDisclosure(Wire):
    """Meanwhile the user is not informed."""

    until: Moment
    reason: Text
    extended: bool = False


class RemovalOrder(_Simulated):
    """Annex IV."""

    requesting_authority: Authority
    issuing_authority: Authority
    reference: Reference
    provider: Line
    legal_representative: Line | None = None
    contact_point: Line
    service: Line
    locations: Annotated[tuple[OrderedLocation, ...], Field(min_length=1, max_length=100)]
    grounds: Annotated[tuple[RemovalGround, ...], Field(min_length=1, max_length=len(RemovalGround))]
    non_disclosure: NonDisclosure | None = None
    follow_up_contact: Line
    reasons: Text
    court: Line
    redress_time_limits: Line
    redress_provisions: Line
    redress_more: Text | None = None
    language: Language
    issued_at: Moment
    signatory: Line

    @model_validator(mode="after")
    def _within_limits(self) -> Self:
        if self.non_disclosure is not None:
            longest = LONGEST_NON_DISCLOSURE * (2 if self.non_disclosure.extended else 1)
            if not self.issued_at < self.non_disclosure.until <= self.issued_at + longest:
                raise ValueError("non_disclosure must end within 6 weeks, or within 12 weeks if it was extended once")
        if len(set(self.grounds)) < len(self.grounds):
            raise ValueError("grounds must not contain a value twice")
        return self


class Measure(StrEnum):
    """Measures other than removal: Articles 16 (blocking), 7 (detection), and delisting as in the general approach."""

    BLOCKING = "blocking"
    DELISTING = "delisting"
    DETECTION = "detection"


class Detected(StrEnum):
    """What a detection order is about (Annex I)."""

    KNOWN = "known"
    NEW = "new"
    SOLICITATION = "solicitation"


class MeasureOrder(_Simulated):
    """Blocking order (Annex VII), delisting order, or detection order (Annex I)."""

    measure: Measure
    requesting_authority: Authority
    issuing_authority: Authority
    reference: Reference
    provider: Line
    contact_point: Line
    service: Line
    locations: Annotated[tuple[OrderedLocation, ...], Field(max_length=1000)] = ()
    detects: Annotated[tuple[Detected, ...], Field(max_length=len(Detected))] = ()
    # First and last day; a delisting order has none.
    begins: date | None = None
    ends: date | None = None
    safeguards: Text
    reasons: Text
    follow_up_contact: Line
    court: Line
    redress_time_limits: Line
    redress_provisions: Line
    language: Language
    issued_at: Moment
    signatory: Line

    @model_validator(mode="after")
    def _fits_measure(self) -> Self:
        detection = self.measure is Measure.DETECTION
        if detection == bool(self.locations):
            raise ValueError("locations are required for blocking and delisting, and only then")
        if detection != bool(self.detects):
            raise ValueError("detects is required for detection, and only then")
        if self.measure is Measure.DELISTING:
            return self
        if self.begins is None or self.ends is None:
            raise ValueError("begins and ends are required for blocking and detection")
        longest = LONGEST_DETECTION_DAYS if detection else LONGEST_BLOCKING_DAYS
        longest = LONGEST_SOLICITATION_DAYS if Detected.SOLICITATION in self.detects else longest
        if not self.issued_at.date() < self.begins <= self.ends <= self.begins + timedelta(days=longest):
            raise ValueError(f"begins must be after issued_at, and ends at most {longest} days later")
        return self


class _ProviderAnswer(_Simulated):
    provider: Line
    contact_point: Line
    contact: Line
    file_reference: Reference | None = None
    requesting_authority: Line
    issuing_authority: Line
    reference: Reference
    received_at: Moment
    issued_at: Moment
    signatory: Line

    @model_validator(mode="after")
    def _after_receipt(self) -> Self:
        if self.issued_at < self.received_at:
            raise ValueError("issued_at must not be before received_at")
        return self


class OrderImpossible(_ProviderAnswer):
    """Annex V: the order cannot be executed, or not yet."""

    because: ImpossibleBecause
    explanation: Text


class OrderExecution(StrEnum):
    """Annex VI, section 3. Access is disabled in all Member States."""

    REMOVED = "removed"
    DISABLED = "disabled"


class OrderExecuted(_ProviderAnswer):
    """Annex VI: the order was executed."""

    execution: OrderExecution
    executed_at: Moment

    @model_validator(mode="after")
    def _executed_between(self) -> Self:
        if not self.received_at <= self.executed_at <= self.issued_at:
            raise ValueError("executed_at must be between received_at and issued_at")
        return self


class MeasureExecuted(_ProviderAnswer):
    """A blocking, delisting or detection order was executed. The proposal has no annex for this answer."""

    executed_at: Moment

    @model_validator(mode="after")
    def _executed_between(self) -> Self:
        if not self.received_at <= self.executed_at <= self.issued_at:
            raise ValueError("executed_at must be between received_at and issued_at")
        return self


def execution_deadline(
    received_at: datetime, interruptions: Iterable[tuple[datetime, datetime | None]] = ()
) -> datetime | None:
    """The end of the period for execution, in UTC; None while an interruption lasts.

    An interruption is (reported, ended). It counts only if it was reported within the period that ran then. Times need
    a zone: a night with a change of the clocks has 24 hours too.
    """
    deadline = received_at.astimezone(UTC) + timedelta(hours=EXECUTION_HOURS)
    for reported, ended in sorted(interruptions, key=lambda one: one[0]):
        if not received_at <= reported <= deadline:
            continue
        if ended is None:
            return None
        deadline = max(deadline, ended.astimezone(UTC) + timedelta(hours=EXECUTION_HOURS))
    return deadline
