"""A recipient answers an order: effect given and when, cannot be executed yet, redress, reversal confirmed.

1. An order of the DSA is answered with the effect (Art. 9(1), 10(1)): given, in part with the addresses, or none with
   the reason. Effect may be given later too.
2. A simulated order is answered with its execution (Annex VI), or with its impossibility (Annexes II, V and VIII).
3. An order that cannot be executed yet stops its clock, until the authority clarifies or the reason has ended.
4. After a withdrawal the recipient reverses its measures and confirms; until then the withdrawal stays open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.message.base import Wire
from tutela.exchange.takedown.csar_order import (
    ImpossibleBecause,
    MeasureExecuted,
    OrderExecuted,
    OrderExecution,
    OrderImpossible,
)
from tutela.exchange.takedown.order import Effect, EffectGiven
from tutela.organisations.people import directory
from tutela.takedown.errors import BadAnswer, StepNotPossible
from tutela.takedown.host_desk.notice_rows import DECIDE
from tutela.takedown.models import OrderCopy, OrderKind, OrderState, OrderStep, OrderStepKind
from tutela.takedown.orders import copies
from tutela.takedown.orders.copies import StepInput
from tutela.takedown.orders.state_machine import Side

STEP_OF = {
    Effect.GIVEN: OrderStepKind.GIVEN,
    Effect.PARTLY_GIVEN: OrderStepKind.PARTLY,
    Effect.NOT_GIVEN: OrderStepKind.NOT_GIVEN,
}
# Annexes II and VIII know no force majeure; Annex V does.
TWO_REASONS = (OrderKind.BLOCKING, OrderKind.DETECTION)
FIELDS = {"locations": "places", "executed_at": "given_at", "explanation": "reason", "received_at": "given_at"}


@dataclass(frozen=True)
class EffectInput:
    """Answer to an order of the DSA. `places`: the addresses with effect, where it was given in part."""

    effect: str
    given_at: datetime | None = None
    places: tuple[int, ...] = ()
    reason: str = ""
    informed_at: datetime | None = None


def give(actor: Actor, copy_id: UUID, given: EffectInput) -> None:
    """Answer an order of the DSA. Raises `BadAnswer` naming the field, `StepNotPossible`, `UnknownOrder`."""
    actor.require(DECIDE)
    if given.effect not in set(Effect):
        raise BadAnswer("Choose the effect.", field="effect")
    _check_past(given.given_at, "given_at")
    _check_past(given.informed_at, "informed_at")
    with acting(actor):
        row, steps = copies.locked(actor, copy_id, Side.RECIPIENT)
        if row.simulation:
            raise StepNotPossible(state=OrderState(steps[-1].state).label)
        effect = Effect(given.effect)
        made = _effect_message(row, effect, given)
        places = given.places if effect is Effect.PARTLY_GIVEN else _all_places(row, effect)
        said = StepInput(STEP_OF[effect], given.reason.strip(), _json(made), given.given_at, places)
        copies.take(actor, row, steps, Side.RECIPIENT, said)


def execute(actor: Actor, copy_id: UUID, execution: str, executed_at: datetime | None) -> None:
    """Say that a simulated order was executed (Annex VI). Raises `BadAnswer`, `StepNotPossible`, `UnknownOrder`."""
    actor.require(DECIDE)
    if executed_at is None:
        raise BadAnswer("Enter when the order was executed.", field="given_at")
    _check_past(executed_at, "given_at")
    with acting(actor):
        row, steps = copies.locked(actor, copy_id, Side.RECIPIENT)
        _only_simulated(row, steps)
        common = {**_answer_fields(actor, row), "executed_at": executed_at}
        if row.kind == OrderKind.REMOVAL:
            if execution not in set(OrderExecution):
                raise BadAnswer("Choose removed or disabled.", field="execution")
            made: Wire = _built(OrderExecuted, **common, execution=OrderExecution(execution))
        else:
            made = _built(MeasureExecuted, **common)
        places = _all_places(row, Effect.GIVEN)
        said = StepInput(OrderStepKind.GIVEN, "", _json(made), executed_at, places)
        copies.take(actor, row, steps, Side.RECIPIENT, said)


def cannot_yet(actor: Actor, copy_id: UUID, because: str, explanation: str) -> None:
    """Report that an order cannot be executed yet: the clock stops. Raises `BadAnswer`, `StepNotPossible`."""
    actor.require(DECIDE)
    copies.check_text(explanation, "reason")
    with acting(actor):
        row, steps = copies.locked(actor, copy_id, Side.RECIPIENT)
        if because not in reasons_of(row.kind):
            raise BadAnswer("Choose the cause.", field="because")
        answer: dict[str, Any] = {"because": because}
        if row.simulation:
            common = {**_answer_fields(actor, row), "explanation": explanation.strip()}
            answer = _json(_built(OrderImpossible, **common, because=ImpossibleBecause(because)))
        said = StepInput(OrderStepKind.IMPOSSIBLE, explanation.strip(), answer)
        copies.take(actor, row, steps, Side.RECIPIENT, said)


def resume(actor: Actor, copy_id: UUID) -> None:
    """Report that the reason has ended by itself: the clock runs. Raises `StepNotPossible`, `UnknownOrder`."""
    actor.require(DECIDE)
    with acting(actor):
        row, steps = copies.locked(actor, copy_id, Side.RECIPIENT)
        copies.take(actor, row, steps, Side.RECIPIENT, StepInput(OrderStepKind.RESUMED))


def contest(actor: Actor, copy_id: UUID, text: str) -> None:
    """Record that redress was sought against the order; its clock runs on. Raises `Invalid`, `StepNotPossible`."""
    actor.require(DECIDE)
    copies.check_text(text, "text")
    with acting(actor):
        row, steps = copies.locked(actor, copy_id, Side.RECIPIENT)
        copies.take(actor, row, steps, Side.RECIPIENT, StepInput(OrderStepKind.CONTESTED, text.strip()))


def confirm(actor: Actor, copy_id: UUID, reversed_at: datetime | None, text: str = "") -> None:
    """Confirm that no measure of a withdrawn order is in place. Raises `BadAnswer`, `StepNotPossible`."""
    actor.require(DECIDE)
    if reversed_at is None:
        raise BadAnswer("Enter since when no measure is in place.", field="reversed_at")
    _check_past(reversed_at, "reversed_at")
    if text.strip():
        copies.check_text(text, "text")
    with acting(actor):
        row, steps = copies.locked(actor, copy_id, Side.RECIPIENT)
        if reversed_at < row.received_at:
            raise BadAnswer("The time is before the order.", field="reversed_at")
        said = StepInput(OrderStepKind.CONFIRMED, text.strip(), effect_at=reversed_at)
        copies.take(actor, row, steps, Side.RECIPIENT, said)


def reasons_of(kind: str) -> list[str]:
    """The reasons for which an order of this kind stops."""
    left_out = ImpossibleBecause.FORCE_MAJEURE if kind in TWO_REASONS else None
    return [one.value for one in ImpossibleBecause if one is not left_out]


def _effect_message(row: OrderCopy, effect: Effect, given: EffectInput) -> EffectGiven:
    order, partly = copies.wire_of(row), effect is Effect.PARTLY_GIVEN
    urls = [one.url for one in getattr(order, "locations", ())]
    if partly and urls and not (given.places and set(given.places) < set(range(len(urls)))):
        raise BadAnswer("Choose the addresses with effect: at least one, and not all.", field="places")
    return _built(
        EffectGiven,
        reference=row.number,
        received_at=row.received_at,
        effect=effect,
        given_at=given.given_at,
        locations=tuple(urls[place] for place in sorted(set(given.places))) if partly and urls else None,
        reason=given.reason.strip() or None,
        recipient_informed_at=given.informed_at,
    )


def _built[T: Wire](model: type[T], **fields: Any) -> T:
    try:
        return model(**fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        text = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
        name = next((str(one) for one in first["loc"] if isinstance(one, str)), text.partition(" ")[0])
        raise BadAnswer(field=FIELDS.get(name, name), reason=text) from None


def _answer_fields(actor: Actor, row: OrderCopy) -> dict[str, Any]:
    contact = next((one.email for one in directory.contacts(actor.organisation_id) if one.email), row.recipient_name)
    return {
        "simulation": True,
        "provider": row.recipient_name,
        "contact_point": contact,
        "contact": contact,
        "requesting_authority": row.issuer_name,
        "issuing_authority": row.issuer_name,
        "reference": row.number,
        "received_at": row.received_at,
        "issued_at": clock.now(),
        "signatory": actor.name[:300],
    }


def _all_places(row: OrderCopy, effect: Effect) -> tuple[int, ...]:
    return () if effect is Effect.NOT_GIVEN else tuple(range(row.addresses))


def _only_simulated(row: OrderCopy, steps: list[OrderStep]) -> None:
    if not row.simulation:
        raise StepNotPossible(state=OrderState(steps[-1].state).label)


def _check_past(moment: datetime | None, field: str) -> None:
    if moment is not None and moment > clock.now():
        raise BadAnswer("The time is in the future.", field=field)


def _json(made: Wire) -> dict[str, Any]:
    return made.model_dump(mode="json", exclude_none=True)
