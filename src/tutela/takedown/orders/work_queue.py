"""Lists of orders: an authority's own, and those that a provider received, ordered by deadline."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.transaction import acting
from tutela.takedown.errors import UnknownOrder
from tutela.takedown.host_desk.notice_rows import READ as HOST_READ
from tutela.takedown.models import Order, OrderCopy, OrderKind, OrderState
from tutela.takedown.orders import copies
from tutela.takedown.orders.copies import READ, SUBJECT, with_state
from tutela.takedown.orders.state_machine import ANSWERED, UNANSWERED

PER_PAGE = 50
# Views of a list: what waits, what of it is late or must be clarified, what is answered, what is withdrawn, everything.
WAITING, DONE, REVERSING, ALL = "waiting", "answered", "reversing", "all"
LATE, CLARIFY, IN_FORCE, SIMULATED = "late", "clarify", "in_force", "simulated"
STATES_OF = {
    WAITING: UNANSWERED,
    LATE: UNANSWERED,
    CLARIFY: (OrderState.STOPPED,),
    IN_FORCE: UNANSWERED,
    SIMULATED: UNANSWERED,
    DONE: (*ANSWERED, OrderState.REVERSED),
    REVERSING: (OrderState.WITHDRAWN,),
}
# What a recipient has to do: answer, or reverse.
TO_DO = (*UNANSWERED, OrderState.WITHDRAWN)


@dataclass(frozen=True)
class OrderFilter:
    """Filter of a list; empty fields do not restrict. `text` is a number, found in every view."""

    view: str = WAITING
    text: str = ""
    kind: str = ""


def list_issued(actor: Actor, wanted: OrderFilter, part: ListPage = FIRST_PAGE) -> tuple[list[Any], bool]:
    """A part of the authority's orders, the newest first. Each has `answered`, `open_copies`, `late_copies`, `due`."""
    actor.require(READ)
    with acting(actor):
        rows, more = part.of(_issued(actor, wanted).order_by("-issued_at", "-pk"), {}, PER_PAGE)
        noted(actor, SUBJECT, (row.pk for row in rows), part, state=wanted.view, words="given" if wanted.text else "")
        found = with_state(copies.issued(actor)).filter(order__in=[row.pk for row in rows]).defer("sealed")
        by_order: dict[UUID, list[Any]] = defaultdict(list)
        for one in found:
            by_order[one.order_id].append(one)
        for row in rows:
            summarise(row, by_order[row.pk])
        return rows, more


def list_received(actor: Actor, wanted: OrderFilter, part: ListPage = FIRST_PAGE) -> tuple[list[Any], bool]:
    """A part of the orders that a provider received, the earliest deadline first; a withdrawn one before all."""
    actor.require(HOST_READ)
    with acting(actor):
        rows, more = part.of(_ordered(_received(actor, wanted), wanted), {}, PER_PAGE)
        noted(actor, SUBJECT, (row.pk for row in rows), part, state=wanted.view, words="given" if wanted.text else "")
        for row in rows:
            row.state_label = OrderState(row.state).label
            row.overdue = is_overdue(row)
        return rows, more


def count_issued(actor: Actor, view: str) -> int:
    """Orders of the authority in a view. Call inside `acting(actor)`."""
    return _issued(actor, OrderFilter(view)).count()


def count_received(actor: Actor, view: str) -> int:
    """Orders that a provider received in a view. Call inside `acting(actor)`."""
    return int(_received(actor, OrderFilter(view)).count())


def summarise(row: Any, found: list[Any]) -> None:
    """Put the numbers of an order's copies on its row."""
    row.recipients = [one.recipient_name for one in found]
    row.copy_count = len(found)
    row.open_copies = sum(one.state in UNANSWERED for one in found)
    row.unreversed = sum(one.state == OrderState.WITHDRAWN for one in found)
    row.reversed = sum(one.state == OrderState.REVERSED for one in found)
    row.answered = sum(one.state in ANSWERED for one in found)
    row.late_copies = sum(bool(one.late) or is_overdue(one) for one in found)
    row.due = min((one.deadline for one in found if one.state == OrderState.OPEN), default=None)
    row.stopped = any(one.state == OrderState.STOPPED for one in found)


def is_overdue(row: Any) -> bool:
    """Whether a copy with its state is unanswered after its deadline."""
    return row.state in UNANSWERED and row.deadline is not None and row.deadline <= clock.now()


def issued_exists(actor: Actor, order_id: UUID) -> bool:
    """Whether the actor's organisation issued this order."""
    with acting(actor):
        return Order.objects.filter(pk=order_id).exists()


def copy_issued(actor: Actor, copy_id: UUID) -> bool:
    """Whether this is a copy of an order that the actor's organisation issued."""
    with acting(actor):
        return copies.issued(actor).filter(pk=copy_id).exists()


def order_of(actor: Actor, copy_id: UUID) -> UUID:
    """The order of a copy that the actor's organisation issued. Raises `UnknownOrder`."""
    with acting(actor):
        found = copies.issued(actor).filter(pk=copy_id).values_list("order_id", flat=True).first()
    if found is None:
        raise UnknownOrder
    return found


def copy_received(actor: Actor, copy_id: UUID) -> bool:
    """Whether the actor's organisation received this copy."""
    with acting(actor):
        return copies.received(actor).filter(pk=copy_id).exists()


def _issued(actor: Actor, wanted: OrderFilter) -> QuerySet[Order]:
    rows = Order.objects.all()
    if text := wanted.text.strip().upper():
        return rows.filter(number__begins=text[:20])
    if wanted.kind in OrderKind.values:
        rows = rows.filter(kind=wanted.kind)
    if wanted.view in STATES_OF:
        of_order = with_state(OrderCopy.objects.filter(order=OuterRef("pk")))
        found = Exists(of_order.filter(_in_view(wanted.view)))
        # An order is answered once nobody has to do anything about it.
        rows = rows.filter(~Exists(of_order.filter(state__in=TO_DO))) if wanted.view == DONE else rows.filter(found)
    return rows


def _received(actor: Actor, wanted: OrderFilter) -> Any:
    rows = with_state(copies.received(actor)).defer("sealed")
    if text := wanted.text.strip().upper():
        return rows.filter(number__begins=text[:20])
    if wanted.kind in OrderKind.values:
        rows = rows.filter(kind=wanted.kind)
    if wanted.view == WAITING:
        return rows.filter(state__in=TO_DO)
    return rows.filter(_in_view(wanted.view)) if wanted.view in STATES_OF else rows


def _in_view(view: str) -> Q:
    """Copies with their state that a view is about. A simulated order obliges nobody: nothing of it is late."""
    found = Q(state__in=STATES_OF[view])
    if view == LATE:
        found &= Q(simulation=False, deadline__lte=clock.now())
    return found & Q(simulation=view == SIMULATED) if view in (IN_FORCE, SIMULATED) else found


def _ordered(rows: Any, wanted: OrderFilter) -> Any:
    if wanted.view != WAITING or wanted.text:
        return rows.order_by("-received_at", "-pk")
    first = Case(When(state=OrderState.WITHDRAWN, then=0), default=1)
    return rows.order_by(first, F("deadline").asc(nulls_last=True), "pk")
