"""Decide a complaint (DSA Art. 20): a person who did not decide before, with a reason of the list and a text.

1. The account is proved first (`account_proof`), then the measure and who decided it are recorded. Nobody of those
   decides. A Coordinating Authority decides about
   measures of others, the Centre and authorities: nobody there decided before.
2. The measure stays, is reversed, or is reversed in part. A complaint more than six months after the person was
   informed needs the mark that it is accepted all the same, unless the measure is reversed.
3. A reversal begins in the same transaction: the own measure waits for a person; an entry that was wrong stops at this
   provider at once; the Centre that has the report and the notifier whose notice it was get the reversal.
   An entry without a report stops at this provider alone: nobody else got anything that rests on it.
4. The person is told the decision in the same transaction, in the language of the complaint: with standard reasons, the
   decider's own reasons or both, and the ways to go on. They name no report, entry or hash. Notes stay inside.
5. If nothing needs to be corrected, the complaint is closed by its decision, or by a person who sends it by letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.casework.assignment import claim
from tutela.detection.candidates import local_stops
from tutela.detection.outcomes import measure_facts as report_facts
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.organisations.keys import subject_keys
from tutela.organisations.people import directory
from tutela.redress.complaints import account_proof, misuse, rows, tell
from tutela.redress.errors import DecidedBefore, NobodyElse, NoMeasure, WindowClosed
from tutela.redress.ledger import entries
from tutela.redress.models import (
    Complaint,
    ComplaintDecision,
    ComplaintStage,
    ComplaintStepKind,
    DecisionOutcome,
    HopKind,
    HopState,
    MeasureKind,
    ReasonCode,
    Reversal,
    StandardReason,
)
from tutela.redress.models.complaints import ENTRY_ERRORS, REVERSING
from tutela.redress.reversals import begin, hops
from tutela.redress.reversals.begin import Mistake, RecipientCopy
from tutela.takedown.host_desk import measure_facts as notice_facts
from tutela.takedown.notices import sent_notices

HASH = re.compile(r"[0-9a-f]{32,}")


@dataclass(frozen=True)
class Judgement:
    """A decision. `reasons` are for the person, in their language; `standard` are codes of translated ones.

    `notes` stay inside the organisation. `accept_late`: it is decided although six months are over.
    """

    outcome: str
    reason_code: str
    reasons: str = ""
    notes: str = ""
    standard: tuple[str, ...] = ()
    accept_late: bool = False


def decide(actor: Actor, complaint_id: UUID, given: Judgement) -> None:
    """Decide a complaint. Raises `NoProof`, `DecidedBefore`, `NoMeasure`, `NobodyElse`, `WindowClosed`,
    `ComplaintDecided`, `Invalid` naming the field.
    """
    actor.require(rows.DECIDE)
    check(given)

    def work() -> None:
        with acting(actor):
            row = rows.locked(complaint_id)
            _require_decidable(actor, row, given)
            _store(actor, row, given)
            reversing = given.outcome != DecisionOutcome.UPHOLD
            found = _reverse(actor, row, given) if reversing else None
            told = tell.decision(actor, row, given)
            closes = told and not reversing
            row.stage = (
                ComplaintStage.REVERSING if reversing else ComplaintStage.CLOSED if told else ComplaintStage.TELL
            )
            row.closed_at = clock.now() if closes else None
            row.save(update_fields=["stage", "closed_at"])
            if found is not None:
                hops.settle(actor, found)

    redrawn(work)


def check(given: Judgement) -> None:
    """Check a decision by itself. Raises `Invalid` naming the field."""
    if given.outcome not in DecisionOutcome.values:
        raise Invalid("Choose the decision.", field="outcome")
    fitting = REVERSING if given.outcome != DecisionOutcome.UPHOLD else tuple(set(ReasonCode.values) - set(REVERSING))
    if given.reason_code not in fitting:
        raise Invalid("Choose a reason that fits the decision.", field="reason_code")
    rows.checked(given.notes, "notes", required=False)
    rows.checked(given.reasons, "reasons", required=False)
    _check_standard(given)


def _check_standard(given: Judgement) -> None:
    if not given.reasons.strip() and not given.standard:
        raise Invalid("Write the reasons for the person, or choose standard reasons.", field="reasons")
    upheld = given.outcome == DecisionOutcome.UPHOLD
    wrong = StandardReason.SHOWN if upheld else StandardReason.NOTHING
    if set(given.standard) - set(StandardReason.values) or wrong in given.standard:
        raise Invalid("Choose standard reasons that fit the decision.", field="standard")


def _check_reasons(row: Complaint, given: Judgement) -> None:
    """What the person reads shows nothing of how detection works, and no number that is not theirs."""
    report = report_facts.by_id(row.report_id) if row.report_id is not None else None
    inside = (report.number if report else "", row.notice_number, str(row.indicator_id or ""))
    said = given.reasons.casefold()
    if HASH.search(said) or any(one and one.casefold() in said for one in inside):
        raise Invalid("The person reads this. Remove numbers of reports and notices, and hashes.", field="reasons")


def window_end(row: Complaint) -> datetime | None:
    """Until when a complaint could be made; None if nobody recorded when the person was informed."""
    return KINDS["complaint"].length.after(row.informed_at) if row.informed_at else None


def may_decide(actor: Actor, row: Complaint) -> bool:
    """Whether the actor could decide this complaint as it is recorded."""
    known = bool(row.deciders) or (
        actor.organisation_kind == "coordinating_authority" and row.measure != MeasureKind.UNKNOWN
    )
    return actor.can(rows.DECIDE) and known and actor.reference not in row.deciders


def _require_decidable(actor: Actor, row: Complaint, given: Judgement) -> None:
    rows.require_open(row)
    account_proof.required(row)
    if row.measure == MeasureKind.UNKNOWN:
        raise NoMeasure
    _check_reasons(row, given)
    if not row.deciders and actor.organisation_kind != "coordinating_authority":
        raise NobodyElse
    if actor.reference in row.deciders or actor.person_id is None:
        raise DecidedBefore
    if given.outcome != DecisionOutcome.UPHOLD:
        _require_reversible(actor, row)
    if given.reason_code == ReasonCode.REPEATED and row.repeats_id is None:
        raise Invalid("No earlier complaint about the same measure is recorded.", field="reason_code")
    state = misuse.state_of(row) if given.reason_code == ReasonCode.SUSPENDED else None
    if given.reason_code == ReasonCode.SUSPENDED and (state is None or state.until is None):
        raise Invalid("The complaints of this account are not suspended.", field="reason_code")
    ends = window_end(row)
    late = ends is not None and row.received_at > ends
    accepted = given.accept_late or given.reason_code == ReasonCode.MANIFEST
    if late and given.outcome == DecisionOutcome.UPHOLD and not accepted:
        raise WindowClosed(field="accept_late")


def _require_reversible(actor: Actor, row: Complaint) -> None:
    """Nothing that is reversed may go on by another way, and somebody must be there who can correct it."""
    report = report_facts.by_id(row.report_id) if row.report_id is not None else None
    if report is not None and report.draft:
        raise Invalid("Discard the draft of this report first, so that nobody sends it.", field="outcome")
    if actor.organisation_kind == "coordinating_authority" and row.against_id is None:
        raise Invalid("Record first whose measure this is.", field="outcome")


def _store(actor: Actor, row: Complaint, given: Judgement) -> None:
    made = ComplaintDecision(
        organisation_id=actor.organisation_id,
        complaint=row,
        outcome=given.outcome,
        reason_code=given.reason_code,
        standard=list(given.standard),
        reasons=given.reasons.strip(),
        text=given.notes.strip(),
        late=clock.now() > row.due_at,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    for column in ("reasons", "text"):
        subject_keys.seal_words(actor, rows.SUBJECT, row.pk, made, column)
    if not insert_ignore(made):
        raise rows.decided_already(row)
    clocks.stop_if_running(actor, rows.CLOCK, rows.SUBJECT, row.pk)
    claim.decided(actor, rows.SUBJECT, row.pk)
    rows.step(actor, row, ComplaintStepKind.DECIDED)
    record(actor, "complaint.decided", rows.SUBJECT, row.pk, outcome=given.outcome, reason=given.reason_code)


def _reverse(actor: Actor, row: Complaint, given: Judgement) -> Reversal:
    """Rule 3."""
    reports = (row.report_id,) if row.report_id is not None else ()
    # An entry is wrong only where the error says so; a wrong account or a lawful context leaves it right.
    entry = row.indicator_id if given.reason_code in ENTRY_ERRORS else None
    mistake = Mistake(given.reason_code, reports, entry, row.notice_number)
    made = begin.begin(actor, mistake, row)
    hops.add(actor, made, HopKind.MEASURE)
    _own_list(actor, made)
    # Who complains that a notice was not acted on says that the notice was right.
    missed = row.measure == MeasureKind.NO_ACTION
    source = None if missed else _notifier(actor, made)
    _centre(actor, made)
    _others(actor, row, made)
    facts = entries.ErrorFacts(
        technology=row.technology,
        list_id=row.list_id,
        provider_id=actor.organisation_id if actor.organisation_kind == "provider" else None,
        source_id=source,
        happened_at=row.measure_at,
    )
    if not missed:
        entries.enter(actor, made, facts)
    hop = hops.add(actor, made, HopKind.STATISTICS)
    if hop is not None:
        hops.step(actor, hop, HopState.CORRECTED)
    return made


def _own_list(actor: Actor, made: Reversal) -> None:
    if made.indicator_id is None or actor.organisation_kind != "provider":
        return
    local_stops.stop(actor, made.indicator_id, made.root_id)
    hop = hops.add(actor, made, HopKind.OWN_LIST)
    if hop is not None:
        hops.step(actor, hop, HopState.CORRECTED)


def _notifier(actor: Actor, made: Reversal) -> UUID | None:
    """Tell whoever sent the notice on which the measure rested; returns the ID of an organisation of the directory."""
    found = notice_facts.by_number(made.notice_number) if made.notice_number else None
    if found is None or not found.named:
        return None
    if not found.listed:
        about: dict[str, object] = {"notice": found.reference}
        hops.add(actor, made, HopKind.NOTIFIER, (found.notifier_id, found.notifier_name), about=about)
        return None
    kind = HopKind.HOTLINE if directory.entry(found.notifier_id).kind == "hotline" else HopKind.AUTHORITY
    begin.tell(actor, made, kind, found.notifier_id, RecipientCopy(notice=found.reference))
    return found.notifier_id


def _centre(actor: Actor, made: Reversal) -> None:
    """Tell the Centre that has the report."""
    for report in made.report_ids:
        found = report_facts.by_id(report)
        if found is not None and found.centre_id is not None:
            # Before the Centre has the report it does not know what is meant. It knows entries of the register alone.
            named = made.indicator_id if made.indicator_id in found.register_entries else None
            copy = RecipientCopy((found.report_id,), named)
            begin.tell(actor, made, HopKind.CENTRE, found.centre_id, copy, now=found.received)


def _others(actor: Actor, row: Complaint, made: Reversal) -> None:
    """A hotline tells the host that got its notice; a Coordinating Authority tells those whose measure it is."""
    sent = sent_notices.sent_with(row.notice_number) if actor.organisation_kind == "hotline" else None
    if sent is not None:
        begin.tell_host(actor, made, sent)
    if row.against_id is not None:
        centre = directory.entry(row.against_id).kind == "centre"
        kind = HopKind.CENTRE if centre else HopKind.AUTHORITY
        hops.add(actor, made, kind, (row.against_id, row.against_name))
