"""One order as its authority sees it, and one copy as its recipient sees it; the view is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.base import Wire
from tutela.organisations.errors import Erased
from tutela.takedown.errors import UnknownOrder
from tutela.takedown.host_desk.notice_rows import READ as HOST_READ
from tutela.takedown.models import Order, OrderCopy, OrderState, OrderStep, OrderStepKind
from tutela.takedown.orders import copies, state_machine
from tutela.takedown.orders.copies import READ, SUBJECT
from tutela.takedown.orders.order_clock import OrderTime
from tutela.takedown.orders.state_machine import UNANSWERED, Side
from tutela.takedown.orders.work_queue import is_overdue


@dataclass(frozen=True)
class CopyView:
    """A copy with its steps and its clock. `wire` is None once the contents are erased."""

    row: OrderCopy
    wire: Wire | None
    steps: list[OrderStep]
    time: OrderTime
    side: Side

    @property
    def state(self) -> str:
        """The state after the newest step."""
        return self.steps[-1].state

    @property
    def state_label(self) -> str:
        """The state in words."""
        return str(OrderState(self.state).label)

    @property
    def unanswered(self) -> bool:
        """Whether the recipient has not answered yet."""
        return self.state in UNANSWERED

    @property
    def late(self) -> bool:
        """Whether the answer came after the deadline, or is missing after it."""
        answered = [one.late for one in self.steps if one.kind in copies.ANSWERS]
        return answered[-1] if answered else self.overdue

    @property
    def overdue(self) -> bool:
        """Whether the deadline has passed without an answer."""
        self.row.state, self.row.deadline = self.state, self.time.deadline  # type: ignore[attr-defined]
        return is_overdue(self.row)

    @property
    def may(self) -> set[str]:
        """The steps that the reader's side may take now."""
        return state_machine.possible(self.state, self.side) if self.wire is not None else set()

    @property
    def newest_answer(self) -> OrderStep | None:
        """The newest step with an answer as a message."""
        wanted = (*copies.ANSWERS, OrderStepKind.IMPOSSIBLE)
        return next((one for one in reversed(self.steps) if one.kind in wanted and one.answer), None)

    @property
    def places(self) -> list[tuple[Any, bool | None]]:
        """Each address, and whether a measure is in place; None before an answer."""
        answers = [one for one in self.steps if one.kind in copies.ANSWERS]
        with_effect = set(answers[-1].places) if answers else None
        if self.state == OrderState.REVERSED:
            with_effect = set()
        found = getattr(self.wire, "locations", ()) or ()
        return [(one, None if with_effect is None else place in with_effect) for place, one in enumerate(found)]


@dataclass(frozen=True)
class OrderView:
    """An order with its copies, those that have something to do first."""

    row: Order
    copies: list[CopyView]

    @property
    def first(self) -> CopyView:
        """Any copy: all have the same order but for the recipient."""
        return self.copies[0]

    @property
    def unreversed(self) -> list[CopyView]:
        """The copies whose recipient has not confirmed the reversal."""
        return [one for one in self.copies if one.state == OrderState.WITHDRAWN]

    @property
    def unanswered(self) -> list[CopyView]:
        """The copies without an answer."""
        return [one for one in self.copies if one.unanswered]


def load_order(actor: Actor, order_id: UUID) -> OrderView:
    """An order of the actor's authority. Raises `UnknownOrder`."""
    actor.require(READ)
    with acting(actor):
        row = Order.objects.filter(pk=order_id).first()
        if row is None:
            raise UnknownOrder
        record(actor, "order.viewed", SUBJECT, row.pk)
        found = list(OrderCopy.objects.filter(order=row).order_by("recipient_name", "pk"))
        steps = copies.steps_of(found)
        views = [_view(one, steps[one.pk], Side.ISSUER) for one in found]
        return OrderView(row, sorted(views, key=lambda one: (not one.unanswered, one.state == OrderState.REVERSED)))


def load_received(actor: Actor, copy_id: UUID) -> CopyView:
    """A copy that the actor's provider received. Raises `UnknownOrder`."""
    actor.require(HOST_READ)
    with acting(actor):
        row = copies.received(actor).filter(pk=copy_id).first()
        if row is None:
            raise UnknownOrder
        record(actor, "order.viewed", SUBJECT, row.order_id)
        return _view(row, copies.steps_of([row])[row.pk], Side.RECIPIENT)


def _view(row: OrderCopy, steps: list[OrderStep], side: Side) -> CopyView:
    try:
        wire: Wire | None = copies.wire_of(row)
    except Erased:
        wire = None
    copies.open_steps(row, steps)
    return CopyView(row, wire, steps, copies.time_of(row, steps), side)
