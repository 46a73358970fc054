"""Orphaned holds: two people of the Centre end a hold if the authority that asked no longer exists."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.organisations.approvals import four_eyes
from tutela.organisations.people import directory
from tutela.reports.errors import HoldStands
from tutela.reports.models import Report
from tutela.reports.referrals import outcomes
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.state import provider_feedback
from tutela.reports.state.report_rows import locked

# An organisation that has not been verified for so long is gone.
GONE_AFTER = timedelta(days=30)
ACT = provider_feedback.END_OF_HOLD


def asker_is_gone(report: Report) -> bool:
    """Whether an active hold cannot be lifted, since its authority has long been unverified.

    A suspension of some days does not count: a notice to a provider cannot be taken back.
    """
    hold = provider_feedback.held(report)
    if hold is None or directory.entry(hold.asked_by).verified:
        return False
    newest = max((one.at for one in directory.history(hold.asked_by)), default=None)
    return newest is None or newest <= clock.now() - GONE_AFTER


def ask(actor: Actor, report_id: UUID, reason: str) -> None:
    """Ask for the end of a hold whose authority is gone. Raises `AskedAlready`, `HoldStands`, `Invalid`, `NotFound`."""
    actor.require("holds.end")
    with acting(actor):
        report = _orphaned(report_id)
        four_eyes.ask(actor, ACT, SUBJECT, report.report_id, typed(reason))


def end(actor: Actor, report_id: UUID) -> None:
    """End the hold, as the second person. Raises `HoldStands`, `NotFound` if nobody asked, `SamePerson`."""
    actor.require("holds.end")
    with acting(actor):
        report = _orphaned(report_id)
        four_eyes.agree(actor, ACT, SUBJECT, report.report_id)
        record(actor, "hold.orphaned", "report", report.report_id)
        outcomes.lift(actor, report, provider_feedback.held(report).asked_by)


def refuse(actor: Actor, report_id: UUID) -> None:
    """Refuse the request to end the hold. Raises `NotFound` if nobody asked."""
    actor.require("holds.end")
    with acting(actor):
        report = locked(report_id)
        four_eyes.refuse(actor, ACT, SUBJECT, (report.duplicate_of or report).report_id)


def pending_release(actor: Actor, report: Report) -> four_eyes.ApprovalRequest | None:
    """Pending request to end a report's hold, with its author. Call inside `acting(actor)`."""
    return four_eyes.pending_request(ACT, SUBJECT, report.report_id) if actor.can("holds.end") else None


def waiting_for(actor: Actor) -> list[str]:
    """The reports about whose hold this person may decide. Call inside `acting(actor)`."""
    return four_eyes.subjects(actor, ACT)


def _orphaned(report_id: UUID) -> Report:
    report = locked(report_id)
    if report.duplicate_of:
        report = locked(report.duplicate_of.report_id)
    if not asker_is_gone(report):
        raise HoldStands
    return report
