"""Alerts: requests that nobody began in time or that a rule holds, and items of hosts after their deadline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
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
from tutela.victims.host_desk import found_items
from tutela.victims.models import FoundItem, FoundStage, RemovalRequest, RequestStage
from tutela.victims.removal import rows

TEXTS = AlertTexts(
    headline=_("Tutela: removal requests that need somebody: %(count)s"),
    line=_("%(number)s: answer by %(due)s (%(why)s)"),
)
ITEM_TEXTS = AlertTexts(
    headline=_("Tutela: items of removal requests after their deadline: %(count)s"),
    line=_("%(number)s: answer by %(due)s (%(why)s)"),
)


def overdue_requests() -> list[RemovalRequest]:
    """Requests that nobody began in time, or that a rule holds. Call inside `acting(actor)`."""
    late = Q(stage=RequestStage.NEW, due_at__lte=clock.now())
    return list(RemovalRequest.objects.filter(late | Q(flagged=True)).defer("sealed").order_by("due_at", "pk"))


def overdue_items() -> list[FoundItem]:
    """Items that no reviewer decided in time. Call inside `acting(actor)`."""
    rows_late = FoundItem.objects.filter(stage=FoundStage.OPEN, due_at__lte=clock.now())
    return list(rows_late.defer("sealed").order_by("due_at", "pk"))


def raise_new_requests(actor: Actor) -> int:
    """Raise the first alert about each overdue request; returns how many. For a job."""
    with acting(actor):
        return _raise(actor, rows.SUBJECT, [one.pk for one in overdue_requests()])


def raise_new_items(actor: Actor) -> int:
    """Raise the first alert about each overdue item; returns how many. For a job."""
    with acting(actor):
        return _raise(actor, found_items.SUBJECT, [one.pk for one in overdue_items()])


def _raise(actor: Actor, subject: str, ids: list[UUID]) -> int:
    known = histories(subject, ids)
    new = [one for one in ids if one not in known]
    for one in new:
        escalation.raise_first(actor, subject, one)
    return len(new)


def _requests() -> Iterable[AlertState]:
    return _states(rows.SUBJECT, rows.CLOCK, [(one.pk, one.number, one.received_at) for one in overdue_requests()])


def _items() -> Iterable[AlertState]:
    found = [(one.pk, one.number, one.seen_at) for one in overdue_items()]
    return _states(found_items.SUBJECT, found_items.CLOCK, found)


def _states(subject: str, clock_kind: str, found: list[tuple[UUID, str, datetime]]) -> list[AlertState]:
    known = histories(subject, (pk for pk, *_rest in found))
    return [
        AlertState(
            subject_kind=subject,
            subject_id=pk,
            history=known[pk],
            due=CLOCKS[clock_kind].length.after(_since(known[pk])),
            came_at=came_at,
            number=number,
        )
        for pk, number, came_at in found
        if pk in known
    ]


def _since(history: AlertHistory) -> datetime:
    return history.restarted or history.first or clock.now()


def _lock_request(request_id: UUID) -> bool:
    return RemovalRequest.objects.select_for_update().filter(pk=request_id).first() is not None


def _lock_item(found_id: UUID) -> bool:
    return FoundItem.objects.select_for_update().filter(pk=found_id).first() is not None


REQUESTS = SubjectKind(
    name=rows.SUBJECT,
    event_subject=rows.SUBJECT,
    read=rows.READ,
    answer=rows.WORK,
    clock=rows.CLOCK,
    desk="",
    page="/desk/removals/?view=late",
    texts=TEXTS,
    pending=_requests,
    lock=_lock_request,
)
ITEMS = SubjectKind(
    name=found_items.SUBJECT,
    event_subject=found_items.SUBJECT,
    read=found_items.READ,
    answer=found_items.REVIEW,
    clock=found_items.CLOCK,
    desk="provider",
    page="/desk/removal-items/?view=late",
    texts=ITEM_TEXTS,
    pending=_items,
    lock=_lock_item,
)
KINDS = (rows.SUBJECT, found_items.SUBJECT)
