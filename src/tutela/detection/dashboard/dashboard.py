"""Build the provider's part of the start page as plain values that the app package renders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.detection.candidates.alerts import PENDING_STATES
from tutela.detection.models import Candidate, Outcome, Receipt, ReceivedFeedback, Sending
from tutela.detection.notices import reinstatement, schedule
from tutela.detection.outcomes import filed_elsewhere, report_list
from tutela.detection.review import work_queue
from tutela.events.actor import Actor
from tutela.events.daily_counts import DAYS_SHOWN, first_shown
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS

SOON = timedelta(days=14)


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos` (label, count, address, urgent), `dues` (label, when, address), `charts` (title, unit, labels, values,
    kind); None for somebody who has no business at this desk."""
    if not actor.can("detection.read"):
        return None
    with acting(actor):
        return {"todos": list(_todos(actor)), "dues": list(_dues()), "charts": list(_charts())}


def _todos(actor: Actor) -> Iterable[tuple[Any, ...]]:
    waits, reports = work_queue.counts(actor), report_list.counts(actor, "drafted", *report_list.BACK)
    yield _("Candidates to review"), waits["open"], "/desk/candidates/?state=open", bool(waits["urgent"])
    yield _("Second reviews"), waits["second"], "/desk/candidates/?state=second", False
    if actor.can("detection.second_review"):
        yield _("Disagreements to decide"), waits["disputed"], "/desk/candidates/?state=disputed", False
    if actor.can("detection.report"):
        yield _("Reports to send"), reports.get("drafted", 0), "/desk/drafts/?state=drafted", False
        yield _("Users to notify"), schedule.due_count(actor), "/desk/drafts/notices/?state=due", False
        yield _("Users to reinstate"), reinstatement.waiting_count(), "/desk/drafts/?state=to_reinstate", False
        others = filed_elsewhere.counts(actor)
        asked = "/desk/drafts/filed-elsewhere/?state=asked"
        yield _("Questions about reports filed another way"), others[filed_elsewhere.ASKED], asked, False
        yield (
            _("Reports filed another way, under a hold"),
            others[filed_elsewhere.HELD],
            "/desk/drafts/filed-elsewhere/?state=held",
            False,
        )
        back = sum(reports.get(state, 0) for state in report_list.BACK)
        yield _("Reports not accepted"), back, "/desk/drafts/?state=not_accepted", bool(back)


def _dues() -> Iterable[tuple[Any, ...]]:
    for row in clocks.due(clock.now() + SOON):
        if row.subject_kind == "report" and row.deadline:
            yield KINDS[row.kind].label, row.deadline, f"/desk/drafts/{row.subject_id}/"


def _charts() -> Iterable[tuple[Any, ...]]:
    since = first_shown()
    days = [since.date() + timedelta(days=n) for n in range(DAYS_SHOWN)]
    # What waits and what ended: a rejected candidate is gone, its outcome still counts.
    ended = Outcome.objects.filter(received_at__gte=since)
    waits = Candidate.objects.filter(created_at__gte=since, state__in=PENDING_STATES)
    volume = _per_day(ended, "received_at")
    for day, count in _per_day(waits, "created_at").items():
        volume[day] = volume.get(day, 0) + count
    labels = [day.strftime("%m-%d") for day in days]
    yield _("Candidates per day"), _("candidates"), labels, [float(volume.get(day, 0)) for day in days], "bars"
    confirmed = ended.filter(kind="confirmed").count()
    decided = {_("Candidates"): sum(volume.values()), _("Confirmed"): confirmed}
    yield _("From candidate to decision, 14 days"), _("candidates"), *_steps(decided), "funnel"
    # Of the same reports at each step: a report may have many candidates, or none.
    sent = Sending.objects.filter(created_at__gte=since, number=1).values("draft")
    relevant = ReceivedFeedback.objects.filter(draft__in=sent, kind="relevant").values("draft").distinct()
    reached = {
        _("Sent"): sent.count(),
        _("Received"): Receipt.objects.filter(draft__in=sent).count(),
        _("Relevant"): relevant.count(),
    }
    yield _("From report to relevance, 14 days"), _("reports"), *_steps(reached), "funnel"
    waited = _waited(ended)
    yield _("Median time to a decision"), _("hours"), labels, [waited.get(day, 0.0) for day in days], "bars"


def _steps(counted: Mapping[Any, int]) -> tuple[list[str], list[float]]:
    return [str(label) for label in counted], [float(number) for number in counted.values()]


def _per_day(rows: Any, column: str) -> dict[Any, int]:
    return dict(rows.annotate(day=TruncDate(column)).values_list("day").annotate(n=Count("*")).order_by("day"))


def _waited(ended: Any) -> dict[Any, float]:
    hours: dict[Any, list[float]] = {}
    pairs: Iterable[tuple[datetime, datetime]] = ended.exclude(kind="expired").values_list("received_at", "created_at")
    for received, decided in pairs:
        hours.setdefault(decided.date(), []).append((decided - received).total_seconds() / 3600)
    return {day: round(median(found), 2) for day, found in hours.items()}
