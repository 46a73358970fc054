"""Assessment of a report: forward, manifestly unfounded or ask; and undoing a wrong decision.

- Unfounded means immediately evident, without any substantive analysis, that it is not what the report says (CSAR
  recital 65). The provider learns the reason, as a code that both sides count by and as text.
- Forward resolves the jurisdiction and allows the referral.
- Ask stops the relevance deadline. The stop ends when the provider answers with a new report or a person decides. Once
  the underlying proposal is law (`expired_questions`), it also ends with the deadline of the answer.
- Erroneous undoes the report: the provider and every authority that got it are notified. The indicators it relied on
  stop matching at once: suspended until the register has decided, or revoked if the lead is certain.
- After a referral a report is only ever undone as a whole: another decision would leave the authority believing the
  opposite. Only a lead decides again on a report that a lead declared an error.
- Every decision is sent to the provider, and duplicates follow it.
"""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record, record_many
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.referral.reason_codes import RelevanceCode
from tutela.exchange.report.unfounded_reasons import CHOSEN, UnfoundedReason
from tutela.indicators.register import revoke as register_revoke
from tutela.indicators.register.errors import AlreadyRevoked
from tutela.law import clocks
from tutela.law.clocks import ClockMove
from tutela.law.pause_reasons import PauseReason
from tutela.organisations.errors import ApprovalError, Erased
from tutela.organisations.keys import subject_keys
from tutela.reports.errors import AlreadyReferred, IsDuplicate, RetractedMeanwhile, SameDecision, Undone
from tutela.reports.evidence import storage
from tutela.reports.jurisdiction import rule
from tutela.reports.models import Assessment, Decision, Jurisdiction, Report, Retraction, State
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.scoring import register_claims
from tutela.reports.state import (
    jurisdiction_basis,
    messages,
    new_information,
    provider_feedback,
    retractions,
    status,
    withdrawals,
)
from tutela.reports.state.report_rows import body_of, locked


def assess(actor: Actor, report_id: UUID, decision: str, reason: str, *, seen: int, code: str = "") -> None:
    """Decide. `seen` is how many decisions the actor saw, and a retraction is one more: none meanwhile is overlooked.

    `code` is one of `UnfoundedReason` that a person chooses among, or `EXACT_COPIES` for known material.
    Raises `AlreadyDecided`, `SameDecision`, `RetractedMeanwhile`, `Invalid` naming the field, `NotFound`.
    """
    actor.require("reports.assess")
    if decision not in (Decision.FORWARD, Decision.UNFOUNDED, Decision.ASK):
        raise Invalid("Choose a decision: relevant, unfounded or ask.", field="decision")
    known = decision == Decision.FORWARD and code == RelevanceCode.EXACT_COPIES
    reason, code = typed(reason), code if decision == Decision.UNFOUNDED or known else ""
    check_why(decision, reason, code)
    with acting(actor):
        row = locked(report_id)
        _check_turn(actor, row, seen)
        _check_other(row, decision, code)
        if decision == Decision.ASK and not provider_feedback.answers(row):
            raise Invalid("An authority brought this report, so no provider can be asked.", field="decision")
        made = _decide(actor, row, decision, reason, code)
        match decision:
            case Decision.FORWARD:
                _stop(actor, row, "relevance", "provider_answer")
                if row.urgent:
                    clocks.restart(actor, "urgent_referral", "report", report_id)
                resolve(actor, row)
                provider_feedback.tell_all(actor, row, "relevant", cause=made.pk)
            case Decision.UNFOUNDED:
                _stop(actor, row, "relevance", "provider_answer", "urgent_referral")
                provider_feedback.tell_all(actor, row, "not_relevant", reason, code=code, cause=made.pk)
                _drop_evidence(actor, row, "unfounded")
            case Decision.ASK:
                _pause(actor, report_id)
                provider_feedback.tell(actor, row, messages.QUESTION, reason, cause=made.pk)


def declare_erroneous(actor: Actor, report_id: UUID, reason: str, *, revoke: bool, spare: bool = False) -> None:
    """Declare that a decision was wrong and undo it everywhere.

    Indicators that carry its items are suspended, or revoked unless that requires more than one person's word at this
    Centre. With `spare` they stay unchanged: the items are listed correctly, and the report was wrong about something
    else.

    Raises `AlreadyDecided` if it has been declared before, `IsDuplicate`, `Invalid`, `NotFound`.
    """
    actor.require("reports.erroneous")
    reason = typed(reason)
    if revoke and spare:
        raise Invalid("Choose one option: revoke the indicators, or leave them unchanged.", field="spare")
    if not reason:
        raise Invalid("Enter a reason. Everyone who received the report is notified.", field="reason")
    with acting(actor):
        row = locked(report_id)
        if row.duplicate_of_id:
            raise IsDuplicate
        if row.state == State.ERRONEOUS:
            raise status.decided_already(row)
        withdrawals.tell_authorities(actor, row, reason)
        # The error is the provider's if it declared one that nobody has answered, and otherwise the Centre's.
        theirs = retractions.pending_retractions().filter(report=row).exists()
        code = UnfoundedReason.FILED_BY_MISTAKE if theirs else UnfoundedReason.CENTRE_ERROR
        made = _decide(actor, row, Decision.ERRONEOUS, reason, code)
        _stop(actor, row, "relevance", "provider_answer", "urgent_referral")
        for referral_id in row.referrals.values_list("referral_id", flat=True):
            clocks.stop_if_running(actor, "acknowledgement", "referral", referral_id)
        provider_feedback.tell_all(actor, row, "not_relevant", reason, code=made.reason_code, cause=made.pk)
        _drop_evidence(actor, row, "error")
        for entry in () if spare else sorted(_carried(row)):
            _stop_matching(actor, entry, reason, revoke=revoke)


