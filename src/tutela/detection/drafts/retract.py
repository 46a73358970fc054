"""Retract a report that was filed in error and that a Centre already has.

The Centre decides what follows. A retraction changes nothing at this node: preserved data stays preserved, and the
user's reinstatement waits for the Centre's decision (`reinstatement`).

- A report that no Centre has received yet is corrected or discarded instead.
- A report not yet finished at a CyberTipline interface is retracted there (`submissions`).
- A report filed another way than at this desk (`filed_elsewhere`) is retracted here as well.
"""

from __future__ import annotations

from uuid import UUID

from tutela.detection.errors import NotReceivedYet, Retracted
from tutela.detection.models import Draft, FiledElsewhere, Receipt, Retraction
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.report.retraction import MOST_REASON_CHARACTERS
from tutela.exchange.report.retraction import Retraction as Wire
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox

KIND, PATH, SUBJECT = "retraction", "/api/v1/retractions", "report"


def retract(actor: Actor, report_id: UUID, reason: str) -> None:
    """Retract a report at the Centre.

    Raises `Invalid` without a reason, `NotReceivedYet`, `Retracted` if already retracted, `NotFound`.
    """
    actor.require("detection.report")
    reason = typed(reason)[:MOST_REASON_CHARACTERS]
    if not reason:
        raise Invalid("Enter what was wrong. The Centre is notified.", field="reason")
    with acting(actor):
        centre_id = _centre_of(report_id)
        body = Wire(report_id=report_id, reason=reason).to_bytes().decode()
        made = Retraction(
            organisation_id=actor.organisation_id,
            report_id=report_id,
            reason=reason,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, SUBJECT, report_id, made)
        if not insert_ignore(made):
            raise Retracted
        outbox.send(actor, centre_id, KIND, PATH, body, key=f"retraction:{report_id}", subject_id=report_id)
        record(actor, "report.retraction_sent", SUBJECT, report_id)


def retraction_of(report_id: UUID) -> Retraction | None:
    """Return the decrypted retraction of a report, or None. Call inside `acting(actor)`."""
    said = Retraction.objects.filter(report_id=report_id).first()
    subject_keys.open_words(SUBJECT, report_id, [said] if said else [])
    return said


def _centre_of(report_id: UUID) -> UUID:
    """The Centre that has a report."""
    if Draft.objects.filter(pk=report_id).exists():
        receipt = Receipt.objects.filter(draft=report_id).first()
        if receipt is None:
            raise NotReceivedYet
        return receipt.centre_id
    filed = FiledElsewhere.objects.filter(report_id=report_id).first()
    if filed is None:
        raise NotFound
    return filed.centre_id
