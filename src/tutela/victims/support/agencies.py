"""Hand a need of a support case over to another agency."""

from __future__ import annotations

from uuid import UUID

from tutela.casework.hand_overs import send
from tutela.casework.hand_overs.send import HandOverInput
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.victims.support import rows


def hand_over(actor: Actor, case_id: UUID, given: HandOverInput) -> UUID:
    """Hand a need over; returns the hand-over's ID. Raises `SupportCaseClosed`, and what `send.hand_over` raises."""
    with acting(actor):
        # A case that its person withdraws meanwhile waits, and then takes this hand-over back too.
        row = rows.locked_open(case_id)
        made = send.hand_over(actor, given)
        rows.begun(actor, row)
        return made
