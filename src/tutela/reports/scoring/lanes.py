"""Separate queues: a sender above the rate limit is placed behind the others and delays nobody.

An empty report has no account and no address. A provider's first `AN_HOUR` empty reports of an hour are in the ordinary
queue, and so are its first `URGENT_AN_HOUR` urgent reports without duplicates. Further ones go to a separate queue,
behind all others of the same urgency. Urgent reports stay above non-urgent ones. Every report is stored, has its review
deadline and is assessed: a queue sets the order and never closes a report.
"""

from __future__ import annotations

from tutela.exchange.report.report import Report

AN_HOUR = 100
# Each of these calls by itself; more of one sender than that nobody answers one by one.
URGENT_AN_HOUR = 200
OPEN, OWN = 0, 1


def empty(report: Report) -> bool:
    """Whether a report leads to nobody and nowhere."""
    seen = any(s.network or s.account for item in report.items for s in item.sightings)
    return not (report.users or report.locations or seen)


class Counter:
    """Chooses lanes while a provider's reports come in; it begins with how many of either kind the hour has seen."""

    def __init__(self, empty: int, urgent: int) -> None:
        self._empty, self._urgent = empty, urgent

    def lane(self, *, empty: bool, urgent: bool) -> int:
        """Choose the queue of the next report; `urgent`: it raises an alert, so it is no duplicate."""
        self._empty += empty
        self._urgent += urgent
        flood = (empty and self._empty > AN_HOUR) or (urgent and self._urgent > URGENT_AN_HOUR)
        return OWN if flood else OPEN
