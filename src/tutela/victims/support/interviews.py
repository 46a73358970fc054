"""Interviews of a person, counted over all agencies: as few as possible (Directive 2011/93, Art. 20(3)(e); unchecked).

Each further interview has a recorded reason. The count is shown and never stops anybody: a child may have to be heard
again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.victims import step_rows
from tutela.victims.models import SupportInterview, SupportStepKind
from tutela.victims.support import rows
from tutela.victims.support.rows import SUBJECT, WORK


@dataclass(frozen=True)
class InterviewInput:
    """An interview that was held. `recorded`: on video, so that it can be used again."""

    held_on: date
    agency: str
    recorded: bool = False
    reason: str = ""


def add(actor: Actor, case_id: UUID, given: InterviewInput) -> int:
    """Record an interview; returns how many there were. Raises `Invalid` if a further one has no reason."""
    actor.require(WORK)
    agency = step_rows.checked(given.agency, "agency")[:200]
    if given.held_on > clock.now().date():
        raise Invalid("The day is in the future.", field="held_on")
    with acting(actor):
        row = rows.locked_open(case_id)
        place = row.interviews.count() + 1
        reason = step_rows.checked(given.reason, "reason", required=place > 1)
        made = SupportInterview(
            organisation_id=actor.organisation_id,
            case=row,
            place=place,
            held_on=given.held_on,
            agency=agency,
            recorded=given.recorded,
            reason=reason,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        for column in ("agency", "reason"):
            subject_keys.seal_words(actor, SUBJECT, row.pk, made, column)
        made.save(force_insert=True)
        rows.begun(actor, row)
        rows.step(actor, row, SupportStepKind.INTERVIEW)
    return place
