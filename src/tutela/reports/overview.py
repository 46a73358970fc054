"""What the Centre's start page shows, as plain values that the roof draws."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, FloatField
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.reports import alarms
from tutela.reports.models import Acknowledgement, Assessment, Decision, Referral, Report, State, Surge

DAYS = 14
# How many of each the medians are of: enough to be steady, few enough to be read at every look.
NEWEST = 1000


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business at this desk."""
    if not actor.can("reports.read"):
        return None
    with acting(actor):
        return {"todos": list(_todos()), "dues": list(_dues()), "charts": list(_charts())}


def _todos() -> Iterable[tuple[Any, ...]]:
    rows = Report.objects.filter(duplicate_of=None)
    urgent = rows.filter(state=State.OPEN, urgent=True).count()
    counted = {state: rows.filter(state=state).count() for state in (State.OPEN, State.FORWARD, State.ASKED)}
    yield _("Alarms that nobody has answered"), alarms.sounding(), "/desk/reports/alarms/", True
    yield _("Volumes that rose"), Surge.objects.filter(end=None).count(), "/desk/reports/surges/", False
    yield _("Urgent reports to decide"), urgent, "/desk/reports/", True
    yield _("Reports to decide"), counted[State.OPEN], "/desk/reports/", False
    yield _("Reports to refer"), counted[State.FORWARD], "/desk/reports/?state=forward", False
    yield _("Waiting for a provider's answer"), counted[State.ASKED], "/desk/reports/?state=asked", False


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
    since = clock.now() - timedelta(days=DAYS)
    days = [(since + timedelta(days=n + 1)).date() for n in range(DAYS)]
    recent = Report.objects.filter(created_at__gte=since)
    volume = dict(recent.annotate(day=TruncDate("created_at")).values_list("day").annotate(n=Count("*")).order_by())
    values = [float(volume.get(day, 0)) for day in days]
    yield _("Reports a day"), _("reports"), [day.strftime("%d.%m.") for day in days], values, "bars"
    states = dict(recent.filter(duplicate_of=None).values_list("state").annotate(n=Count("*")).order_by())
    single, waits = sum(states.values()), states.get(State.OPEN, 0) + states.get(State.ASKED, 0)
    steps = {
        _("Received"): int(sum(values)),
        _("Not duplicates"): single,
        _("Decided"): single - waits,
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
    yield _("Median times, the newest 1,000"), _("hours"), *_medians(), "bars"


class Median(Aggregate):
    """The middle one of some durations, in hours; computed where the rows are."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM %(expressions)s) / 3600)"


def _medians() -> tuple[list[str], list[float]]:
    """Median hours from receipt to decision, from decision to referral, from referral to acknowledgement."""
    spans: list[tuple[Any, str, str]] = [
        (Assessment.objects.exclude(decision=Decision.ASK), "created_at", "report__created_at"),
        (Referral.objects.filter(report__decided_at__isnull=False), "created_at", "report__decided_at"),
        (Acknowledgement.objects.filter(acknowledged_at__isnull=False), "acknowledged_at", "referral__created_at"),
    ]
    labels = [str(_("decided")), str(_("referred")), str(_("acknowledged"))]
    return labels, [_median(rows, later, earlier) for rows, later, earlier in spans]


def _median(rows: Any, later: str, earlier: str) -> float:
    # Keys are in the order of time.
    span = ExpressionWrapper(F(later) - F(earlier), output_field=DurationField())
    newest = rows.order_by("-pk").annotate(span=span)[:NEWEST]
    found = newest.aggregate(hours=Median("span", output_field=FloatField()))["hours"]
    return round(max(0.0, found or 0.0), 1)
