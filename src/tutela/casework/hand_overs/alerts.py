"""Alerts about hand-overs: unacknowledged, without an owner who works here, refused, or not closed after their day.

An alert is repeated until treatment and follow-up are closed, or somebody hands the need over again.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.alerts import escalation
from tutela.casework.alerts.schedule import AlertState, histories
from tutela.casework.alerts.subjects import AlertTexts, SubjectKind
from tutela.casework.hand_overs import attention, rows
from tutela.casework.models import AgencyHandOver
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.law.clock_kinds import KINDS as CLOCKS

TEXTS = AlertTexts(
    headline=_("Tutela: hand-overs that need somebody: %(count)s"),
    line=_("%(number)s: answer by %(due)s (%(why)s)"),
)


def raise_new(actor: Actor) -> int:
    """Raise the first alert about each; returns how many. For a job."""
    with acting(actor):
        ids = [one.pk for one in attention.open_needs()]
        known = histories(rows.SUBJECT, ids)
        new = [one for one in ids if one not in known]
        for one in new:
            escalation.raise_first(actor, rows.SUBJECT, one)
        return len(new)


def _pending() -> Iterable[AlertState]:
    found = attention.open_needs()
    known = histories(rows.SUBJECT, (one.pk for one in found))
    length = CLOCKS[rows.CLOCK].length
    return [
        AlertState(
            subject_kind=rows.SUBJECT,
            subject_id=one.pk,
            history=known[one.pk],
            due=length.after(known[one.pk].restarted or known[one.pk].first or clock.now()),
            came_at=one.changed_at,
            number=one.number,
        )
        for one in found
        if one.pk in known
    ]


def _lock(hand_over_id: UUID) -> bool:
    return AgencyHandOver.objects.select_for_update().filter(pk=hand_over_id).first() is not None


HAND_OVERS = SubjectKind(
    name=rows.SUBJECT,
    event_subject=rows.SUBJECT,
    read=rows.READ,
    answer=rows.WORK,
    clock=rows.CLOCK,
    desk="",
    page="/desk/hand-overs/?view=late",
    texts=TEXTS,
    pending=_pending,
    lock=_lock,
)
