"""What the authority's start page shows, as plain values that the roof draws."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.investigations.desk import with_state
from tutela.investigations.models import Outcome
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business at this desk."""
    if not actor.can("investigations.read"):
        return None
    with acting(actor):
        return {"todos": list(_todos()), "dues": list(_dues()), "charts": list(_charts())}


def _todos() -> Iterable[tuple[Any, ...]]:
    rows = with_state()
    yield (
        _("Urgent referrals to acknowledge"),
        rows.filter(acknowledged=False, urgent=True).count(),
        "/desk/inbox/",
        True,
    )
    yield _("Referrals to acknowledge"), rows.filter(acknowledged=False).count(), "/desk/inbox/", False
    open_ones = rows.filter(acknowledged=True, closed=False)
    yield _("Open referrals"), open_ones.count(), "/desk/inbox/?state=open", False
    yield _("Withdrawn by the Centre"), open_ones.filter(withdrawn=True).count(), "/desk/inbox/?state=withdrawn", True


def _dues() -> Iterable[tuple[Any, ...]]:
    for row in clocks.due(clock.now() + timedelta(days=2)):
        if row.subject_kind == "referral" and row.deadline:
            yield KINDS[row.kind].label, row.deadline, f"/desk/inbox/{row.subject_id}/"


def _charts() -> Iterable[tuple[Any, ...]]:
    kinds = dict(Outcome.objects.values_list("kind").annotate(Count("pk")).order_by("kind"))
    yield _("What became of referrals"), _("outcomes"), list(kinds), [float(n) for n in kinds.values()], "funnel"
