"""What became of a report: the Centre's feedback, one row a step."""

from __future__ import annotations

from uuid import UUID

from tutela.detection.models import Draft, ReceivedFeedback
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.recording import record
from tutela.exchange.feedback import Feedback


def receive(actor: Actor, message: Feedback, sender_id: UUID) -> None:
    """Store a step of a report that went to this sender; the same step twice is one.

    Call inside `acting(actor)`, with the provider's machine as the actor. Raises `NotFound` for a report that the
    sender never had: a Centre learns nothing about others.
    """
    row = Draft.objects.filter(pk=message.report_id, sendings__recipient_id=sender_id).first()
    if row is None:
        raise NotFound("No report of this id was sent to you.")
    _row, new = ReceivedFeedback.objects.get_or_create(
        organisation_id=actor.organisation_id, feedback_id=message.feedback_id,
        defaults={
            "draft": row, "kind": message.kind, "reason": message.reason or "", "at": message.at,
            "centre": message.centre,
        },
    )  # fmt: skip
    if new:
        record(actor, "report.feedback", "report", row.pk, step=message.kind)
