"""Send a report to the Centre and process its answer.

1. The draft is checked and dated. Its exact bytes are stored and enqueued in the outbox in the same transaction.
2. The deadlines of preservation and of the user notice start in that transaction.
3. The outbox sends until the Centre answers. A report that its sender declares urgent, or that names a danger, is sent
   first. Every sending of one report has the same report id. A corrected report has its own idempotency key, because
   the outbox counts a key once.
4. A receipt is valid only if a key of the Centre signed it for exactly these bytes. A refusal returns the draft with
   the fields it names. Any other claim of success is `unproven`, and the report may be sent again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from tutela import clock
from tutela.casework.assignment import claim
from tutela.detection.candidates import withdrawn_indicators
from tutela.detection.drafts import drafts
from tutela.detection.errors import Alone, RestsOnNothing, Unseen
from tutela.detection.models import Answer, Candidate, Draft, Receipt, Sending, WithdrawnMark
from tutela.detection.settings import identity
from tutela.detection.settings.queries import refresh
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.message.signed_envelope import Envelope, trusted_keys
from tutela.exchange.report import scoring_rules
from tutela.exchange.report.completeness import lacking
from tutela.exchange.report.receipt import Receipt as SignedReceipt
from tutela.exchange.report.receipt import check_receipt
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import MaterialKind
from tutela.law import clocks
from tutela.organisations.keys import signing
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.messages import outbox

KIND, PATH = "report", "/api/v1/reports"
PURPOSE = "detection-sending"
CLOCKS = ("preservation", "user_information")


def send(actor: Actor, draft_id: UUID) -> None:
    """Send a draft to the Centre. Raises `Alone`, `AlreadySent`, `RestsOnNothing`, `Unseen`, `NotFound`."""
    actor.require("detection.report")
    link = identity.connection(actor)
    if link.centre is None or not link.joined:
        raise Alone
    with acting(actor):
        row = drafts.locked(draft_id)
        report = dated(actor, founded(row, drafts.text_of(drafts.latest(row))))
        sending = _store(actor, row, report, link.centre.id)
        key = f"report:{row.pk}" if sending.number == 1 else f"report:{row.pk}:{sending.number}"
        body = report.to_bytes().decode()
        outbox.supersede(actor, link.centre.id, KIND, row.pk)
        urgent = scoring_rules.urgent(report.urgency)
        outbox.send(actor, link.centre.id, KIND, PATH, body, key=key, subject_id=row.pk, urgent=urgent)
        start_clocks(actor, row)
        claim.decided(actor, "draft", row.pk)
        record(actor, "report.sent", "report", row.pk, sending=sending.number, sha256=sending.sha256)


def take_answer(actor: Actor, answer: outbox.MessageAnswer) -> None:
    """Store the Centre's answer.

    For `outbox.on_answer`, inside the transaction that stores the answer.
    """
    row = Draft.objects.filter(pk=answer.subject_id).first()
    sending = row.sendings.order_by("-number").first() if row else None
    if row is None or sending is None:
        return
    if not answer.accepted:
        _refused(actor, row, sending, answer)
        return
    try:
        envelope = Envelope.from_bytes(canonical(answer.body.get("receipt", answer.body)))
        found = check_receipt(envelope, sent_report(sending), _keys(answer.recipient_id))
    except (ExchangeError, ValidationError, AttributeError, TypeError) as error:
        _answer(actor, row, sending, "unproven", answer.status, detail=f"The receipt is not valid: {error}")
        record(actor, "report.unproven", "report", row.pk, sending=sending.number)
        return
    _received(actor, row, sending, answer, envelope, found)


def sent_report(sending: Sending) -> Report:
    """The report as it was sent."""
    return Report.from_bytes(unwrap(bytes(sending.wrapped), PURPOSE))


def dated(actor: Actor, report: Report) -> Report:
    """The report with its issuance of now (Annex III, section 3)."""
    named = identity.current(actor)
    issuance = {"issued_at": clock.now(), "time_zone": named.time_zone, "signatory": named.signatory}
    return report.model_copy(update={"issuance": report.issuance.model_copy(update=issuance)})


def founded(row: Draft, report: Report) -> Report:
    """The report without withdrawn entries. Call inside `acting(actor)`.

    Raises `RestsOnNothing` if nothing is left and no person has seen the item. Raises `Unseen` if an item that nobody
    opened would be reported as anything but the listed one.
    """
    _check_foundation(row)
    if row.how == "unopened" and set(report.kinds) != {MaterialKind.KNOWN}:
        raise Unseen
    return without_withdrawn(report)


def stands(row: Draft, report: Report) -> bool:
    """Whether a report that was made ready may still leave as it is. Call inside `acting(actor)`."""
    try:
        return founded(row, report) == report
    except (RestsOnNothing, Unseen):
        return False


def without_withdrawn(report: Report) -> Report:
    """The report without matches on entries that were withdrawn. Call inside `acting(actor)`."""
    gone = withdrawn_indicators.gone({m.entry_id for item in report.items for m in item.matches})
    if not gone:
        return report
    items = tuple(
        item.model_copy(update={"matches": tuple(m for m in item.matches if m.entry_id not in gone)})
        for item in report.items
    )
    return report.model_copy(update={"items": items})


def _check_foundation(row: Draft) -> None:
    if row.how != "unopened" or not WithdrawnMark.objects.filter(subject_id=row.pk).exists():
        return
    candidate = Candidate.objects.filter(pk=row.candidate_ref).first() if row.candidate_ref else None
    if candidate is None or not withdrawn_indicators.standing(candidate):
        raise RestsOnNothing


def start_clocks(actor: Actor, row: Draft, at: datetime | None = None) -> None:
    """Start the clocks that a sent report sets running, from the moment of sending. Call inside `acting(actor)`."""
    for kind in CLOCKS:
        clocks.start(actor, kind, KIND, row.pk, at)


def _store(actor: Actor, row: Draft, report: Report, recipient_id: UUID) -> Sending:
    made = Sending.objects.create(
        organisation_id=actor.organisation_id,
        draft=row,
        number=row.sendings.count() + 1,
        recipient_id=recipient_id,
        wrapped=wrap(report.to_bytes(), PURPOSE),
        sha256=report.fingerprint(),
        by=actor.reference,
    )
    Draft.objects.filter(pk=row.pk, sent_at=None).update(sent_at=clock.now())
    Draft.objects.filter(pk=row.pk).update(sent_to=recipient_id, lacking=lacking(report))
    refresh(row)
    return made


def _keys(centre_id: UUID) -> Any:
    usable = [key for key in signing.public_keys(centre_id, "receipt") if key.state != "revoked"]
    return trusted_keys([key.public.hex() for key in usable])


def _refused(actor: Actor, row: Draft, sending: Sending, answer: outbox.MessageAnswer) -> None:
    errors = answer.body.get("errors") if isinstance(answer.body, dict) else None
    named = [
        {"field": str(e.get("field", ""))[:300], "reason": str(e.get("reason", ""))[:300]}
        for e in (errors if isinstance(errors, list) else [])
        if isinstance(e, dict)
    ]
    detail = str(answer.body.get("detail", ""))
    _answer(actor, row, sending, "refused", answer.status, detail=detail, errors=named)
    record(actor, "report.refused", "report", row.pk, status=answer.status, fields=[e["field"] for e in named])


def _received(
    actor: Actor, row: Draft, sending: Sending, answer: outbox.MessageAnswer, envelope: Envelope, found: SignedReceipt
) -> None:
    _answer(actor, row, sending, "received", answer.status)
    Receipt.objects.create(
        organisation_id=actor.organisation_id,
        draft=row,
        envelope=envelope.to_bytes(),
        key_id=found.key_id,
        received_at=found.received_at,
        centre_id=answer.recipient_id,
    )
    refresh(row)
    record(actor, "report.received", "report", row.pk, sha256=sending.sha256, key=found.key_id)


def _answer(
    actor: Actor, row: Draft, sending: Sending, kind: str, status: int, *, detail: str = "", errors: Any = ()
) -> None:
    Answer.objects.create(
        organisation_id=actor.organisation_id,
        draft=row,
        sending_number=sending.number,
        kind=kind,
        status=status,
        detail=detail[:1000],
        errors=list(errors),
    )
    refresh(row)
