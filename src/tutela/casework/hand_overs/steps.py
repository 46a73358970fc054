"""Steps of a person about a hand-over: take it, accept or refuse it, and follow it until it is closed.

Who receives a hand-over takes its steps. About an agency without a desk the sender records what that agency says.
"""

from __future__ import annotations

from uuid import UUID

from tutela.casework.hand_overs import rows
from tutela.casework.hand_overs.errors import OtherSide, StepOutOfOrder
from tutela.casework.hand_overs.rows import SUBJECT, WORK
from tutela.casework.hand_overs.send import send_status
from tutela.casework.hand_overs.states import ended
from tutela.casework.models import AgencyHandOver, HandOverState, RefusedBecause, Way
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.hand_overs.hand_over import HandOverStep

# What a person can record, in the order of the work.
RECORDED = (
    HandOverState.RECEIVED,
    HandOverState.ACCEPTED,
    HandOverState.REFUSED,
    HandOverState.TREATMENT,
    HandOverState.FOLLOW_UP,
    HandOverState.CLOSED,
)


def take(actor: Actor, hand_over_id: UUID) -> None:
    """Become the person who answers for a hand-over. Raises `StepOutOfOrder` once it has ended."""
    actor.require(WORK)
    with acting(actor):
        row = rows.locked(hand_over_id)
        if ended(row):
            raise StepOutOfOrder
        _owned(actor, row)
        row.save(update_fields=["owner", "owner_name"])
        record(actor, "hand_over.taken", SUBJECT, row.pk)


def leave(actor: Actor, hand_over_id: UUID) -> None:
    """Answer for a hand-over no longer. It then has no owner, which raises an alert."""
    actor.require(WORK)
    with acting(actor):
        row = rows.locked(hand_over_id)
        row.owner = row.owner_name = ""
        row.save(update_fields=["owner", "owner_name"])
        record(actor, "hand_over.left", SUBJECT, row.pk)


def step(actor: Actor, hand_over_id: UUID, state: str, text: str = "", because: str = "") -> None:
    """Record a step. Who accepts answers for it. Raises `OtherSide`, `StepOutOfOrder`, `Invalid`."""
    actor.require(WORK)
    if state not in [one.value for one in RECORDED]:
        raise Invalid("Choose the step.", field="state")
    refuses = state == HandOverState.REFUSED
    if refuses != (because in RefusedBecause.values):
        raise Invalid("Choose the reason of a refusal, and only of a refusal.", field="because")
    with acting(actor):
        row = rows.locked(hand_over_id)
        if row.way == Way.SENT and row.agency_id is not None:
            raise OtherSide
        if row.way == Way.RECEIVED and not refuses:
            _owned(actor, row)
        rows.move(actor, row, HandOverState(state), text, because=because)
        if row.way == Way.RECEIVED:
            send_status(actor, row, HandOverStep(state), because)


def _owned(actor: Actor, row: AgencyHandOver) -> None:
    row.owner, row.owner_name = actor.reference, actor.name[:200]
