"""Alerts about breaches: 24 hours before the clock of 72 hours ends, when it ends, and every hour after it.

An alert is about a breach whose notice to the supervisory authority is not recorded. It ends with this notice, or with
the record that there is no risk.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.alerts.schedule import AlertHistory, AlertState, histories
from tutela.casework.alerts.subjects import AlertTexts, SubjectKind
from tutela.redress.data_subjects.breaches import CLOCK, SUBJECT, WARNED_BEFORE
from tutela.redress.data_subjects.requests import MANAGE, READ
from tutela.redress.models import Breach, BreachStepKind

PAGE = "/desk/breaches/"


def _waiting() -> QuerySet[Breach]:
    """Breaches without a notice whose clock has at most 24 hours left. Call inside `acting(actor)`."""
    notified = (BreachStepKind.AUTHORITY, BreachStepKind.NO_NOTICE)
    soon = Breach.objects.filter(closed_at=None, due_at__lte=clock.now() + WARNED_BEFORE)
    return soon.exclude(steps__kind__in=notified).order_by("due_at", "pk")


def _pending() -> Iterable[AlertState]:
    rows = list(_waiting())
    known = histories(SUBJECT, (one.pk for one in rows))
    return [
        AlertState(
            subject_kind=SUBJECT,
            subject_id=one.pk,
            history=known.get(one.pk, AlertHistory()),
            due=one.due_at,
            came_at=one.known_at,
            number=one.number,
        )
        for one in rows
    ]


def _lock(breach_id: UUID) -> bool:
    return Breach.objects.select_for_update().filter(pk=breach_id).first() is not None


BREACHES = SubjectKind(
    name=SUBJECT,
    event_subject=SUBJECT,
    read=READ,
    answer=MANAGE,
    clock=CLOCK,
    desk="",
    page=PAGE,
    texts=AlertTexts(
        headline=_("Tutela: breaches to notify to the supervisory authority: %(count)s"),
        line=_("%(number)s: notify by %(due)s (%(why)s)"),
    ),
    pending=_pending,
    lock=_lock,
)
