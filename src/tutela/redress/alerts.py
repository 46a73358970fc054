"""Alerts of redress: a hop without an answer after its deadline, or whose message was refused.

An alert is about the reversal. It ends when every hop is answered. A drill raises none.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.alerts import escalation
from tutela.casework.alerts.schedule import AlertHistory, AlertState, histories
from tutela.casework.alerts.subjects import AlertTexts, SubjectKind
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.law.clock_kinds import KINDS as CLOCKS
from tutela.redress.models import FINAL, Hop, HopState, Reversal
from tutela.redress.reversals import hops

CLOCK, PAGE = "reversal_alert", "/desk/reversals/?view=late"


def overdue() -> list[Reversal]:
    """Reversals with a hop that is late or refused, oldest first. Call inside `acting(actor)`."""
    late = Q(due_at__lte=clock.now()) | Q(state=HopState.REFUSED)
    found = Hop.objects.filter(late, reversal__ended_at=None).exclude(state__in=FINAL)
    # A reversal that nobody here has answered has perhaps no hop yet.
    unanswered = Q(accepted=None, due_at__lte=clock.now())
    return list(
        Reversal.objects.filter(Q(pk__in=found.values("reversal")) | unanswered, ended_at=None)
        .exclude(hops.TEST)
        .order_by("due_at", "pk")
    )


def raise_new(actor: Actor) -> int:
    """Raise the first alert about each overdue reversal; returns how many. For a job."""
    with acting(actor):
        rows = overdue()
        known = histories(hops.SUBJECT, (one.pk for one in rows))
        new = [one for one in rows if one.pk not in known]
        for one in new:
            escalation.raise_first(actor, hops.SUBJECT, one.pk)
        return len(new)


def _pending() -> Iterable[AlertState]:
    rows = overdue()
    known = histories(hops.SUBJECT, (one.pk for one in rows))
    return [_state(one, known[one.pk]) for one in rows if one.pk in known]


def _state(row: Reversal, history: AlertHistory) -> AlertState:
    since = history.restarted or history.first or clock.now()
    return AlertState(
        subject_kind=hops.SUBJECT,
        subject_id=row.pk,
        history=history,
        due=CLOCKS[CLOCK].length.after(since),
        came_at=row.due_at,
        number=row.number,
    )


def _lock(reversal_id: UUID) -> bool:
    return Reversal.objects.select_for_update().filter(pk=reversal_id).first() is not None


REVERSALS = SubjectKind(
    name=hops.SUBJECT,
    event_subject=hops.SUBJECT,
    read=hops.READ,
    answer=hops.ANSWER,
    clock=CLOCK,
    desk="",
    page=PAGE,
    texts=AlertTexts(
        headline=_("Tutela: reversals that a recipient has not confirmed: %(count)s"),
        line=_("%(number)s: answer by %(due)s (%(why)s)"),
    ),
    pending=_pending,
    lock=_lock,
)
KINDS = (hops.SUBJECT,)
