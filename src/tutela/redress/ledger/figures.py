"""Figures of errors and complaints: rates with their denominators and exact intervals, and what errors cost.

1. Before human review: candidates that people rejected, of all candidates that people decided.
2. After human review: reversals, of all candidates that people confirmed, or of all reports that came.
3. A rate states technology, list or provider, stage, denominator and its exact interval (Clopper and Pearson).
4. The reversal rate is the share of decided complaints whose measure is reversed, in whole or in part.
5. Numbers of different organisations are not added: the same error stands in the ledger of each that had it.
6. One measure is one error, however many people complained about it. Its cost is that of all its reversals: the time
   until the measure was first undone, and of several kinds of measure the longest; one account; each consequence once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela.detection.outcomes import measure_facts
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.audits import confidence_intervals
from tutela.organisations.people import directory
from tutela.redress.models import (
    ComplaintDecision,
    CostKind,
    DecisionOutcome,
    ErrorEntry,
    HopKind,
    HopState,
    HopStep,
    MeasureKind,
    Reversal,
    SourceReview,
)
from tutela.reports.figures import report_counts

READ = "reversals.read"
GROUPS = {"technology": _("technology"), "list": _("list"), "provider": _("provider"), "complaints": _("complaints")}


@dataclass(frozen=True)
class Rate:
    """Errors of a denominator, with the exact interval in which the true share is at 95 %."""

    name: str
    group: str
    stage: str
    errors: int
    of: int

    @property
    def group_label(self) -> object:
        """What the rate is grouped by, as a label."""
        return GROUPS[self.group]

    @property
    def share(self) -> float | None:
        """Errors of the denominator; None without one."""
        return self.errors / self.of if self.of else None

    @property
    def percent(self) -> str:
        """The share with one decimal."""
        return "—" if self.share is None else f"{self.share:.1%}"

    @property
    def percent_interval(self) -> str:
        """The interval with one decimal."""
        low, high = self.interval
        return f"{low:.1%} - {high:.1%}" if self.of else "—"

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound. More errors than the denominator of a period are shown as all of it."""
        return confidence_intervals.exact(min(self.errors, self.of), self.of)


@dataclass(frozen=True)
class Costs:
    """What the errors of a period cost. Hours are from the measure to its reversal."""

    hours_down: float = 0.0
    accounts_closed: int = 0
    consequences: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> list[tuple[str, int]]:
        """Consequences at authorities as labels, each with its number."""
        return [(str(one.label), self.consequences[one.value]) for one in CostKind]


@dataclass(frozen=True)
class Ledger:
    """The ledger of a period."""

    since: datetime
    until: datetime
    rates: list[Rate]
    reversal_rate: Rate
    late: int
    costs: Costs
    reviews: int


def ledger(actor: Actor, since: datetime, until: datetime) -> Ledger:
    """The figures of the actor's organisation. The view is recorded."""
    actor.require(READ)
    with acting(actor):
        record(actor, "error_ledger.viewed", "organisation", actor.organisation_id)
        return compute(actor, since, until)


def compute(actor: Actor, since: datetime, until: datetime) -> Ledger:
    """The figures, for pages and for publication. Call inside `acting(actor)`."""
    entries = list(ErrorEntry.objects.filter(created_at__gte=since, created_at__lt=until, repeats=None))
    rate, late = complaint_rate(since, until)
    rates = list(_provider(actor, entries, since, until) if actor.organisation_kind == "provider" else ())
    if actor.organisation_kind == "centre":
        rates = list(_centre(entries, since, until))
    return Ledger(
        since,
        until,
        rates,
        rate,
        late,
        _costs(entries, until),
        SourceReview.objects.filter(created_at__gte=since, created_at__lt=until).count(),
    )


def complaint_rate(since: datetime, until: datetime) -> tuple[Rate, int]:
    """Rule 4, and how many decisions came after the deadline. Call inside `acting(actor)`."""
    decisions = ComplaintDecision.objects.filter(created_at__gte=since, created_at__lt=until)
    reversing = decisions.exclude(outcome=DecisionOutcome.UPHOLD).count()
    late = decisions.filter(late=True).count()
    return Rate("", "complaints", "decided", reversing, decisions.count()), late


def _provider(actor: Actor, entries: list[ErrorEntry], since: datetime, until: datetime) -> Iterable[Rate]:
    """Rules 1 and 2, by technology and by list."""
    found = measure_facts.denominators(actor, since, until)
    for place, group in ((0, "technology"), (1, "list")):
        matched, rejected, confirmed = (_by(one, place) for one in (found.matched, found.rejected, found.confirmed))
        errors = Counter((one.technology, one.list_id)[place] for one in entries)
        for name in sorted(set(matched) | {one for one in errors if one and one != "notice"}):
            yield Rate(name, group, "before", rejected[name], matched[name])
            yield Rate(name, group, "after", errors[name], confirmed[name])


def _centre(entries: list[ErrorEntry], since: datetime, until: datetime) -> Iterable[Rate]:
    """Rule 2, by provider."""
    received = report_counts.by_provider(since, until)
    errors = Counter(one.provider_id for one in entries if one.provider_id is not None)
    names = directory.names([*received, *errors])
    for one in sorted({*received, *errors}, key=lambda each: names.get(each, "")):
        yield Rate(names.get(one, ""), "provider", "after", errors[one], received.get(one, 0))


def _by(counts: Counter[tuple[str, str]], place: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for pair, number in counts.items():
        found[pair[place]] += number
    return found


def _costs(errors: list[ErrorEntry], until: datetime) -> Costs:
    """Rule 6. Every reversal of an error, with what it says."""
    repeated = ErrorEntry.objects.filter(repeats__in=errors, created_at__lt=until)
    error_of = {one.reversal_id: one.repeats_id or one.pk for one in (*errors, *repeated)}
    undone = HopStep.objects.filter(hop__reversal__in=error_of, hop__kind=HopKind.MEASURE, state=HopState.CORRECTED)
    ends = dict(undone.values_list("hop__reversal", "at"))
    # By error and kind of measure: how long it was in effect.
    spans, accounts = dict[tuple[UUID, str], timedelta](), set[UUID]()
    for row in Reversal.objects.filter(pk__in=error_of).select_related("complaint"):
        complaint, error = row.complaint, error_of[row.pk]
        if complaint is None or complaint.measure_at is None:
            continue
        if complaint.measure == MeasureKind.ACCOUNT:
            accounts.add(error)
        if row.pk in ends:
            span = max(ends[row.pk] - complaint.measure_at, timedelta())
            key = error, complaint.measure
            spans[key] = min(span, spans.get(key, span))
    longest = dict[UUID, timedelta]()
    for (error, _kind), span in spans.items():
        longest[error] = max(span, longest.get(error, span))
    total = sum(longest.values(), timedelta())
    return Costs(total.total_seconds() / 3600, len(accounts), _consequences(error_of))


def _consequences(error_of: dict[UUID, UUID]) -> Counter[str]:
    """Each consequence of an error once, whoever said it how often."""
    steps = HopStep.objects.filter(hop__reversal__in=error_of).values_list("hop__reversal", "consequences")
    return Counter(kind for _error, kind in {(error_of[row], one) for row, said in steps for one in said})
