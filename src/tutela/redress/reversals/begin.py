"""Begin a reversal, and tell the recipients of what was wrong.

1. The reversal, its hops and the messages are one transaction with the decision that causes it.
2. A recipient is known by what it got: the Centre by the report, a hotline by its notice, a provider by the hotline's
   notice, an authority by its package. Nobody else is told.
3. A recipient without a key of ours, or outside the directory, has a hop that stays "to do": an alert names it, and a
   person tells it another way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import NumberTaken, case_number, uuid7
from tutela.events.record import record
from tutela.exchange.redress.reversal import ErrorKind
from tutela.exchange.redress.reversal import Reversal as Wire
from tutela.law import clocks
from tutela.matching.files.drill_entries import is_test
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.redress.models import Complaint, Hop, HopKind, HopState, Reversal
from tutela.redress.reversals import hops
from tutela.takedown.notices.sent_notices import SentNotice

KIND, PREFIX = "reversal", "E"


@dataclass(frozen=True)
class Mistake:
    """What was wrong, as codes and references."""

    error: str
    report_ids: tuple[UUID, ...] = ()
    indicator_id: UUID | None = None
    notice_number: str = ""
    root_id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True)
class RecipientCopy:
    """What a recipient got: reports, an entry, or a notice by its reference there."""

    reports: tuple[UUID, ...] = ()
    indicator: UUID | None = None
    notice: str = ""

    def as_fields(self) -> dict[str, object]:
        """The fields of the message that it is about."""
        said = {"report_ids": list(map(str, self.reports)), "indicator": str(self.indicator or "")}
        return {name: value for name, value in {**said, "notice": self.notice}.items() if value}


def begin(actor: Actor, mistake: Mistake, complaint: Complaint | None = None) -> Reversal:
    """A reversal that this organisation begins. Call inside `acting(actor)`; raises `NumberTaken`."""
    row = new_row(actor, mistake)
    row.complaint, row.accepted = complaint, True
    return stored(actor, row)


def new_row(actor: Actor, mistake: Mistake) -> Reversal:
    """A reversal that is not stored yet."""
    return Reversal(
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        root_id=mistake.root_id,
        error=mistake.error,
        report_ids=[str(one) for one in mistake.report_ids],
        indicator_id=mistake.indicator_id,
        notice_number=mistake.notice_number,
        due_at=hops.due_after(clock.now()),
    )


def stored(actor: Actor, row: Reversal) -> Reversal:
    """Store a new reversal and start its clock. Raises `NumberTaken`."""
    if not insert_ignore(row):
        raise NumberTaken
    clocks.start(actor, hops.CLOCK, hops.SUBJECT, row.pk)
    facts: dict[str, Any] = {"number": row.number, "error": row.error, "complaint": row.complaint_id}
    if row.indicator_id is not None and is_test(row.indicator_id):
        facts["test"] = True
    record(actor, "reversal.begun", hops.SUBJECT, row.pk, sender=row.sender_id, **facts)
    return row


def tell(
    actor: Actor, row: Reversal, kind: HopKind, recipient_id: UUID, what: RecipientCopy, *, now: bool = True
) -> None:
    """Add the hop of a recipient and send it the message: what it got, and no more. Twice is one hop.

    If not `now`, the message waits (`resend`).
    """
    entry = directory.entry(recipient_id)
    hop = hops.add(actor, row, kind, (entry.id, entry.name), about=what.as_fields())
    if hop is not None and now:
        send(actor, row, hop)


def tell_host(actor: Actor, row: Reversal, sent: SentNotice) -> None:
    """Tell the host that got a notice of this organisation; one outside the directory is told by a person."""
    if sent.recipient_id is not None:
        tell(actor, row, HopKind.PROVIDER, sent.recipient_id, RecipientCopy(notice=sent.number))
    else:
        hops.add(actor, row, HopKind.PROVIDER, (None, sent.host), about={"notice": sent.number})


def send(actor: Actor, row: Reversal, hop: Hop) -> bool:
    """Hand the message of a hop to the outbox, if this organisation has a key of the recipient (rule 3)."""
    if hop.recipient_id is None or not hop.about or not outbox.has_credential(actor, hop.recipient_id):
        return False
    said = {**hop.about, "reversal": row.root_id, "reference": row.number, "error": ErrorKind(row.error)}
    message = Wire.model_validate({**said, "at": row.created_at})
    path = f"/api/v1/organisations/{hop.recipient_id}/redress/reversals"
    body, key = message.to_bytes().decode(), f"reversal:{row.root_id}"
    outbox.send(actor, hop.recipient_id, KIND, path, body, key=key, subject_id=hop.pk, urgent=True)
    hops.step(actor, hop, HopState.SENT)
    return True
