"""The return leg: acknowledgements and outcomes from authorities, and what providers are told.

A provider learns only: received, relevant or not with its reason, closed; and nothing beyond "received" during a hold
(CSAR 48(6)-(7)). What an authority releases to the Centre alone stays there.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.ids import uuid7
from tutela.events.recording import record
from tutela.exchange.feedback import Feedback, FeedbackKind
from tutela.exchange.outcome import Acknowledgement as WireAcknowledgement
from tutela.exchange.outcome import Outcome as WireOutcome
from tutela.exchange.outcome import OutcomeKind, ReleaseLevel
from tutela.law import clocks, holds
from tutela.organisations import outbox
from tutela.reports.errors import UnknownReferral
from tutela.reports.models import Acknowledgement, FeedbackSent, Outcome, Referral, Report


def acknowledge(centre: Actor, sender: Actor, message: WireAcknowledgement) -> None:
    """An authority has the package; the acknowledgement clock stops. Raises `UnknownReferral`."""
    with acting(centre):
        row = _of(sender, message.referral_id)
        Acknowledgement.objects.get_or_create(
            organisation_id=centre.organisation_id, referral=row,
            defaults={"received_at": message.received_at, "file_reference": message.file_reference or ""},
        )  # fmt: skip
        clocks.stop_if_running(centre, "acknowledgement", "report", row.report.report_id)
        record(centre, "referral.acknowledged", "report", row.report.report_id, referral=row.number)


def take_outcome(centre: Actor, sender: Actor, message: WireOutcome) -> None:
    """One step of what became of a referral; the provider is told as far as it is released."""
    with acting(centre):
        row = _of(sender, message.referral_id)
        _, new = Outcome.objects.get_or_create(
            outcome_id=message.outcome_id,
            defaults={
                "organisation_id": centre.organisation_id, "referral": row, "kind": message.kind.value,
                "reason": message.reason or "", "release": message.release.value, "at": message.at,
            },
        )  # fmt: skip
        if not new:
            return
        record(centre, f"outcome.{message.kind}", "report", row.report.report_id, referral=row.number)
        if message.kind is OutcomeKind.CLOSED and message.release is not ReleaseLevel.CENTRE_ONLY:
            tell_provider(centre, row.report, "closed")


def place_hold(centre: Actor, sender: Actor, referral_id: UUID, reason: str, until: datetime) -> None:
    """An authority asks that the user is not told; the provider learns that a hold lasts until a date."""
    with acting(centre):
        row = _of(sender, referral_id)
        holds.place(
            centre, "report", row.report.report_id, asked_by=sender.organisation_id, reason=reason, until=until
        )  # fmt: skip


def tell_provider(actor: Actor, row: Report, kind: str, reason: str = "") -> None:
    """Send one step of feedback, once a kind; during a hold nothing but "received". Call inside `acting(actor)`."""
    if kind != FeedbackKind.RECEIVED and holds.held("report", row.report_id):
        return
    _, new = FeedbackSent.objects.get_or_create(organisation_id=actor.organisation_id, report=row, kind=kind)
    if not new:
        return
    message = Feedback(
        feedback_id=uuid7(), report_id=row.report_id, kind=FeedbackKind(kind), reason=reason or None, at=clock.now(),
        centre=actor.organisation_name,
    )  # fmt: skip
    _to_provider(actor, row, message, f"feedback:{row.report_id}:{kind}")


def ask_provider(actor: Actor, row: Report, question: str) -> None:
    """Ask for what is missing (CSAR 48(4)); the question travels as feedback of the kind "received"."""
    message = Feedback(
        feedback_id=uuid7(), report_id=row.report_id, kind=FeedbackKind.RECEIVED, reason=question, at=clock.now(),
        centre=actor.organisation_name,
    )  # fmt: skip
    _to_provider(actor, row, message, f"question:{message.feedback_id}")


def _to_provider(actor: Actor, row: Report, message: Feedback, key: str) -> None:
    outbox.send(
        actor, row.provider_id, "feedback", f"/api/v1/organisations/{row.provider_id}/feedback",
        message.to_bytes().decode(), key=key, subject_id=row.report_id,
    )  # fmt: skip


def _of(sender: Actor, referral_id: UUID) -> Referral:
    row = Referral.objects.filter(referral_id=referral_id, authority_id=sender.organisation_id).first()
    if row is None:
        raise UnknownReferral
    return row
