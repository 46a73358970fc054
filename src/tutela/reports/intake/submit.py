"""Intake: validate a report, store it with scores and bundle, and issue a receipt after commit.

1. The sender is a verified provider. The body is the canonical report, accepted whole or refused with every faulty
   field.
2. The same idempotency key gets the same answer; the same report id with other contents is refused.
3. Report, items, bundle, scores, deadlines, event and receipt are one transaction (`store`). The receipt is signed
   inside the transaction and leaves this node only with the caller's answer, after commit.
"""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.identifiers import redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report as Wire
from tutela.organisations.messages import inbox, outbox
from tutela.organisations.people import directory
from tutela.reports.errors import NotTheProvider, ReportKnown
from tutela.reports.intake.store import Filing, questions, store_reports
from tutela.reports.models import CyberTip, Report
from tutela.reports.report_encryption import ReportBox
from tutela.reports.state import provider_feedback, retractions


def receive(
    sender: Actor, centre: directory.DirectoryEntry, key: str, body: bytes, *, box: ReportBox | None = None
) -> tuple[int, str]:
    """Take a report in; returns status and the signed receipt's JSON. `box`: its key, where something is kept already.

    Raises `NotTheProvider`, `ReportKnown`, `KeyReused`, or pydantic's ValidationError naming every bad field.
    """
    sender.require("reports.submit")
    if not sender.verified or sender.organisation_kind != "provider":
        raise NotTheProvider
    inbox.check_key(key)
    actor = directory.acting_for(centre, sender.reference, sender.name)
    filing = Filing(sender.organisation_id, Wire.received(body, sender.organisation_id))

    def work(found: inbox.Found) -> inbox.Answer:
        (answer,) = store_reports(actor, sender, [filing], found, box=box)
        if isinstance(answer, ReportKnown):
            raise answer
        return 201, answer

    asked = questions(actor, sender, [filing])
    return redrawn(lambda: inbox.once_asking(actor, sender.organisation_id, key, body, asked, work))


def status_of(sender: Actor, centre: directory.DirectoryEntry, report_id: UUID) -> dict[str, object] | None:
    """Return what a provider may know of its own report: all notices sent, and active holds.

    None for others' reports.
    """
    actor = directory.acting_for(centre, sender.reference, sender.name)
    with acting(actor):
        row = Report.objects.filter(report_id=report_id, provider_id=sender.organisation_id).first()
        if row is None:
            return None
        record(actor, "report.status", "report", report_id)
        if not directory.entry(sender.organisation_id).api_url:
            # To who has no address nothing is ever delivered: it asks, and has been told.
            outbox.settle_about(actor, sender.organisation_id, "feedback", report_id)
        told = {**provider_feedback.status_of(row), **retractions.answer_to(row)}
        return {"report_id": str(report_id), "number": row.number, **told}


def status_by_number(sender: Actor, centre: directory.DirectoryEntry, number: int) -> dict[str, object] | None:
    """Return the status, as `status_of`, by CyberTipline number; None until the report is finished."""
    with acting(directory.acting_for(centre, sender.reference, sender.name)):
        tip = CyberTip.objects.filter(number=number, provider_id=sender.organisation_id).first()
    return status_of(sender, centre, tip.report_id) if tip else None
