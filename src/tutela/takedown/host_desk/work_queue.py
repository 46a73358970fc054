"""List of received notices: trusted flaggers first, then the earliest deadline; and its export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tutela import clock
from tutela.casework.assignment.list_filter import EVERY, WorkFilter, work_on
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.transaction import acting
from tutela.takedown.host_desk import flaggers
from tutela.takedown.host_desk.notice_rows import READ, SUBJECT
from tutela.takedown.models import HostState, IncomingNotice, SenderKind

PER_PAGE = 50
ALL = "all"
ORDER = ("-trusted", "due_at", "pk")


@dataclass(frozen=True)
class IncomingFilter:
    """Filter of the list; empty fields do not restrict. `text` is a number or reference, found in every state."""

    state: str = HostState.OPEN
    text: str = ""
    kind: str = ""
    trusted: bool = False
    late: bool = False
    work: WorkFilter = EVERY


def list_notices(actor: Actor, wanted: IncomingFilter, part: ListPage = FIRST_PAGE) -> tuple[list[Any], bool]:
    """A part of the list, and whether there is more. Each row has its `work` and the notifier's `precision`."""
    actor.require(READ)
    with acting(actor):
        found = wanted.work.of(actor, SUBJECT, _filtered(wanted)).defer("sealed")
        rows, more = part.of(found.order_by(*ORDER), {}, PER_PAGE)
        noted(actor, SUBJECT, (row.pk for row in rows), part, state=wanted.state, words="given" if wanted.text else "")
        work, known = work_on(SUBJECT, (row.pk for row in rows)), flaggers.precisions(row.notifier_id for row in rows)
        for row in rows:
            row.work, row.precision = work(row.pk), known.get(row.notifier_id)
        return rows, more


def _filtered(wanted: IncomingFilter) -> QuerySet[IncomingNotice]:
    rows = IncomingNotice.objects.all()
    if text := wanted.text.strip():
        return rows.filter(Q(number__begins=text.upper()[:20]) | Q(reference__begins=text[:100]))
    if wanted.state in HostState.values:
        rows = rows.filter(state=wanted.state)
    if wanted.kind in SenderKind.values:
        rows = rows.filter(notifier_kind=wanted.kind)
    if wanted.late:
        rows = rows.filter(due_at__lt=clock.now())
    return rows.filter(trusted=True) if wanted.trusted else rows


def exists(actor: Actor, notice_id: UUID) -> bool:
    """Whether the actor's organisation received this notice."""
    with acting(actor):
        return IncomingNotice.objects.filter(pk=notice_id).exists()
