"""Tell the person: the decision at once, and the correction once every recipient has answered.

A complaint with a conversation is answered there, in its language. Any other waits at the desk until a person records
that the text was sent. Call inside `acting(actor)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.detection.errors import NotCameBack, SaidBefore
from tutela.detection.notices import reinstatement
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.transaction import acting
from tutela.redress.complaints import person_texts, rows
from tutela.redress.errors import NotDecidedYet
from tutela.redress.models import (
    Complaint,
    ComplaintDecision,
    ComplaintStage,
    ComplaintStepKind,
    HopKind,
    HopState,
    MeasureKind,
    Reversal,
)

SYSTEM = frozenset({"detection.report"})


class Decided(Protocol):
    """A decision as the person reads it. Its reasons are readable."""

    @property
    def outcome(self) -> str: ...
    @property
    def reason_code(self) -> str: ...
    @property
    def standard(self) -> Sequence[str]: ...
    @property
    def reasons(self) -> str: ...


def decision_text(row: Complaint, made: Decided) -> str:
    """The decision and its reasons, in the language of the complaint."""
    return person_texts.decision_text(
        row.language,
        row.number,
        row.measure,
        made.outcome,
        made.reason_code,
        standard=made.standard,
        reasons=made.reasons,
    )


def decision(actor: Actor, row: Complaint, made: Decided) -> bool:
    """Write the decision into the conversation of a complaint; returns whether there was one to write into."""
    text = decision_text(row, made)
    told = row.conversation_id is not None and inbox.tell(actor, row.conversation_id, text)
    if told:
        rows.step(actor, row, ComplaintStepKind.TOLD_DECISION)
    return told


def unsent(row: Complaint, made: ComplaintDecision | None, reversal: Reversal | None) -> str:
    """The text that a person has to send: the decision first, then the finished correction; empty if there is none.

    The reasons of the decision are readable. A complaint without proof has the neutral text.
    """
    if made is None:
        return person_texts.unproved_text(row.language, row.number) if row.stage == ComplaintStage.TELL else ""
    if not row.steps.filter(kind=ComplaintStepKind.TOLD_DECISION).exists():
        return decision_text(row, made)
    return correction(row, reversal) if reversal is not None and row.stage == ComplaintStage.TELL else ""


def ended(actor: Actor, reversal: Reversal) -> None:
    """Tell the person of a complaint that its correction is finished. Subscribed to the end of reversals."""
    if reversal.complaint_id is None:
        return
    row = rows.locked(reversal.complaint_id)
    _note_reinstatement(actor, row, reversal)
    text = correction(row, reversal)
    if row.conversation_id is not None and inbox.tell(actor, row.conversation_id, text):
        rows.step(actor, row, ComplaintStepKind.TOLD_CORRECTION)
        row.stage, row.closed_at = ComplaintStage.CLOSED, clock.now()
    else:
        row.stage = ComplaintStage.TELL
    row.save(update_fields=["stage", "closed_at"])


def correction(row: Complaint, reversal: Reversal) -> str:
    """The text about a finished correction, of codes alone."""
    state = reversal.hops.filter(kind=HopKind.MEASURE).values_list("state", flat=True).first()
    undone = [] if state == HopState.KEPT else [MeasureKind(row.measure).value]
    left = ["kept"] if state == HopState.KEPT else ["time"]
    if state == HopState.ERASED:
        undone, left = [MeasureKind.OTHER.value], ["time", "erased"]
    return person_texts.correction_text(row.language, row.number, undone, left)


def sent(actor: Actor, complaint_id: UUID) -> None:
    """Record that a person sent the text that waits (`unsent`). Raises `NotDecidedYet`."""
    actor.require(rows.DECIDE)
    with acting(actor):
        row = rows.locked(complaint_id)
        made = ComplaintDecision.objects.filter(complaint=row).first()
        reversal = Reversal.objects.filter(complaint=row).first()
        if not unsent(row, made, reversal):
            raise NotDecidedYet
        first = made is not None and not row.steps.filter(kind=ComplaintStepKind.TOLD_DECISION).exists()
        told = ComplaintStepKind.TOLD_DECISION if first else ComplaintStepKind.TOLD_CORRECTION
        rows.step(actor, row, told if made is not None else ComplaintStepKind.TOLD_UNPROVED)
        if row.stage == ComplaintStage.TELL and not (first and reversal is not None):
            row.stage, row.closed_at = ComplaintStage.CLOSED, clock.now()
            row.save(update_fields=["stage", "closed_at"])


def _note_reinstatement(actor: Actor, row: Complaint, reversal: Reversal) -> None:
    """What the user was given back, on the report at the provider's desk. The Centre's word may wait for a hold."""
    state = reversal.hops.filter(kind=HopKind.MEASURE).values_list("state", flat=True).first()
    if row.report_id is None or state == HopState.KEPT:
        return
    try:
        saying = replace(actor, permissions=actor.permissions | SYSTEM)
        reinstatement.say(saying, row.report_id, "reinstated")
    except (NotCameBack, SaidBefore, NotFound):
        return
