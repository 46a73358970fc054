"""Acknowledgements, outcomes and holds from authorities.

Information that an authority releases to the Centre alone stays there. `provider_feedback` decides what a provider
learns, and when.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from tutela import clock
from tutela.casework.search import keyed_rows
from tutela.casework.search.values import ValueKind, value
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.hold import HoldAsked
from tutela.exchange.referral.outcome import Acknowledgement as WireAcknowledgement
from tutela.exchange.referral.outcome import Outcome as WireOutcome
from tutela.exchange.referral.outcome import OutcomeKind
from tutela.exchange.referral.referral import Referral as Package
from tutela.law import clocks, holds
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox
from tutela.reports.errors import ReferralUndone, UnknownReferral
from tutela.reports.evidence import storage
from tutela.reports.evidence.handover import reports_of
from tutela.reports.models import (
    Acknowledgement,
    Evidence,
    Outcome,
    Referral,
    ReferralReturn,
    Report,
    SafeguardedChild,
)
from tutela.reports.report_encryption import SUBJECT, unseal
from tutela.reports.state import hold_queue, provider_feedback, status
from tutela.reports.state.report_rows import locked


def acknowledge(centre: Actor, sender: Actor, message: WireAcknowledgement) -> None:
    """Record an acknowledgement: stop the acknowledgement deadline and delete the named files.

    A file that arrived after the package was made stays: its addressee acknowledges it separately, or its storage time
    ends. Raises `UnknownReferral`, `ReferralUndone`, and `Invalid` if other bytes are acknowledged than were sent.
    """
    with acting(centre):
        row = referral_of(sender, message.referral_id)
        report = locked(row.report.report_id)
        if not status.referrals_that_stand(report).filter(pk=row.pk).exists():
            raise ReferralUndone
        if message.referral_sha256 != row.sha256:
            raise Invalid("The digest does not match the referral that was sent.", field="referral_sha256")
        if not Acknowledgement.objects.filter(referral=row).exists():
            kept = Acknowledgement(
                organisation_id=centre.organisation_id,
                referral=row,
                received_at=message.received_at,
                acknowledged_at=message.acknowledged_at or clock.now(),
                file_reference=message.file_reference or "",
            )
            subject_keys.seal_words(centre, SUBJECT, report.report_id, kept, "file_reference")
            kept.save(force_insert=True)
            if message.file_reference:
                # Nothing is added to a report whose contents were erased.
                rows = Report.objects.filter(pk=report.pk, erased_at=None)
                keyed_rows.add(centre, rows, value(ValueKind.FILE_REFERENCE, message.file_reference))
        clocks.stop_if_running(centre, "acknowledgement", "referral", row.referral_id)
        # Where it was fetched, what of it is on its way need not arrive.
        outbox.settle_copies(centre, row.authority_id, "referral", f"referral:{row.referral_id}")
        storage.drop(centre, _named_files(row), storage.ARRIVED)
        record(centre, "referral.acknowledged", "report", report.report_id, referral=row.number)


def take_outcome(centre: Actor, sender: Actor, message: WireOutcome) -> None:
    """Record one outcome step of a referral; the provider is notified as far as it is released.

    Raises `UnknownReferral`, and `ReferralUndone` if it was returned.
    """
    with acting(centre):
        row = _said_of(sender, message.referral_id)
        report = locked(row.report.report_id)
        if ReferralReturn.objects.filter(referral=row).exists():
            raise ReferralUndone
        made = Outcome(
            outcome_id=message.outcome_id,
            organisation_id=centre.organisation_id,
            referral=row,
            kind=message.kind.value,
            reason=message.reason or "",
            release=message.release.value,
            at=message.at,
        )
        subject_keys.seal_words(centre, SUBJECT, row.report.report_id, made)
        if not insert_ignore(made):
            return
        for pseudonym in message.children:
            SafeguardedChild.objects.create(
                organisation_id=centre.organisation_id,
                outcome=made,
                authority_id=sender.organisation_id,
                pseudonym=pseudonym,
            )
        status.refresh(report)
        record(centre, f"outcome.{message.kind}", "report", report.report_id, referral=row.number)
        if message.kind is OutcomeKind.CLOSED:
            tell_closed(centre, report)


def tell_closed(centre: Actor, report: Report) -> None:
    """Notify the provider, once, that a report is closed, when no valid referral of it is left open.

    A further copy that is closed later has the same cause, and gives no second notice. Call inside `acting(centre)`,
    the report locked.
    """
    outcome = status.closing_outcome(report)
    if outcome is not None:
        provider_feedback.tell_all(centre, report, "closed", cause=outcome.pk)


def place_hold(centre: Actor, sender: Actor, asked: HoldAsked) -> None:
    """Place the hold that an authority requests: no notice to the user, or no removal of the content either.

    The provider learns the end date. Raises `Invalid`, `HoldTooLong`.
    """
    if asked.until <= clock.now():
        raise Invalid("The end of a hold must be in the future.", field="until")
    with acting(centre):
        row = _said_of(sender, asked.referral_id)
        report = locked(row.report.report_id)
        if not status.referrals_that_stand(report).filter(pk=row.pk).exists():
            raise ReferralUndone
        holds.check_longest("report", report.report_id, sender.organisation_id, asked.until)
        made = holds.place(
            centre,
            "report",
            report.report_id,
            asked_by=sender.organisation_id,
            reason=asked.reason,
            until=asked.until,
            content_until=asked.until if asked.keep_content else None,
        )
        # It takes the place of the one before, also where it is shorter, and leaves no moment between them.
        holds.lift_of(centre, "report", report.report_id, sender.organisation_id, but=made)
        provider_feedback.tell_hold(centre, report)


def lift_hold(centre: Actor, sender: Actor, referral_id: UUID) -> None:
    """End this authority's holds. If no hold is left, all pending messages are sent at once."""
    with acting(centre):
        row = referral_of(sender, referral_id)
        report = locked(row.report.report_id)
        lift(centre, report, sender.organisation_id)


def lift(centre: Actor, report: Report, asked_by: UUID) -> None:
    """End all holds that one organisation requested. If no hold is left, all pending messages are sent at once.

    Call inside `acting(centre)`, the report locked.
    """
    holds.lift_of(centre, "report", report.report_id, asked_by)
    provider_feedback.tell_hold(centre, report)
    concerned = Q(report=report) | Q(report__duplicate_of=report)
    hold_queue.send_waiting(centre, hold_queue.pending_feedback().filter(concerned))


def _named_files(row: Referral) -> QuerySet[Evidence]:
    """Stored files that a package names: its authority has those, and nothing is known about others."""
    kept = storage.of_reports(reports_of(row.report)).filter(addressee_id=row.authority_id)
    try:
        body = unseal(row.report.report_id, "referral", row.referral_id, bytes(row.sealed_body))
    except Erased:
        return kept.none()
    return kept.filter(pk__in=[one.evidence_id for one in Package.from_bytes(body).evidence])


def _said_of(sender: Actor, referral_id: UUID) -> Referral:
    """Return the referral that a message is about; for a supplement, the one it supplements."""
    row = referral_of(sender, referral_id)
    return row.supplement_to or row


def referral_of(sender: Actor, referral_id: UUID) -> Referral:
    """A referral to this authority. Raises `UnknownReferral`. Call inside `acting(actor)`."""
    row = Referral.objects.filter(referral_id=referral_id, authority_id=sender.organisation_id).first()
    if row is None:
        raise UnknownReferral
    return row
