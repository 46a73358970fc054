"""Reading as little as possible in a day: chats, descriptions and reports weigh on who reads them, pictures or none.

The rule:
- An opening of a report's contents is a row, written before anything is shown; the same report within the hour is the
  same opening. The last 24 hours count, as at a provider's desk: midnight comes earlier in another time zone.
- From the budget on, and after so many in a row, a break is suggested. At the stop the contents of a report stay closed
  until the next day, or until the person says why; what is urgent always opens.
- A person's count is shown to that person alone. A lead sets budget and stop, and learns whether anybody is at it.
- No count is written into an event, list, file, figure or log, and the rows by which it is reckoned are deleted after
  two days. What stays is the event that every look at a report's page leaves for auditors, whether its contents were
  open or closed: it tells nobody who is at the stop, and nothing here counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.db.models import Count

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.reports.models import Beyond, ExposureTerms, Opening, Report

WINDOW, SAME_OPENING = timedelta(hours=24), timedelta(hours=1)
# Who opened nothing for so long has had a break.
BREAK = timedelta(minutes=15)
KEPT = timedelta(days=2)
# The heaviest first: a conversation with a child is read word by word, what is new is described at length.
KINDS = ("solicitation", "new", "known")
MOST = 500


@dataclass(frozen=True)
class BudgetTerms:
    """How many reports a person opens in a day before a break is suggested, at most, and in a row."""

    budget: int = 60
    stop: int = 120
    in_a_row: int = 20


@dataclass(frozen=True)
class Budget:
    """How much a person has opened in the last 24 hours, and how many of them without a break."""

    opened: int
    in_a_row: int
    terms: BudgetTerms

    @property
    def left(self) -> int:
        return max(0, self.terms.stop - self.opened)

    @property
    def at_the_stop(self) -> bool:
        return self.left == 0

    @property
    def advise_break(self) -> bool:
        return self.opened >= self.terms.budget or self.in_a_row >= self.terms.in_a_row


def terms() -> BudgetTerms:
    """What the lead has set last, or what is usual. Call inside `acting(actor)`."""
    row = ExposureTerms.objects.order_by("-created_at", "-id").first()
    return BudgetTerms(row.budget, row.stop, row.in_a_row) if row else BudgetTerms()


def set_terms(actor: Actor, *, budget: int, stop: int, in_a_row: int) -> None:
    """Set budget, stop and row for everybody of the organisation. Raises `Invalid` naming the field."""
    actor.require("reports.handling")
    if not 1 <= in_a_row <= budget:
        raise Invalid("Reports in a row must be between 1 and the recommended limit.", field="in_a_row")
    if not budget <= stop <= MOST:
        raise Invalid(
            "The daily limit must be between the recommended limit and {most} a day.", field="stop", most=MOST
        )
    with acting(actor):
        row = ExposureTerms.objects.create(
            organisation_id=actor.organisation_id,
            budget=budget,
            stop=stop,
            in_a_row=in_a_row,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(actor, "exposure.terms", "exposure_terms", row.pk, budget=budget, stop=stop, in_a_row=in_a_row)


def history(actor: Actor) -> list[ExposureTerms]:
    """What was set, the newest first."""
    actor.require("reports.read")
    with acting(actor):
        return list(ExposureTerms.objects.order_by("-created_at", "-id"))


def mine(actor: Actor) -> Budget | None:
    """The actor's own budget; None for a machine, which reads nothing. Call inside `acting(actor)`."""
    if actor.person_id is None:
        return None
    since = clock.now() - WINDOW
    moments = Opening.objects.filter(by=actor.reference, created_at__gt=since).order_by("-created_at")
    found = list(moments.values_list("created_at", flat=True))
    return Budget(len(found), _in_a_row(found), terms())


def opened(actor: Actor, row: Report) -> bool:
    """Whether the actor may read the contents now, which counts as an opening. Call inside `acting(actor)`."""
    if actor.person_id is None:
        return True
    lock(f"exposure:{actor.reference}")  # two tabs of one person must not pass the stop together
    if _open_now(actor, row):
        return True
    budget = mine(actor)
    if budget is not None and budget.at_the_stop and not row.urgent:
        return False
    _note(actor, row, "")
    return True


def open_beyond(actor: Actor, report_id: UUID, reason: str) -> None:
    """Open a report although the stop is reached. Raises `Invalid` without one of the reasons, `NotFound`."""
    actor.require("reports.read")
    if reason not in Beyond.values:
        raise Invalid("Choose why you open this report today.", field="beyond")
    with acting(actor):
        row = Report.objects.filter(report_id=report_id).first()
        if row is None:
            raise NotFound
        lock(f"exposure:{actor.reference}")
        if actor.person_id is not None and not _open_now(actor, row):
            _note(actor, row, reason)


def anybody_at_the_stop(actor: Actor) -> bool:
    """Whether anybody has reached the stop; not who, and not how many."""
    actor.require("reports.handling")
    with acting(actor):
        recent = Opening.objects.filter(created_at__gt=clock.now() - WINDOW).order_by().values("by")
        return recent.annotate(n=Count("pk")).filter(n__gte=terms().stop).exists()


def forget(actor: Actor) -> int:
    """Delete the openings that no budget needs any longer; returns how many. For a job."""
    with acting(actor):
        return Opening.objects.filter(created_at__lte=clock.now() - KEPT).delete()[0]


def kind_of(row: Report) -> str:
    """The heaviest kind of a report."""
    return next((kind for kind in KINDS if kind in row.kinds), KINDS[-1])


def _note(actor: Actor, row: Report, beyond: str) -> None:
    Opening.objects.create(
        organisation_id=actor.organisation_id, report=row, by=actor.reference, kind=kind_of(row), beyond=beyond
    )


def _open_now(actor: Actor, row: Report) -> bool:
    since = clock.now() - SAME_OPENING
    return Opening.objects.filter(by=actor.reference, report=row, created_at__gt=since).exists()


def _in_a_row(moments: Sequence[datetime]) -> int:
    """How many openings, the newest first, follow one another without a break until now."""
    found = 0
    for later, earlier in pairwise([clock.now(), *moments]):
        if later - earlier >= BREAK:
            break
        found += 1
    return found
