"""Compute the figures of a period from events, and compare them with the tables of the domains that keep the cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from tutela.accountability.chain import event_counts
from tutela.detection.outcomes import measure_facts
from tutela.events.actor import Actor
from tutela.observatory.definitions.event_queries import EventQuery, queries_of
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.redress.ledger import figures as ledger_figures
from tutela.reports.figures import report_counts

type DomainCount = Callable[[Actor, datetime, datetime], int]


@dataclass(frozen=True)
class ComputedFigure:
    """A figure of a period: the number by the events, and by the domain's tables if they have it."""

    query: EventQuery
    value: int
    by_tables: int | None

    @property
    def agrees(self) -> bool:
        """Return true unless the tables give another number."""
        return self.by_tables is None or self.by_tables == self.value


def compute(actor: Actor, period: ReportingPeriod, position: int) -> list[ComputedFigure]:
    """Figures of the actor's organisation, up to a position of the chain. Call inside `acting(actor)`."""
    since = datetime.combine(period.start, time(), UTC)
    until = datetime.combine(period.end + timedelta(days=1), time(), UTC)
    found = []
    for query in queries_of(actor.organisation_kind):
        value = event_counts.subjects(actor.organisation_id, query.kinds, period.start, period.end, position)
        count = DOMAIN_COUNTS.get(query.definition_key)
        found.append(ComputedFigure(query, value, count(actor, since, until) if count else None))
    return found


def _received(actor: Actor, since: datetime, until: datetime) -> int:
    return report_counts.received(since, until)


def _complaints(actor: Actor, since: datetime, until: datetime) -> int:
    return ledger_figures.complaint_rate(since, until)[0].of


def _decided(actor: Actor, since: datetime, until: datetime) -> int:
    return measure_facts.denominators(actor, since, until).matched.total()


def _confirmed(actor: Actor, since: datetime, until: datetime) -> int:
    return measure_facts.denominators(actor, since, until).confirmed.total()


def _rejected(actor: Actor, since: datetime, until: datetime) -> int:
    return measure_facts.denominators(actor, since, until).rejected.total()


DOMAIN_COUNTS: dict[str, DomainCount] = {
    "centre.reports.received/1": _received,
    "redress.complaints.decided/1": _complaints,
    "provider.candidates.decided/1": _decided,
    "provider.candidates.confirmed/1": _confirmed,
    "provider.candidates.rejected/1": _rejected,
}
