"""Copies of orders: found, locked, opened, and carried on by steps of both sides. Call inside `acting(actor)`.

A recipient cannot change a row of the issuer. State and deadline therefore stand in the newest step, and a lock by
name makes the steps of both sides follow each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from tutela import clock
from tutela.events import advisory_locks
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.exchange.message.base import Wire
from tutela.exchange.takedown.csar_order import MeasureOrder, RemovalOrder
from tutela.exchange.takedown.order import ContentOrder, InformationOrder
from tutela.organisations.errors import Erased
from tutela.takedown.errors import StepNotPossible, UnknownOrder
from tutela.takedown.models import OrderCopy, OrderKind, OrderState, OrderStep, OrderStepKind
from tutela.takedown.orders import order_clock, shared_key, state_machine
from tutela.takedown.orders.state_machine import Side

SUBJECT = "order"
# Of a text that either side adds.
MOST_CHARACTERS = 2000
READ, ISSUE = "orders.read", "orders.issue"
FORMATS: dict[str, type[Wire]] = {
    OrderKind.CONTENT: ContentOrder,
    OrderKind.INFORMATION: InformationOrder,
    OrderKind.REMOVAL: RemovalOrder,
}
ANSWERS = (OrderStepKind.GIVEN, OrderStepKind.PARTLY, OrderStepKind.NOT_GIVEN)


@dataclass(frozen=True)
class StepInput:
    """A step: its text, the answer as a message, and for an effect its time and the places of the addresses."""

    kind: OrderStepKind
    text: str = ""
    answer: dict[str, Any] = field(default_factory=dict)
    effect_at: datetime | None = None
    places: tuple[int, ...] = ()


def check_text(text: str, field: str) -> None:
    """Raise `Invalid` unless a text has 1 to `MOST_CHARACTERS` characters."""
    if not text.strip():
        raise Invalid("Enter a text.", field=field)
    if len(text) > MOST_CHARACTERS:
        raise Invalid("Enter at most {most} characters.", field=field, most=MOST_CHARACTERS)


def received(actor: Actor) -> QuerySet[OrderCopy]:
    """The copies that the actor's organisation received."""
    return OrderCopy.objects.filter(grantee_id=actor.organisation_id)


def issued(actor: Actor) -> QuerySet[OrderCopy]:
    """The copies of orders that the actor's organisation issued."""
    return OrderCopy.objects.filter(organisation_id=actor.organisation_id)


def with_state(rows: QuerySet[OrderCopy]) -> Any:
    """Copies with `state`, `deadline` and `late` of their newest step."""
    newest = OrderStep.objects.filter(copy=OuterRef("pk")).order_by("-sequence")
    answered = newest.filter(kind__in=ANSWERS)
    return rows.annotate(
        state=Subquery(newest.values("state")[:1]),
        deadline=Subquery(newest.values("due_at")[:1]),
        late=Subquery(answered.values("late")[:1]),
    )


def locked(actor: Actor, copy_id: UUID, side: Side) -> tuple[OrderCopy, list[OrderStep]]:
    """A copy with its steps; no other step can be taken until the transaction ends. Raises `UnknownOrder`."""
    lock(copy_id)
    rows = issued(actor) if side is Side.ISSUER else received(actor)
    row = rows.filter(pk=copy_id).first()
    if row is None:
        raise UnknownOrder
    return row, steps_of([row])[row.pk]


def lock(*copy_ids: UUID) -> None:
    """Let the steps of other transactions wait."""
    advisory_locks.lock(*(f"order-copy:{one}" for one in copy_ids))


def steps_of(rows: Iterable[OrderCopy]) -> dict[UUID, list[OrderStep]]:
    """The steps of copies in their order, by copy."""
    found: dict[UUID, list[OrderStep]] = {row.pk: [] for row in rows}
    for one in OrderStep.objects.filter(copy__in=list(found)).order_by("sequence"):
        found[one.copy_id].append(one)
    return found


def take(
    actor: Actor, row: OrderCopy, before: Sequence[OrderStep], side: Side, given: StepInput, *, noted: bool = True
) -> OrderStep:
    """Add a step to a locked copy. Raises `StepNotPossible`, `Erased`."""
    state = before[-1].state
    following = state_machine.after(state, given.kind, side)
    if following is None:
        raise StepNotPossible(state=OrderState(state).label)
    made = step_row(actor, row, len(before) + 1, given, following)
    history = [*((one.kind, one.created_at) for one in before), (given.kind.value, made.created_at)]
    answered_by = given.effect_at or made.created_at
    made.late = given.kind in ANSWERS and _late(row, before, answered_by)
    made.due_at = order_clock.deadline_of(row.kind, row.received_at, row.due_at, order_clock.stops(history))
    if not insert_ignore(made):
        raise StepNotPossible(state=OrderState(state).label)
    if noted:
        facts: dict[str, Any] = {"step": str(given.kind), "simulation": row.simulation, "copy": row.pk}
        record(actor, "order.step", SUBJECT, row.order_id, **facts)
    return made


def step_row(actor: Actor, row: OrderCopy, sequence: int, given: StepInput, state: OrderState) -> OrderStep:
    """A new step, not stored yet. Raises `Erased`."""
    made = OrderStep(
        organisation_id=actor.organisation_id,
        grantee_id=row.grantee_id if actor.organisation_id == row.organisation_id else row.organisation_id,
        copy=row,
        created_at=clock.now(),
        sequence=sequence,
        kind=given.kind,
        state=state,
        due_at=row.due_at,
        effect_at=given.effect_at,
        places=list(given.places),
        by=actor.reference,
        by_name=actor.organisation_name[:200],
    )
    box = shared_key.box(row.pk, row.wrapped_key)
    made.sealed = shared_key.seal_json(box, {"text": given.text, "answer": given.answer}, _step_purpose(made.pk))
    return made


def time_of(row: OrderCopy, steps: Sequence[OrderStep]) -> order_clock.OrderTime:
    """Where the clock of a copy is now."""
    history = [(one.kind, one.created_at) for one in steps]
    return order_clock.time_of(row.kind, row.received_at, row.due_at, history, clock.now())


def wire_of(row: OrderCopy) -> Wire:
    """The order as it was issued. Raises `Erased`."""
    opened = shared_key.box(row.pk, row.wrapped_key).unseal(bytes(row.sealed), copy_purpose(row.pk))
    return FORMATS.get(row.kind, MeasureOrder).from_bytes(opened)


def open_steps(row: OrderCopy, steps: Sequence[OrderStep]) -> None:
    """Put text and answer into steps that were read; they stay empty once the copy was erased."""
    try:
        box = shared_key.box(row.pk, row.wrapped_key)
    except Erased:
        return
    for one in steps:
        said = shared_key.unseal_json(box, one.sealed, _step_purpose(one.pk))
        one.text, one.answer = said["text"], said["answer"]


def copy_purpose(copy_id: UUID) -> str:
    """The purpose for which the order itself is sealed."""
    return f"order-copy:{copy_id}:order"


def _step_purpose(step_id: UUID) -> str:
    return f"order-step:{step_id}"


def _late(row: OrderCopy, before: Sequence[OrderStep], at: datetime) -> bool:
    """Whether a moment is after the deadline that ran then. A stop that began later does not count."""
    history = [(one.kind, one.created_at) for one in before if one.created_at <= at]
    deadline = order_clock.deadline_of(row.kind, row.received_at, row.due_at, order_clock.stops(history))
    return deadline is not None and at > deadline
