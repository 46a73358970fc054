"""List of complaints, and one complaint with everything about it. The view is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.detection.outcomes import measure_facts
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.redress.complaints import account_proof, decide, misuse, rows, tell
from tutela.redress.complaints.rows import READ, SUBJECT
from tutela.redress.models import (
    AccountCode,
    AccountProof,
    Complaint,
    ComplaintDecision,
    ComplaintStage,
    ComplaintStep,
    Hop,
    Reversal,
)

PER_PAGE = 50
WAITING, LATE, ALL = "open", "late", "all"
SORTS = {"received": ("received_at", "id"), "-received": ("-received_at", "-id"), "due": ("due_at", "id")}


@dataclass(frozen=True)
class ComplaintFilter:
    """Filter of the list; empty fields do not restrict. `text` is a number, found in every view."""

    view: str = WAITING
    text: str = ""
    measure: str = ""


@dataclass(frozen=True)
class ComplaintView:
    """A complaint with its proof, decision, reversal and steps. `text` is None once it is erased.

    `code`: the newest account code, whatever became of it.
    """

    row: Complaint
    text: str | None
    steps: list[ComplaintStep]
    proof: AccountProof | None
    code: AccountCode | None
    decision: ComplaintDecision | None
    reversal: Reversal | None
    hops: list[Hop]
    repeats: Complaint | None
    misuse: misuse.MisuseState | None
    report_number: str
    window_ends: datetime | None
    may_decide: bool
    # The text that a person has to send, because the complaint has no conversation.
    unsent: str

    @property
    def late(self) -> bool:
        """Whether the deadline passed without a decision."""
        return self.row.stage == ComplaintStage.OPEN and clock.now() > self.row.due_at

    @property
    def decision_text(self) -> str:
        """The decision as the person reads it; empty before it."""
        return tell.decision_text(self.row, self.decision) if self.decision is not None else ""

    @property
    def code_valid(self) -> bool:
        """Whether the newest account code can still be entered."""
        left = self.row.wrong_codes < account_proof.MOST_WRONG
        return left and self.code is not None and self.code.expires_at > clock.now()

    @property
    def outside_window(self) -> bool:
        """Whether the complaint came more than six months after the person was informed."""
        return self.window_ends is not None and self.row.received_at > self.window_ends


def list_complaints(actor: Actor, wanted: ComplaintFilter, part: ListPage = FIRST_PAGE) -> tuple[list[Complaint], bool]:
    """A part of the complaints, the earliest deadline first."""
    actor.require(READ)
    with acting(actor):
        found, more = part.of(_filtered(wanted), SORTS, PER_PAGE)
        words = "given" if wanted.text else ""
        noted(actor, SUBJECT, (one.pk for one in found), part, state=wanted.view, measure=wanted.measure, words=words)
        return found, more


def load(actor: Actor, complaint_id: UUID) -> ComplaintView:
    """One complaint. Raises `UnknownComplaint`."""
    actor.require(READ)
    with acting(actor):
        row = rows.find(complaint_id)
        record(actor, "complaint.viewed", SUBJECT, row.pk)
        steps = list(row.steps.all())
        made = ComplaintDecision.objects.filter(complaint=row).first()
        subject_keys.open_words(SUBJECT, row.pk, [*steps, made], "text")
        subject_keys.open_words(SUBJECT, row.pk, [made], "reasons")
        proof = account_proof.find(row)
        subject_keys.open_words(SUBJECT, row.pk, [proof], "number")
        reversal = Reversal.objects.filter(complaint=row).first()
        report = measure_facts.by_id(row.report_id) if row.report_id else None
        return ComplaintView(
            row=row,
            text=rows.text_of(row),
            steps=steps,
            proof=proof,
            code=row.codes.last(),
            decision=made,
            reversal=reversal,
            hops=list(reversal.hops.prefetch_related("steps")) if reversal else [],
            repeats=Complaint.objects.filter(pk=row.repeats_id).first() if row.repeats_id else None,
            misuse=misuse.state_of(row),
            report_number=report.number if report else "",
            window_ends=decide.window_end(row),
            may_decide=decide.may_decide(actor, row),
            unsent=tell.unsent(row, made, reversal),
        )


def exists(actor: Actor, complaint_id: UUID) -> bool:
    """Whether the actor's organisation has this complaint."""
    with acting(actor):
        return Complaint.objects.filter(pk=complaint_id).exists()


def counts(actor: Actor) -> dict[str, int]:
    """Open, late and unanswered complaints. Call inside `acting(actor)`."""
    open_ones = Complaint.objects.filter(stage=ComplaintStage.OPEN)
    return {
        "open": open_ones.count(),
        "late": open_ones.filter(due_at__lte=clock.now()).count(),
        "tell": Complaint.objects.filter(stage=ComplaintStage.TELL).count(),
    }


def _filtered(wanted: ComplaintFilter) -> Any:
    found = Complaint.objects.defer("sealed")
    if text := wanted.text.strip().upper():
        return found.filter(number__begins=text[:20]).order_by("-received_at", "-id")
    if wanted.measure:
        found = found.filter(measure=wanted.measure)
    if wanted.view == LATE:
        found = found.filter(stage=ComplaintStage.OPEN, due_at__lte=clock.now())
    elif wanted.view in ComplaintStage.values:
        found = found.filter(stage=wanted.view)
    if wanted.view in (WAITING, LATE):
        return found.order_by("due_at", "id")
    return found.order_by("-received_at", "-id")
