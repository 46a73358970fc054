"""Queries of an organisation's figures: which events count, by the kind of organisation.

A query counts each subject once, however often it had such an event. So a figure of a later step is never larger
because a decision was repeated.

What says of persons (identified, charged, convicted, safeguarded) is published by the Centre alone. Its total without
the figures of other states would be the count of one state. Authorities have it in their returns.
"""

from __future__ import annotations

from dataclasses import dataclass

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.definition import Definition


@dataclass(frozen=True)
class EventQuery:
    """A figure's definition and the kinds of events that it counts."""

    definition_key: str
    kinds: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the query in a statement, such as `events:report.received`."""
        return f"events:{'+'.join(self.kinds)}"

    @property
    def definition(self) -> Definition:
        """The definition of the figure."""
        return catalogue.definition(self.definition_key)


_COMPLAINTS = EventQuery("redress.complaints.decided/1", ("complaint.decided",))
QUERIES: dict[str, tuple[EventQuery, ...]] = {
    "centre": (
        EventQuery("centre.reports.received/1", ("report.received",)),
        EventQuery("centre.reports.relevant/1", ("report.forward",)),
        EventQuery("centre.reports.unfounded/1", ("report.unfounded",)),
        EventQuery("centre.reports.referred/1", ("report.referred",)),
        EventQuery("centre.reports.taken_up/1", ("outcome.taken_up",)),
        EventQuery("centre.reports.person_identified/1", ("outcome.person_identified",)),
        EventQuery("centre.reports.charged/1", ("outcome.charged",)),
        EventQuery("centre.reports.convicted/1", ("outcome.convicted",)),
        EventQuery("centre.reports.victim_identified/1", ("outcome.victim_identified",)),
    ),
    "provider": (
        EventQuery("provider.candidates.decided/1", ("candidate.confirmed", "candidate.rejected")),
        EventQuery("provider.candidates.confirmed/1", ("candidate.confirmed",)),
        EventQuery("provider.candidates.rejected/1", ("candidate.rejected",)),
        EventQuery("provider.reports.sent/1", ("report.sent",)),
        _COMPLAINTS,
    ),
    "hotline": (
        EventQuery("hotline.addresses.opened/1", ("takedown.opened",)),
        EventQuery("hotline.addresses.assessed/1", ("takedown.assessed",)),
        EventQuery("hotline.addresses.noticed/1", ("takedown.notice_queued",)),
        _COMPLAINTS,
    ),
    "authority": (
        EventQuery("authority.referrals.received/1", ("referral.received",)),
        EventQuery("authority.referrals.taken_up/1", ("outcome.taken_up",)),
    ),
}
QUERIES["coordinating_authority"] = (_COMPLAINTS,)


def query_of(definition_key: str) -> EventQuery | None:
    """The query of a definition; None for a definition that nobody computes from events."""
    every = (one for queries in QUERIES.values() for one in queries)
    return next((one for one in every if one.definition_key == definition_key), None)


def queries_of(kind: str) -> tuple[EventQuery, ...]:
    """Queries of a kind of organisation; empty for one without figures."""
    return QUERIES.get(kind, ())
