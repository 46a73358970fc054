"""Yearly report of a trusted flagger (DSA Art. 22(3)): notices by provider, type of content and action.

The rows are the entries of the ledger that began in the year, each counted once. So every total equals the ledger's.
The report names providers, never a person or an address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tutela.takedown.ledger.entries import HostAnswer, LedgerEntry, Result


class Action(StrEnum):
    """Action of the provider, Art. 22(3)(c)."""

    VERIFIED = "verified"
    SAID = "said"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    NONE = "none"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"


_OF_RESULT = {
    Result.REMOVED: Action.VERIFIED,
    Result.REFUSED: Action.REFUSED,
    Result.MOVED: Action.MOVED,
    Result.WITHDRAWN: Action.WITHDRAWN,
}
# Of an open entry the newest answer is the action.
_OF_ANSWER = {
    HostAnswer.REMOVED: Action.SAID,
    HostAnswer.DISABLED: Action.SAID,
    HostAnswer.NOT_FOUND: Action.NOT_FOUND,
}


@dataclass(frozen=True)
class YearlyLine:
    """Number of entries, and of notices in them, at a provider, of a type, with an action."""

    provider: str
    label: str
    action: Action
    entries: int
    notices: int


@dataclass(frozen=True)
class YearlyReport:
    """The rows of a report, and their totals."""

    rows: list[YearlyLine]
    entries: int
    notices: int


def action_of(entry: LedgerEntry) -> Action:
    """What the provider did."""
    if entry.result in _OF_RESULT:
        return _OF_RESULT[entry.result]
    return _OF_ANSWER.get(entry.answer, Action.NONE) if entry.answer else Action.NONE


def yearly_report(entries: Iterable[LedgerEntry]) -> YearlyReport:
    """The report on the entries of a year."""
    counted = dict[tuple[str, str, Action], list[int]]()
    for one in entries:
        numbers = counted.setdefault((one.provider, one.label, action_of(one)), [0, 0])
        numbers[0] += 1
        numbers[1] += one.notices
    rows = [YearlyLine(*key, *counted[key]) for key in sorted(counted)]
    return YearlyReport(rows, sum(one.entries for one in rows), sum(one.notices for one in rows))
