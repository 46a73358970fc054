"""Feedback of the Centre on a report, one row per step, including reports filed elsewhere.

A hold pauses the deadlines of the user notice (CSAR 48(6)-(7)). At its end, by its date or earlier, the user is
notified. The hold's statement about the content is stored on the report: the provider must not remove the content
before.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.detection.models import Draft, HoldEnd, ReceivedFeedback
from tutela.detection.notices import reinstatement, schedule
from tutela.detection.outcomes import filed_elsewhere
from tutela.detection.settings.queries import refresh
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.report.feedback import Feedback, FeedbackKind
from tutela.law import holds
from tutela.organisations.keys import subject_keys

KIND = "report"


def receive(actor: Actor, message: Feedback, sender_id: UUID) -> None:
    """Store a step of a report that went to this sender; the same step twice is one.

    Call inside `acting(actor)`, with the provider's machine as the actor. Raises `NotFound` for a draft that the
    sender never had: a Centre learns nothing about others. What was never drafted here came to it another way.
    """
    row = Draft.objects.filter(pk=message.report_id, sendings__recipient_id=sender_id).first()
    if row is None:
        if Draft.objects.filter(pk=message.report_id).exists():
            raise NotFound("No report with this ID was sent to you.")
        filed = filed_elsewhere.receive(actor, message, sender_id)
        if filed is not None and message.until is not None and filed.held_until is not None:
            # Whatever came first: the newest word about a hold is the one that the list shows.
            _hold(actor, message.report_id, sender_id, filed.held_until, filed.content_until)
        return
    told = _received(actor, row, message)
    subject_keys.seal_words(actor, KIND, row.pk, told)
    if not insert_ignore(told):
        return
    if message.kind is FeedbackKind.RECEIVED and message.reason:
        Draft.objects.filter(pk=row.pk).update(asked=True)
    refresh(row)
    record(actor, "report.feedback", "report", row.pk, step=message.kind, reason_code=message.reason_code)
    if message.kind is FeedbackKind.HOLD and message.until is not None:
        _hold(actor, row.pk, sender_id, message.until, message.content_until)
    if message.kind is FeedbackKind.RELEVANT:
        reinstatement.refresh(row)
    if message.kind in (FeedbackKind.HOLD, FeedbackKind.NOT_RELEVANT):
        # Only these kinds of feedback affect when the user is notified.
        schedule.follow(actor, row)


def _received(actor: Actor, row: Draft, message: Feedback) -> ReceivedFeedback:
    return ReceivedFeedback(
        organisation_id=actor.organisation_id,
        feedback_id=message.feedback_id,
        draft=row,
        kind=message.kind,
        reason=message.reason or "",
        reason_code=message.reason_code or "",
        at=message.at,
        centre=message.centre,
        until=message.until,
        content_until=message.content_until,
    )


def end_holds(actor: Actor) -> int:
    """Let what follows a hold happen where one has ended by its date; returns how many. For the job that asks often."""
    with acting(actor):
        over = ReceivedFeedback.objects.filter(kind=FeedbackKind.HOLD, until__lte=clock.now(), hold_end=None)
        rows = list(over.select_related("draft").order_by("at", "id"))
        for row in rows:
            HoldEnd.objects.create(organisation_id=actor.organisation_id, feedback=row)
            schedule.follow(actor, row.draft)
        return len(rows)


def _hold(actor: Actor, report_id: UUID, sender_id: UUID, until: datetime, content_until: datetime | None) -> None:
    """The newest word counts: it replaces an earlier hold, or, with a moment that has passed, ends it."""
    while (earlier := holds.held(KIND, report_id)) is not None and earlier.asked_by == sender_id:
        holds.lift(actor, earlier.id)
    if until > clock.now():
        reason = "Hold reported by the Centre"
        holds.place(actor, KIND, report_id, asked_by=sender_id, reason=reason, until=until, content_until=content_until)
