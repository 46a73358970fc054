"""Reconciliation: the same reports as their sender and as their recipient counted them. Differences are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tutela.exchange.message.translatable_text import Term
from tutela.exchange.message.translatable_text import marked as _
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.period import ReportingPeriod


class Agreement(Term):
    """Whether two counts of the same agree."""

    EQUAL = "equal", _("both counts are equal")
    DIFFERENT = "different", _("the counts differ")
    SENDER_SILENT = "sender_silent", _("the sender publishes no count")
    RECIPIENT_SILENT = "recipient_silent", _("the recipient publishes no count")


@dataclass(frozen=True)
class Reconciled:
    """A sender's count and the recipient's, of one period."""

    sender: str
    period: ReportingPeriod
    stated: float | None
    received: float | None

    @property
    def agreement(self) -> Agreement:
        """Whether the counts agree."""
        if self.stated is None:
            return Agreement.SENDER_SILENT
        if self.received is None:
            return Agreement.RECIPIENT_SILENT
        return Agreement.EQUAL if self.stated == self.received else Agreement.DIFFERENT


def reconcile(stated: Sequence[Figure], received: Sequence[Figure]) -> list[Reconciled]:
    """Pair counts by their label and period; one that only one side has stays, too."""
    ours = {(one.label, one.period): None if one.is_missing else one.number for one in stated}
    theirs = {(one.label, one.period): None if one.is_missing else one.number for one in received}
    return [Reconciled(*key, ours.get(key), theirs.get(key)) for key in sorted({*ours, *theirs})]
