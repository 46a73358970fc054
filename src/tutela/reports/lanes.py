"""Lanes: a sender's flood of empty reports stands behind everybody else's, and delays nobody.

Empty is a report that says neither who nor where: no account and no address. A provider's first `AN_HOUR` of an hour
stand where all reports stand; what is beyond has a lane of its own, behind all others of the same urgency. Urgent stays
above what is not, and everything is kept, has its look-by date and is judged: a lane orders and never closes.
"""

from __future__ import annotations

from tutela.exchange.report import Report

AN_HOUR = 100
OPEN, OWN = 0, 1


def empty(report: Report) -> bool:
    """Whether a report leads to nobody and nowhere."""
    seen = any(s.network or s.account for item in report.items for s in item.sightings)
    return not (report.users or report.locations or seen)


class Counter:
    """Chooses lanes while a provider's reports come in; `before` is how many empty ones came within the hour."""

    def __init__(self, before: int) -> None:
        self._count = before

    def lane(self, *, empty: bool) -> int:
        """Where the next report stands."""
        if not empty:
            return OPEN
        self._count += 1
        return OWN if self._count > AN_HOUR else OPEN
