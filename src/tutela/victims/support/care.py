"""Treatment and follow-up of a case, and its closing.

A case is closed once both have an end and every hand-over of it is closed. Support of an adult has no last day.
"""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.casework.hand_overs import work_queue as hand_overs
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.victims import step_rows
from tutela.victims.errors import BadSupportStep, SupportStillOpen
from tutela.victims.models import CareState, SupportStage, SupportStepKind
from tutela.victims.support import rows, states
from tutela.victims.support.rows import CLOCK, SUBJECT, WORK

PARTS = {"treatment": SupportStepKind.TREATMENT, "follow_up": SupportStepKind.FOLLOW_UP}


def change(actor: Actor, case_id: UUID, part: str, state: str, text: str = "") -> None:
    """Move the treatment or the follow-up to a state. Raises `Invalid`, `BadSupportStep`, `SupportCaseClosed`."""
    actor.require(WORK)
    said = step_rows.checked(text, required=False)
    if part not in PARTS or state not in CareState.values:
        raise Invalid("Choose treatment or follow-up, and its state.", field="state")
    with acting(actor):
        row = rows.locked_open(case_id)
        if not states.care_may_follow(getattr(row, part), state):
            raise BadSupportStep(field="state")
        setattr(row, part, state)
        row.save(update_fields=[part])
        followed = part == "follow_up" and state in (CareState.PLANNED, CareState.RUNNING)
        rows.begun(actor, row, SupportStage.FOLLOWED_UP if followed else SupportStage.BEGUN)
        rows.step(actor, row, PARTS[part], said, state=state)


def close(actor: Actor, case_id: UUID) -> None:
    """Close a case. Raises `SupportStillOpen` while treatment, follow-up or a hand-over is open."""
    actor.require(WORK)
    with acting(actor):
        row = rows.locked_open(case_id)
        if not states.closable(row) or hand_overs.open_of_subject(SUBJECT, row.pk):
            raise SupportStillOpen
        row.stage, row.closed_at = SupportStage.CLOSED, clock.now()
        row.save(update_fields=["stage", "closed_at"])
        clocks.stop_if_running(actor, CLOCK, SUBJECT, row.pk)
        rows.step(actor, row, SupportStepKind.CLOSED)
        record(actor, "support_case.closed", SUBJECT, row.pk)
