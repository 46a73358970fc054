"""Rows of hand-overs: found, locked, made, and carried on by steps. Call inside `acting(actor)`."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Max

from tutela import clock
from tutela.casework.hand_overs import states
from tutela.casework.hand_overs.errors import StepOutOfOrder, UnknownHandOver
from tutela.casework.models import AgencyHandOver, AgencyHandOverStep, HandOverState
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.organisations.keys import subject_keys

SUBJECT, CLOCK, PREFIX = "agency_hand_over", "hand_over", "X"
READ, WORK, EXCHANGE = "hand_overs.read", "hand_overs.work", "hand_overs.exchange"
MOST_CHARACTERS = 2000


def find(hand_over_id: UUID) -> AgencyHandOver:
    """A hand-over. Raises `UnknownHandOver`."""
    row = AgencyHandOver.objects.filter(pk=hand_over_id).first()
    if row is None:
        raise UnknownHandOver
    return row


def locked(hand_over_id: UUID) -> AgencyHandOver:
    """A hand-over, locked until the transaction ends. Raises `UnknownHandOver`."""
    row = AgencyHandOver.objects.select_for_update().filter(pk=hand_over_id).first()
    if row is None:
        raise UnknownHandOver
    return row


def move(
    actor: Actor, row: AgencyHandOver, state: HandOverState, text: str = "", *, because: str = "", **message: object
) -> None:
    """Move a locked hand-over to a state, by a step with its event. Raises `StepOutOfOrder`.

    `message` is the sequence and the digest of a message of the other side.
    """
    if not states.may_follow(row.state, state):
        raise StepOutOfOrder(field="state")
    row.state, row.changed_at = state, clock.now()
    row.save(update_fields=["state", "changed_at", "owner", "owner_name", "agency_reference", "replaced_by"])
    add_step(actor, row, state, text, because=because, **message)


def add_step(
    actor: Actor, row: AgencyHandOver, state: HandOverState, text: str = "", *, because: str = "", **message: object
) -> None:
    """Add a step without a change of state."""
    made = AgencyHandOverStep(
        organisation_id=actor.organisation_id,
        hand_over=row,
        state=state,
        because=because,
        text=checked(text),
        by=actor.reference,
        by_name=actor.name[:200],
        **message,
    )
    subject_keys.seal_words(actor, SUBJECT, row.pk, made, "text")
    made.save(force_insert=True)
    record(actor, "hand_over.step", SUBJECT, row.pk, state=str(state), because=because)


def next_sequence(row: AgencyHandOver) -> int:
    """The number of the next message about a hand-over that this side sends."""
    return row.steps.count() + 1


def newest_sequence(row: AgencyHandOver) -> int:
    """The highest number of a message that the other side sent."""
    return row.steps.aggregate(most=Max("sequence"))["most"] or 0


def checked(text: str, *, required: bool = False) -> str:
    """The text without spaces around it. Raises `Invalid` if it is missing or too long."""
    said = text.strip()
    if required and not said:
        raise Invalid("Enter a text.", field="text")
    if len(said) > MOST_CHARACTERS:
        raise Invalid("Enter at most {most} characters.", field="text", most=MOST_CHARACTERS)
    return said
