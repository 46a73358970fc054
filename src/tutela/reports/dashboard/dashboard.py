"""Build the Centre's start page as plain values that the app package renders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.daily_counts import first_shown, median_hours, shown
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.reports.alerts import duty_screen
from tutela.reports.followups import expired_questions, supplements
from tutela.reports.models import Acknowledgement, Assessment, Decision, Referral, Report, State, Surge
from tutela.reports.referrals import orphaned_holds, undelivered
from tutela.reports.state import retractions
from tutela.reports.triage import work_queue

# How many of each the medians are of: enough to be steady, few enough to be read at every look.
MOST_ROWS_COUNTED = 1000


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business at this desk."""
    if not actor.can("reports.read"):
        return None
    with acting(actor):
        return {"todos": list(_todos(actor)), "dues": list(_dues()), "charts": list(_charts())}


def _todos(actor: Actor) -> Iterable[tuple[Any, ...]]:
    rows = Report.objects.filter(duplicate_of=None)
    to_decide, urgent = work_queue.count_open()
    counted = {state: rows.filter(state=state).count() for state in (State.FORWARD, State.ASKED)}
    yield _("Unanswered alerts"), duty_screen.unanswered_count(), "/desk/reports/alerts/?state=unanswered", True
    yield _("Undelivered referrals"), undelivered.count_undelivered(), "/desk/reports/undelivered/", True
    if retracted := retractions.pending_retractions().count():
        yield _("Reports retracted by their provider"), retracted, "/desk/reports/?state=retracted", False
    yield _("Surges in volume"), Surge.objects.filter(end=None).count(), "/desk/reports/surges/?state=open", False
    if waiting := supplements.reports_that_wait():
        yield _("Reports with duplicates held for a supplement"), waiting, "/desk/reports/surges/#held", False
    yield _("Urgent reports to decide"), urgent, "/desk/reports/?urgent=1", True
    yield _("Reports to decide"), to_decide, "/desk/reports/", False
    yield _("Reports to refer"), counted[State.FORWARD], "/desk/reports/?state=forward", False
    if actor.can("holds.end") and (asked := orphaned_holds.waiting_for(actor)):
        yield _("Ends of holds that need a second person"), len(asked), "/desk/reports/?state=hold_ends", False
    yield _("Waiting for a provider's answer"), counted[State.ASKED], "/desk/reports/?state=asked", False
    if unanswered := expired_questions.would_have_ended():
        yield (
            _("Questions that would be past their deadline (simulation)"),
            unanswered,
            "/desk/reports/?state=overdue",
            False,
        )


def _dues() -> Iterable[tuple[Any, ...]]:
    rows = clocks.due(clock.now() + timedelta(days=2))
    referred = [row.subject_id for row in rows if row.subject_kind == "referral"]
    found = Referral.objects.filter(referral_id__in=referred).values_list("referral_id", "report__report_id")
    report_of = {str(referral): report for referral, report in found}
    for row in rows:
        report = row.subject_id if row.subject_kind == "report" else report_of.get(row.subject_id)
        if report and row.deadline:
            yield KINDS[row.kind].label, row.deadline, f"/desk/reports/{report}/"


def _charts() -> Iterable[tuple[Any, ...]]:
    recent = Report.objects.filter(created_at__gte=first_shown()).annotate(day=TruncDate("created_at"))
    alone = ExpressionWrapper(Q(duplicate_of=None), BooleanField())
    counted = recent.annotate(alone=alone).values_list("day", "state", "alone").annotate(n=Count("*"))
    days, states = Counter[date](), Counter[str]()
    for day, state, single, n in counted.order_by():
        days[day] += n
        states[state] += n if single else 0
    labels, values = shown(days)
    yield _("Reports per day"), _("reports"), labels, values, "bars"
    every, waits = sum(states.values()), states.get(State.OPEN, 0) + states.get(State.ASKED, 0)
    steps = {
        _("Received"): int(sum(values)),
        _("Not duplicates"): every,
        _("Decided"): every - waits,
        _("Referred"): states.get(State.REFERRED, 0) + states.get(State.ANSWERED, 0),
        _("Answered"): states.get(State.ANSWERED, 0),
    }
    yield (
        _("From report to outcome, 14 days"),
        _("reports"),
        [str(s) for s in steps],
        [float(n) for n in steps.values()],
        "funnel",
    )
    yield _("Median times of the newest 1,000"), _("hours"), *_medians(), "bars"


def _medians() -> tuple[list[str], list[float]]:
    """Median hours from receipt to decision, from decision to referral, from referral to acknowledgement."""
    report = Report.objects.filter(pk=OuterRef("report"))
    sent = Referral.objects.filter(pk=OuterRef("referral"))
    spans: list[tuple[Any, str, Any]] = [
        (Assessment.objects.exclude(decision=Decision.ASK), "created_at", report.values("created_at")),
        (Referral.objects.filter(supplement_to=None), "created_at", report.values("decided_at")),
        (Acknowledgement.objects.filter(acknowledged_at__isnull=False), "acknowledged_at", sent.values("created_at")),
    ]
    labels = [str(_("decided")), str(_("referred")), str(_("acknowledged"))]
    return labels, [median_hours(rows, later, earlier, newest=MOST_ROWS_COUNTED) for rows, later, earlier in spans]
