"""What the Centre's start page shows, as plain values that the roof draws."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from statistics import median
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.reports.desk import with_state
from tutela.reports.models import Acknowledgement, Assessment, Referral, Report

DAYS = 14


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business at this desk."""
    if not actor.can("reports.read"):
        return None
    with acting(actor):
        return {"todos": list(_todos()), "dues": list(_dues()), "charts": list(_charts())}


def _todos() -> Iterable[tuple[Any, ...]]:
    rows = with_state().filter(duplicate_of=None)
    yield _("Urgent reports to decide"), rows.filter(decision=None, urgent=True).count(), "/desk/reports/", True
    yield _("Reports to decide"), rows.filter(decision=None).count(), "/desk/reports/", False
    to_refer = rows.filter(decision="forward", referred=False).count()
    yield _("Reports to refer"), to_refer, "/desk/reports/?state=forward", False
    yield _("Waiting for a provider's answer"), rows.filter(decision="ask").count(), "/desk/reports/?state=asked", False


def _dues() -> Iterable[tuple[Any, ...]]:
    for row in clocks.due(clock.now() + timedelta(days=2)):
        if row.subject_kind == "report" and row.deadline:
            yield KINDS[row.kind].label, row.deadline, f"/desk/reports/{row.subject_id}/"


def _charts() -> Iterable[tuple[Any, ...]]:
    since = clock.now() - timedelta(days=DAYS)
    days = [(since + timedelta(days=n + 1)).date() for n in range(DAYS)]
    recent = Report.objects.filter(created_at__gte=since)
    volume = dict(recent.annotate(day=TruncDate("created_at")).values_list("day").annotate(Count("pk")))
    values = [float(volume.get(day, 0)) for day in days]
    yield _("Reports a day"), _("reports"), [day.strftime("%d.%m.") for day in days], values, "bars"
    rows = with_state()
    steps = {
        _("Received"): rows.count(),
        _("Not duplicates"): rows.filter(duplicate_of=None).count(),
        _("Decided"): rows.exclude(decision=None).count(),
        _("Referred"): rows.filter(referred=True).count(),
        _("Answered"): rows.filter(answered=True).count(),
    }
    yield (
        _("From report to outcome"),
        _("reports"),
        [str(s) for s in steps],
        [float(n) for n in steps.values()],
        "funnel",
    )
    yield _("Median times"), _("hours"), *_medians(), "bars"


def _medians() -> tuple[list[str], list[float]]:
    """Median hours from receipt to decision, from decision to referral, from referral to acknowledgement."""
    decided = Assessment.objects.values_list("created_at", "report__created_at")
    acknowledged = Acknowledgement.objects.values_list("received_at", "referral__created_at")
    referred = Referral.objects.values_list("created_at", "report__created_at")
    labels = [str(_("decided")), str(_("referred")), str(_("acknowledged"))]
    return labels, [_hours(pairs) for pairs in (decided, referred, acknowledged)]


def _hours(pairs: Iterable[tuple[Any, Any]]) -> float:
    spans = [(later - earlier).total_seconds() / 3600 for later, earlier in pairs]
    return round(median(spans), 1) if spans else 0.0
