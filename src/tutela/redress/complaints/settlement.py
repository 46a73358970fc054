"""Out-of-court settlement and court after a decision (DSA Art. 20(7), 21).

1. A certified body decides within 90 days of its receipt, and within 180 in a complex case (Art. 21(4)).
2. A body or a court that finds for the person reverses the measure as a decision does. A person enters that as a new
   complaint with the reason, so that somebody decides who did not decide before.
"""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.redress.complaints import rows
from tutela.redress.errors import NotDecidedYet
from tutela.redress.models import ComplaintStage, ComplaintStepKind

KINDS = (
    ComplaintStepKind.BODY_SEIZED,
    ComplaintStepKind.BODY_DECIDED,
    ComplaintStepKind.COURT_SEIZED,
    ComplaintStepKind.COURT_DECIDED,
)


def add(actor: Actor, complaint_id: UUID, kind: str, body: str, reference: str, text: str) -> None:
    """Record a step at an out-of-court body or a court. Raises `Invalid`, `NotDecidedYet`."""
    actor.require(rows.DECIDE)
    if kind not in KINDS:
        raise Invalid("Choose the step.", field="kind")
    if not body.strip() or len(body) > 200:
        raise Invalid("Enter the name of the body or court, at most 200 characters.", field="body")
    if len(reference) > 80:
        raise Invalid("Enter at most {most} characters.", field="reference", most=80)
    said = rows.checked(text, "text", required=False)
    with acting(actor):
        row = rows.locked(complaint_id)
        if row.stage == ComplaintStage.OPEN:
            raise NotDecidedYet
        step = ComplaintStepKind(kind)
        rows.step(actor, row, step, said, body=body.strip(), reference=reference.strip())
