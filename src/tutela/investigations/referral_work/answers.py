"""Answers to the Centre: acknowledgement, outcome and hold request, each sent through the outbox."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.casework.assignment import claim
from tutela.casework.search import keyed_rows
from tutela.casework.search.values import ValueKind, value
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.referral.hold import HoldAsked, HoldEnded
from tutela.exchange.referral.outcome import Acknowledgement as WireAcknowledgement
from tutela.exchange.referral.outcome import Outcome as WireOutcome
from tutela.exchange.referral.outcome import OutcomeKind, ReleaseLevel
from tutela.investigations.errors import (
    AlreadyAcknowledged,
    AlreadyClosed,
    AlreadyReturned,
    FilesWait,
    FormReused,
    NoHold,
    NotAcknowledged,
)
from tutela.investigations.inbox.packages import package_of
from tutela.investigations.models import Acknowledgement, HoldRequest, Outcome, Referral, Returned
from tutela.investigations.referral_work import hold_requests
from tutela.investigations.referral_work.child_pseudonyms import pseudonyms
from tutela.law import clocks
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox

LONGEST_REFERENCE = 300


def acknowledge(actor: Actor, referral_id: UUID, file_reference: str = "", *, has_files: bool = False) -> None:
    """Acknowledge the package, and its sealed files (`has_files`): the Centre deletes them.

    Raises `AlreadyAcknowledged`, `NotFound`, `FilesWait` if nobody confirms that the package's files are here.
    """
    actor.require("investigations.answer")
    file_reference = typed(file_reference)
    if len(file_reference) > LONGEST_REFERENCE:
        raise Invalid(
            "A file reference can have at most {most} characters.", field="file_reference", most=LONGEST_REFERENCE
        )
    with acting(actor):
        row = locked_referral(referral_id)
        if Acknowledgement.objects.filter(referral=row).exists():
            raise AlreadyAcknowledged
        if Returned.objects.filter(referral=row).exists():
            raise AlreadyReturned
        package = package_of(row)
        if package and package.evidence and not has_files:
            raise FilesWait
        _keep(actor, row, file_reference)
        message = WireAcknowledgement(
            referral_id=referral_id,
            received_at=row.created_at,
            referral_sha256=row.sha256,
            acknowledged_at=clock.now(),
            authority=actor.organisation_name,
            file_reference=file_reference or None,
        )
        clocks.stop_if_running(actor, "acknowledgement", "referral", referral_id)
        post(actor, row, "acknowledgement", "/api/v1/acknowledgements", message.to_bytes().decode(), "acknowledgement")
        claim.decided(actor, "referral", referral_id)
        record(actor, "referral.acknowledged", "referral", referral_id, number=row.number)


def _keep(actor: Actor, row: Referral, file_reference: str) -> None:
    """Store the acknowledgement. A referral is found by its file reference as long as its contents are kept."""
    kept = Acknowledgement(
        organisation_id=actor.organisation_id,
        referral=row,
        file_reference=file_reference,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, "referral", row.referral_id, kept, "file_reference")
    kept.save(force_insert=True)
    if file_reference:
        rows = Referral.objects.filter(pk=row.pk, erased_at=None)
        keyed_rows.add(actor, rows, value(ValueKind.FILE_REFERENCE, file_reference))


def report_outcome(
    actor: Actor,
    referral_id: UUID,
    *,
    kind: str,
    reason: str,
    release: str,
    token: UUID | None = None,
    children: str = "",
) -> None:
    """Report one step, shared up to the chosen release level.

    The same form (`token`) sent twice is one step. Of `children`, own references one per line, only pseudonyms leave
    the node. Raises `Invalid`, `NotAcknowledged`, `AlreadyClosed`, and `FormReused` if its content changed.
    """
    actor.require("investigations.answer")
    reason, token = typed(reason), token or uuid7()
    _check_outcome(kind, reason, release, children)
    named = pseudonyms(actor.organisation_id, children)
    with acting(actor):
        row = locked_referral(referral_id)
        if (earlier := row.outcomes.filter(token=token).first()) is not None:
            _check_same(row, earlier, {"kind": kind, "reason": reason, "release": release, "children": len(named)})
            return
        _check_turn(row)
        made = Outcome(
            organisation_id=actor.organisation_id,
            referral=row,
            kind=kind,
            reason=reason,
            release=release,
            by=actor.reference,
            by_name=actor.name[:200],
            token=token,
            children=len(named),
        )
        subject_keys.seal_words(actor, "referral", referral_id, made)
        made.save()
        _send(actor, row, made, _message(actor, made, reason, named))


def _send(actor: Actor, row: Referral, made: Outcome, message: WireOutcome) -> None:
    post(actor, row, "outcome", "/api/v1/outcomes", message.to_bytes().decode(), str(message.outcome_id))
    claim.decided(actor, "referral", row.referral_id)
    record(actor, f"outcome.{made.kind}", "referral", row.referral_id, number=row.number, release=made.release)


def _message(actor: Actor, made: Outcome, reason: str, named: tuple[str, ...]) -> WireOutcome:
    return WireOutcome(
        outcome_id=uuid7(),
        referral_id=made.referral.referral_id,
        kind=OutcomeKind(made.kind),
        reason=reason or None,
        at=clock.now(),
        authority=actor.organisation_name,
        release=ReleaseLevel(made.release),
        children=named,
    )


def _check_same(row: Referral, earlier: Outcome | HoldRequest, said: dict[str, object]) -> None:
    """Check that a form sent again has the same content; erased text is not compared.

    Raises `FormReused`: the sender would otherwise believe that the new content was reported.
    """
    sealed = earlier.reason
    subject_keys.open_words("referral", row.referral_id, [earlier])
    gone = {"reason"} if sealed and not earlier.reason else set()
    if any(getattr(earlier, name) != value for name, value in said.items() if name not in gone):
        raise FormReused


def _check_turn(row: Referral) -> None:
    if not Acknowledgement.objects.filter(referral=row).exists():
        raise NotAcknowledged
    if row.outcomes.filter(kind=OutcomeKind.CLOSED.value).exists():
        raise AlreadyClosed


def _check_outcome(kind: str, reason: str, release: str, children: str) -> None:
    """Raise `Invalid`, naming the field, for an outcome that cannot be sent."""
    if kind not in {k.value for k in OutcomeKind}:
        raise Invalid("Choose the outcome.", field="kind")
    if release not in {k.value for k in ReleaseLevel}:
        raise Invalid("Choose the release level.", field="release")
    if kind == OutcomeKind.NO_ACTION and not reason:
        raise Invalid("Enter a reason why no action was taken.", field="reason")
    if children.strip() and kind != OutcomeKind.VICTIM_IDENTIFIED:
        raise Invalid("Enter children only if they were identified and safeguarded.", field="children")


def ask_hold(
    actor: Actor,
    referral_id: UUID,
    *,
    reason: str,
    until: datetime,
    keep_content: bool = False,
    token: UUID | None = None,
) -> None:
    """Ask that the user is not notified before a given time, at most eighteen months from the first time (CSAR 48(6)).

    With `keep_content`, the content is not removed before then either (48(7)). The newest request replaces the previous
    one. Raises `Invalid`, `FormReused`.
    """
    actor.require("investigations.answer")
    reason = typed(reason)[:300]
    if not reason:
        raise Invalid("Enter a reason.", field="reason")
    with acting(actor):
        row = locked_referral(referral_id)
        asked = HoldAsked(referral_id=referral_id, reason=reason, until=until, keep_content=keep_content)
        if (made := _hold(actor, row, token or uuid7(), asked)) is None:
            return
        post(actor, row, "hold", "/api/v1/holds", asked.model_dump_json(), hold_requests.key(made))
        record(actor, "hold.asked", "referral", referral_id, until=until, content=keep_content)


def end_hold(actor: Actor, referral_id: UUID) -> None:
    """Allow the notice to the user again: the Centre ends every hold that this authority asked for.

    Raises `NoHold` if none was asked for or it has ended.
    """
    actor.require("investigations.answer")
    with acting(actor):
        row = locked_referral(referral_id)
        if hold_requests.holding_of(row).standing is None:
            raise NoHold
        if (made := _hold(actor, row, uuid7())) is None:
            return
        body = HoldEnded(referral_id=referral_id).model_dump_json()
        post(actor, row, "hold_end", "/api/v1/hold-ends", body, hold_requests.key(made))
        record(actor, "hold.ended", "referral", referral_id)


def _hold(actor: Actor, row: Referral, token: UUID, asked: HoldAsked | None = None) -> HoldRequest | None:
    """The row of a request, or of its end; None where the same form has been sent before. Raises `FormReused`."""
    if (earlier := row.hold_requests.filter(token=token).first()) is not None:
        if asked is not None:
            _check_same(row, earlier, asked.model_dump(include={"reason", "until", "keep_content"}))
        return None
    if asked is not None:
        hold_requests.check_longest(row, asked.until)
    made = HoldRequest(
        organisation_id=actor.organisation_id,
        referral=row,
        reason=asked.reason if asked else "",
        until=asked.until if asked else None,
        keep_content=asked is not None and asked.keep_content,
        token=token,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, "referral", row.referral_id, made)
    made.save()
    return made


def locked_referral(referral_id: UUID) -> Referral:
    """A referral of ours, locked. Raises `NotFound`. Call inside `acting(actor)`."""
    row = Referral.objects.select_for_update().filter(referral_id=referral_id).first()
    if row is None:
        raise NotFound
    return row


def post(actor: Actor, row: Referral, kind: str, path: str, body: str, key: str) -> None:
    """Send the Centre a message about a referral; the same key is one message. Call inside `acting(actor)`."""
    outbox.send(
        actor,
        row.centre_id,
        kind,
        path,
        body,
        key=f"{row.referral_id}:{key}"[:80],
        subject_id=row.referral_id,
        urgent=kind in ("hold", "hold_end", "return"),
    )