def check_why(decision: str, reason: str, code: str) -> None:
    """Check that a reason is given. Raises `Invalid` naming the field."""
    if decision == Decision.UNFOUNDED and code not in CHOSEN:
        raise Invalid(
            "Choose why the report is unfounded. The provider is notified, and the Centre and the "
            "provider both count by this reason.",
            field="code",
        )
    needed = decision == Decision.ASK or code == UnfoundedReason.OTHER
    if needed and not reason:
        raise Invalid("Enter the reason in your own words. The provider is notified.", field="reason")


def _carried(row: Report) -> frozenset[UUID]:
    """The register's entries that carry its items, as they were found when it came, also after it was erased."""
    if row.carried is not None:
        return frozenset(row.carried)
    try:  # it came before this was kept
        return register_claims.claims_of(body_of(row)).carried
    except Erased:
        return frozenset()


def _check_turn(actor: Actor, row: Report, seen: int) -> None:
    if row.duplicate_of_id:
        raise IsDuplicate
    retraction = Retraction.objects.filter(report=row).first()
    if row.assessments.count() + (retraction is not None) != seen:
        later = retraction is not None and not row.assessments.filter(created_at__gt=retraction.created_at).exists()
        raise RetractedMeanwhile if later else status.decided_already(row)
    if row.state == State.ERRONEOUS and not actor.can("reports.erroneous"):
        raise Undone
    if status.referrals_that_stand(row).exists():
        raise AlreadyReferred


def _check_other(row: Report, decision: str, code: str) -> None:
    """Another question is another decision; after a retraction or a supplement the same one is a new one."""
    newest = row.assessments.order_by("-created_at", "-id").first()
    stands = newest and row.state == decision and not retractions.pending_retractions().filter(report=row).exists()
    if newest and stands and newest.decision == decision and newest.reason_code == code:
        raise SameDecision(name=newest.by_name)


def _stop(actor: Actor, row: Report, *kinds: str) -> None:
    for kind in kinds:
        clocks.stop_if_running(actor, kind, "report", row.report_id)


def _stop_matching(actor: Actor, entry: UUID, reason: str, *, revoke: bool) -> None:
    if not revoke:
        register_revoke.suspend(actor, entry, reason)
        return
    try:
        register_revoke.revoke(actor, entry, reason)
    except (NotFound, AlreadyRevoked):
        return
    except ApprovalError:
        # It takes a security key or two people, on the entry's own page; until then it is stopped.
        register_revoke.suspend(actor, entry, reason)


def _decide(actor: Actor, row: Report, decision: str, reason: str, code: str) -> Assessment:
    made = Assessment(
        organisation_id=actor.organisation_id,
        report=row,
        decision=decision,
        reason=reason[:600],
        reason_code=str(code),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, SUBJECT, row.report_id, made)
    made.save()
    status.refresh(row)
    record(actor, f"report.{decision}", "report", row.report_id, number=row.number)
    claim.decided(actor, SUBJECT, row.report_id)
    # A report of a mass sender may have tens of thousands of duplicates, so their events are written together.
    if repeats := list(row.duplicates.values_list("report_id", "number")):
        record_many(actor, f"report.{decision}", "report", ((one, {"number": number}) for one, number in repeats))
    return made


def _drop_evidence(actor: Actor, row: Report, how: str) -> None:
    """Sealed files that nobody is to open any longer; where the decision changes again, their provider has them."""
    storage.drop(actor, storage.of_all(row), how)


def resolve(actor: Actor, row: Report) -> None:
    """Resolve the jurisdiction by the rule, from all statements about the report.

    A country later chosen by a person or named by an authority takes precedence. Call inside `acting(actor)`, the row
    locked. Raises `Erased`.
    """
    newest = row.jurisdictions.order_by("-created_at", "-id").first()
    if newest is not None and newest.by != rule.BY_RULE and newest.undoes_id is None:
        return
    said = new_information.merged_content(row)
    found = rule.resolve(said.report, duplicates=said.duplicates)
    made = Jurisdiction(
        country=found.country,
        countries=list(found.countries),
        ground=found.ground.value,
        rule=found.rule,
        basis=jurisdiction_basis.text(found.values, [piece.stored() for piece in found.evidence]),
        edition=found.edition[:120],
        by=rule.BY_RULE,
    )
    jurisdiction_basis.keep(actor, row, made)


def _pause(actor: Actor, report_id: UUID) -> None:
    standing = {spec.kind: state for spec, state in clocks.of_subject("report", report_id)}
    if "relevance" in standing and standing["relevance"].state == "running":
        clocks.take(
            actor, "relevance", "report", report_id, ClockMove("pause", clock.now()), PauseReason.ASKED_PROVIDER
        )
    clocks.restart(actor, "provider_answer", "report", report_id, missed=True)
