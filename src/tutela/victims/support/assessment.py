"""Individual needs assessment (Directive 2012/29, Art. 22 to 24; Directive 2011/93, Art. 18 to 20; readings unchecked).

It considers characteristics of the person, the offence and its circumstances, and ends in special measures. A child
always has needs (Art. 22(4)). Wishes count, also the wish for no measure (Art. 22(6)). A change is another row.
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
from tutela.victims.models import Measure, NeedsAssessment, Risk, SupportStage, SupportStepKind
from tutela.victims.support import rows
from tutela.victims.support.rows import SUBJECT, WORK


@dataclass(frozen=True)
class AssessmentInput:
    """An assessment as a person entered it."""

    risks: tuple[str, ...]
    measures: tuple[str, ...]
    wishes_heard: bool
    review_on: date
    text: str = ""


def assess(actor: Actor, case_id: UUID, given: AssessmentInput) -> None:
    """Record an assessment; the newest counts. Raises `Invalid`, `SupportCaseClosed`."""
    actor.require(WORK)
    said = step_rows.checked(given.text, required=False)
    if any(one not in Risk.values for one in given.risks) or any(one not in Measure.values for one in given.measures):
        raise Invalid("Choose known risks and measures.", field="measures")
    if given.review_on <= clock.now().date():
        raise Invalid("Choose a day in the future for the next review.", field="review_on")
    with acting(actor):
        row = rows.locked_open(case_id)
        made = NeedsAssessment(
            organisation_id=actor.organisation_id,
            case=row,
            risks=sorted(given.risks),
            measures=sorted(given.measures),
            wishes_heard=given.wishes_heard,
            text=said,
            review_on=given.review_on,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, SUBJECT, row.pk, made, "text")
        made.save(force_insert=True)
        rows.begun(actor, row, SupportStage.ASSESSED)
        rows.step(actor, row, SupportStepKind.ASSESSED)
