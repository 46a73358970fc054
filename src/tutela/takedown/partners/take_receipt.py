"""Take a partner's receipt: the answer of its API to a case. Subscribed to the outbox; in the answer's transaction.

1. Accepted or known there: the case goes on waiting, with the partner's case number.
2. Refused, not its country, or an answer that is no receipt: a person decides what follows.
3. A receipt changes no case that was taken back meanwhile; the number is kept.
"""

from __future__ import annotations

import json
from uuid import UUID

from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.exchange.errors import ExchangeError
from tutela.exchange.takedown.hotline_message import Acceptance, HotlineReceipt
from tutela.organisations.messages import outbox
from tutela.organisations.messages.outbox import MessageAnswer
from tutela.organisations.people import directory
from tutela.takedown import case_rows as rows
from tutela.takedown.models import Transfer, TransferState, TransferStepKind
from tutela.takedown.partners import send_case

TAKEN = {
    Acceptance.ACCEPTED: (TransferState.ACCEPTED, TransferStepKind.ACCEPTED),
    Acceptance.DUPLICATE: (TransferState.KNOWN, TransferStepKind.KNOWN),
}


def take_receipt(actor: Actor, answer: MessageAnswer) -> None:
    """Record the answer to a case."""
    found = Transfer.objects.filter(pk=UUID(answer.subject_id)).first()
    if found is None:
        return
    case = rows.locked(found.case_id)
    row = Transfer.objects.select_for_update().get(pk=found.pk)
    peer = directory.entry(answer.recipient_id)
    by = directory.acting_for(directory.entry(actor.organisation_id), actor.reference, peer.name)
    receipt = _read(answer)
    if receipt is not None and receipt.acceptance in TAKEN:
        state, kind = TAKEN[receipt.acceptance]
        row.partner_reference = receipt.own_reference or ""
        if row.state == TransferState.WAITING:
            row.state = state
        row.save(update_fields=["state", "partner_reference"])
        send_case.step(by, row, kind, at=receipt.at)
        return
    # A refused case is not sent again by itself: a person sends a new one.
    outbox.forget(actor, row.pk)
    country, reason = _why(answer, receipt)
    send_case.step(by, row, TransferStepKind.REFUSED, reason=reason, country=country)
    if row.state == TransferState.WAITING:
        row.state = TransferState.REFUSED
        row.save(update_fields=["state"])
        send_case.to_act(case)


def _read(answer: MessageAnswer) -> HotlineReceipt | None:
    if not answer.accepted:
        return None
    try:
        receipt = HotlineReceipt.from_bytes(json.dumps(answer.body).encode())
    except (ValidationError, ExchangeError, ValueError):
        return None
    return receipt if str(receipt.message_id) == answer.subject_id else None


def _why(answer: MessageAnswer, receipt: HotlineReceipt | None) -> tuple[str, str]:
    """Country and reason of a refusal."""
    if receipt is not None:
        return receipt.country or "", receipt.reason or ""
    said = str(answer.body.get("detail") or answer.body.get("title") or "") if isinstance(answer.body, dict) else ""
    return "", f"HTTP {answer.status} {said}".strip()[:500]
