"""Relevance: forward, manifestly unfounded, or ask for more. And undoing a decision that was wrong.

- Unfounded means immediately evident, without any substantive analysis, that it is not what the report says
  (CSAR recital 65); the provider learns the reason.
- Forward resolves the jurisdiction and allows the referral.
- Ask stops the relevance clock until the provider answers with a new report or for at most its own clock's time.
- Erroneous undoes: the provider and every authority that got it are told, and what it rested on stops matching.
"""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.recording import record
from tutela.exchange.report import Report as Wire
from tutela.exchange.writing import typed
from tutela.indicators import register
from tutela.indicators.errors import AlreadyRevoked
from tutela.law import clocks
from tutela.law.clocks import Step
from tutela.reports import jurisdiction, outcomes, withdrawal
from tutela.reports.errors import AlreadyDecided
from tutela.reports.models import Assessment, Decision, Jurisdiction, Report
from tutela.reports.sealing import unseal


def assess(actor: Actor, report_id: UUID, decision: str, reason: str, *, seen: int) -> None:
    """Decide. `seen` is how many decisions the actor saw: a colleague's meanwhile is not overwritten.

    Raises `AlreadyDecided`, `Invalid` naming the field, `NotFound`.
    """
    actor.require("reports.assess")
    if decision not in (Decision.FORWARD, Decision.UNFOUNDED, Decision.ASK):
        raise Invalid("Decide: forward, unfounded or ask.", field="decision")
    reason = typed(reason)
    if decision != Decision.FORWARD and not reason:
        raise Invalid("Say why; the provider is told.", field="reason")
    with acting(actor):
        row = locked(report_id)
        if row.assessments.count() != seen:
            raise AlreadyDecided
        _decide(actor, row, decision, reason)
        match decision:
            case Decision.FORWARD:
                clocks.stop_if_running(actor, "relevance", "report", report_id)
                _resolve(actor, row)
                outcomes.tell_provider(actor, row, "relevant")
            case Decision.UNFOUNDED:
                clocks.stop_if_running(actor, "relevance", "report", report_id)
                clocks.stop_if_running(actor, "urgent_referral", "report", report_id)
                outcomes.tell_provider(actor, row, "not_relevant", reason)
            case Decision.ASK:
                _pause(actor, report_id)
                outcomes.ask_provider(actor, row, reason)


def declare_erroneous(actor: Actor, report_id: UUID, reason: str, *, revoke: bool) -> None:
    """The decision was wrong: undo it everywhere. With `revoke`, the indicators it rested on are revoked too."""
    actor.require("reports.erroneous")
    reason = typed(reason)
    if not reason:
        raise Invalid("Say why; everybody who got it is told.", field="reason")
    with acting(actor):
        row = locked(report_id)
        _decide(actor, row, Decision.ERRONEOUS, reason)
        outcomes.tell_provider(actor, row, "not_relevant", reason)
        withdrawal.tell_authorities(actor, [row], reason, indicator=None)
        for entry in row.entries if revoke else ():
            try:
                register.revoke(actor, entry, reason)
            except (NotFound, AlreadyRevoked):
                continue


def body_of(row: Report) -> Wire:
    """The report as the provider sent it."""
    return Wire.from_bytes(unseal("report", row.report_id, bytes(row.sealed_body)))


def locked(report_id: UUID) -> Report:
    """The report, locked until the transaction ends. Raises `NotFound`."""
    row = Report.objects.select_for_update().filter(report_id=report_id).first()
    if row is None:
        raise NotFound
    return row


def _decide(actor: Actor, row: Report, decision: str, reason: str) -> None:
    Assessment.objects.create(
        organisation_id=actor.organisation_id, report=row, decision=decision, reason=reason[:600],
        by=actor.reference, by_name=actor.name[:200],
    )  # fmt: skip
    record(actor, f"report.{decision}", "report", row.report_id, number=row.number)


def _resolve(actor: Actor, row: Report) -> None:
    found = jurisdiction.resolve(body_of(row))
    evidence = [[e.ground.value, e.country, e.source, e.at.isoformat() if e.at else ""] for e in found.evidence]
    Jurisdiction.objects.create(
        organisation_id=actor.organisation_id, report=row, country=found.country, ground=found.ground.value,
        rule=found.rule, evidence=evidence, by="rule",
    )  # fmt: skip


def _pause(actor: Actor, report_id: UUID) -> None:
    standing = {spec.kind: state for spec, state in clocks.of_subject("report", report_id)}
    if "relevance" in standing and standing["relevance"].state == "running":
        clocks.take(actor, "relevance", "report", report_id, Step("pause", clock.now()), "asked the provider")
    clocks.start(actor, "provider_answer", "report", report_id)
