"""An authority clarifies an order, or withdraws it at every recipient.

1. A withdrawal reaches each copy in one transaction, whatever its state.
2. It stays open until each recipient has confirmed that no measure is in place. An order that was wrong says so.
"""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.takedown.errors import AlreadyWithdrawn, UnknownOrder
from tutela.takedown.models import Order, OrderCopy, OrderStepKind
from tutela.takedown.orders import copies
from tutela.takedown.orders.copies import ISSUE, SUBJECT, StepInput
from tutela.takedown.orders.state_machine import Side


def clarify(actor: Actor, copy_id: UUID, text: str) -> None:
    """Send what a recipient needs to execute an order: its clock runs again. Raises `StepNotPossible`."""
    actor.require(ISSUE)
    copies.check_text(text, "text")
    with acting(actor):
        row, steps = copies.locked(actor, copy_id, Side.ISSUER)
        copies.take(actor, row, steps, Side.ISSUER, StepInput(OrderStepKind.CLARIFIED, text.strip()))


def withdraw(actor: Actor, order_id: UUID, reason: str, *, wrong: bool) -> None:
    """Withdraw an order at every recipient. `wrong`: it should never have been given. Raises `AlreadyWithdrawn`."""
    actor.require(ISSUE)
    copies.check_text(reason, "reason")
    with acting(actor):
        row = Order.objects.select_for_update().filter(pk=order_id).first()
        if row is None:
            raise UnknownOrder
        if row.withdrawn_at is not None:
            raise AlreadyWithdrawn
        found = list(OrderCopy.objects.filter(order=row))
        copies.lock(*(one.pk for one in found))
        steps = copies.steps_of(found)
        said = StepInput(OrderStepKind.WITHDRAWN, reason.strip(), {"wrong": wrong})
        # A copy whose contents are erased is over for its recipient.
        for one in (each for each in found if each.erased_at is None):
            copies.take(actor, one, steps[one.pk], Side.ISSUER, said, noted=False)
        row.withdrawn_at, row.wrong = clock.now(), wrong
        row.save(update_fields=["withdrawn_at", "wrong"])
        record(actor, "order.withdrawn", SUBJECT, row.pk, wrong=wrong, recipients=len(found), simulation=row.simulation)
