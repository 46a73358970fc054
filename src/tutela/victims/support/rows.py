"""Rows of support cases: found, locked, and carried on by steps. Call inside `acting(actor)`."""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.casework.assignment import claim, erasure
from tutela.casework.hand_overs import retention as hand_overs
from tutela.events.actor import Actor
from tutela.law import clocks
from tutela.organisations.keys import subject_keys
from tutela.victims import step_rows
from tutela.victims.errors import SupportCaseClosed, UnknownSupportCase
from tutela.victims.models import SupportCase, SupportStage, SupportStep, SupportStepKind
from tutela.victims.support import states
from tutela.victims.vault import identities

SUBJECT, CLOCK, PREFIX = "support_case", "support_first_step", "Y"
READ, WORK = "support.read", "support.work"


def find(case_id: UUID) -> SupportCase:
    """A case. Raises `UnknownSupportCase`."""
    row = SupportCase.objects.filter(pk=case_id).first()
    if row is None:
        raise UnknownSupportCase
    return row


def locked(case_id: UUID) -> SupportCase:
    """A case, locked. Raises `UnknownSupportCase`."""
    row = SupportCase.objects.select_for_update().filter(pk=case_id).first()
    if row is None:
        raise UnknownSupportCase
    return row


def locked_open(case_id: UUID) -> SupportCase:
    """A case that is not closed, locked. Raises `UnknownSupportCase`, `SupportCaseClosed`."""
    row = locked(case_id)
    if row.stage == SupportStage.CLOSED:
        raise SupportCaseClosed
    return row


def step(
    actor: Actor,
    row: SupportCase,
    kind: SupportStepKind,
    text: str = "",
    *,
    service: str = "",
    state: str = "",
    hourly: bool = False,
) -> None:
    """Add a step with its event."""
    made = SupportStep(case=row, kind=kind, text=text, service=service, state=state)
    step_rows.add(actor, made, SUBJECT, row.pk, hourly=hourly, step=str(kind), service=str(service), state=str(state))


def begun(actor: Actor, row: SupportCase, reached: SupportStage = SupportStage.BEGUN) -> None:
    """Somebody of the desk took a step, which leads to a stage: the deadline of the first step is met."""
    row.stage = states.stage_of(row, reached)
    row.save(update_fields=["stage"])
    clocks.stop_if_running(actor, CLOCK, SUBJECT, row.pk)
    claim.decided(actor, SUBJECT, row.pk)


def erase(row: SupportCase) -> None:
    """Delete the keys of everything that is sealed for a case and its hand-overs, and its identity.

    Number, steps and counts stay.
    """
    subject_keys.erase(SUBJECT, row.pk)
    erasure.erase(SUBJECT, row.pk)
    hand_overs.erase_of_case(SUBJECT, row.pk)
    identities.erase(row)
    row.erased_at = clock.now()
    row.save(update_fields=["erased_at"])
