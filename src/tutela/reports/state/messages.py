"""Messages to providers about their reports: one row and one message for each step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.identifiers import uuid7
from tutela.exchange.report.feedback import Feedback, FeedbackKind
from tutela.exchange.report.unfounded_reasons import UnfoundedReason
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import Kind
from tutela.reports.models import CyberTip, FeedbackSent, Report
from tutela.reports.report_encryption import SUBJECT

# A question travels as feedback of this kind, with the question as its reason (CSAR 48(4)).
QUESTION = "question"
# One decision may be sent for tens of thousands of duplicates, and a statement takes 65,535 values, so this many are
# sent at once.
MESSAGES_AT_ONCE = 1000


@dataclass(frozen=True)
class FeedbackStep:
    """One step of feedback to a provider; `cause` is the record that it follows from."""

    kind: str
    cause: UUID
    reason: str = ""
    code: str = ""
    until: datetime | None = None
    content_until: datetime | None = None


def that_hear(rows: Iterable[Report]) -> set[UUID]:
    """Return those senders of the reports that are providers, and so receive feedback."""
    return {one for one in {row.provider_id for row in rows} if directory.entry(one).kind == Kind.PROVIDER}


def filed_as_of(rows: Iterable[Report]) -> dict[UUID, str]:
    """CyberTipline numbers, by report id, under which providers know their reports."""
    tips = CyberTip.objects.filter(report_id__in=[one.report_id for one in rows])
    return {report_id: str(number) for report_id, number in tips.values_list("report_id", "number")}


def send(actor: Actor, words: Sequence[tuple[Report, FeedbackStep]], *, urgent: bool = False) -> None:
    """Send messages about reports, each once per cause and in order.

    A handful of SQL statements serves all of them.
    """
    heard = that_hear(row for row, _said in words)
    sent = [(row, said, _row(actor, row, said)) for row, said in words if row.provider_id in heard]
    subject_keys.seal_words_all(actor, SUBJECT, [(row.report_id, one) for row, _said, one in sent])
    known = {one.pk for one in insert_all(one for _row, _said, one in sent)}
    new = [(row, said, one) for row, said, one in sent if one.pk not in known]
    numbers = filed_as_of(row for row, _said, _one in new) if new else {}
    messages = [
        outbox.Message(
            row.provider_id,
            f"/api/v1/organisations/{row.provider_id}/feedback",
            _message(actor, row, said, numbers.get(row.report_id)),
            f"feedback:{one.pk}",
            str(row.report_id),
        )
        for row, said, one in new
    ]
    if messages:
        outbox.send_all(actor, "feedback", messages, urgent=urgent)


def _row(actor: Actor, row: Report, said: FeedbackStep) -> FeedbackSent:
    return FeedbackSent(
        organisation_id=actor.organisation_id,
        report=row,
        kind=said.kind,
        cause=said.cause,
        reason=said.reason,
        until=said.until,
        content_until=said.content_until,
    )


def _message(actor: Actor, row: Report, said: FeedbackStep, filed_as: str | None) -> str:
    message = Feedback(
        feedback_id=uuid7(),
        report_id=row.report_id,
        reason=said.reason or None,
        at=clock.now(),
        until=said.until,
        content_until=said.content_until,
        kind=FeedbackKind.RECEIVED if said.kind == QUESTION else FeedbackKind(said.kind),
        centre=actor.organisation_name,
        reason_code=UnfoundedReason(said.code) if said.code else None,
        filed_as=filed_as,
    )
    return message.to_bytes().decode()
