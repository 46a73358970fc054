"""Overview for a hotline's start page, as plain values that the app package renders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.daily_counts import per_day
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.models import Availability, CaseReport, Notice, Stage, StepKind, TakedownCase
from tutela.takedown.partners import case_view


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business at this desk."""
    if not actor.can("takedown.read"):
        return None
    with acting(actor):
        return {"todos": list(_todos()), "dues": list(_dues()), "charts": list(_charts())}


def _todos() -> Iterable[tuple[Any, ...]]:
    # Each by its index: of millions of cases few are open.
    rows, base = TakedownCase.objects, "/desk/takedown/"
    urgent = rows.filter(stage=Stage.ASSESS, urgent=True).count()
    says = rows.filter(stage=Stage.RECHECK, availability=Availability.HOST_SAYS).count()
    yield _("Urgent addresses to assess"), urgent, f"{base}?stage=assess&urgent=1", True
    yield _("Addresses to assess"), rows.filter(stage=Stage.ASSESS).count(), f"{base}?stage=assess", False
    yield _("Cases to notify"), rows.filter(stage=Stage.ACT).count(), f"{base}?stage=act", False
    yield _("Removals that nobody has verified"), says, f"{base}?stage=recheck&availability=host_says", False
    stopped = Notice.objects.filter(state=StepKind.STOPPED).count()
    silent = case_view.with_partner(silent=True).count()
    yield _("Cases whose partner hotline has not answered"), silent, f"{base}?stage=recheck&partner=silent", True
    yield _("Notices that stopped"), stopped, f"{base}?stage=act&notice=stopped", True


def _dues() -> Iterable[tuple[Any, ...]]:
    for row in clocks.due(clock.now() + timedelta(days=1)):
        if row.subject_kind == SUBJECT and row.deadline:
            yield KINDS[row.kind].label, row.deadline, f"/desk/takedown/{row.subject_id}/"


def _charts() -> Iterable[tuple[Any, ...]]:
    yield _("Reports of addresses per day"), _("reports"), *per_day(CaseReport.objects.all()), "bars"
    shown = (Stage.ASSESS, Stage.ACT, Stage.RECHECK)
    counts = [float(TakedownCase.objects.filter(stage=one).count()) for one in shown]
    yield _("Open cases by stage"), _("cases"), [str(one.label) for one in shown], counts, "funnel"
