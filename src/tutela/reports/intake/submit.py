"""Intake: validate a report, store it with scores and bundle, and issue a receipt after commit.

1. The sender is a verified provider. The body is the canonical report, accepted whole or refused with every faulty
   field.
2. The same idempotency key gets the same answer; the same report id with other contents is refused.
3. Report, items, bundle, scores, deadlines, event and receipt are one transaction (`store`), which simultaneous reports
   share (`group_commit`). The receipt is signed inside the transaction and leaves this node only with the caller's
   answer, after commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.identifiers import redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report as Wire
from tutela.organisations.messages import inbox, outbox
from tutela.organisations.people import directory
from tutela.reports.errors import NotTheProvider, ReportKnown
from tutela.reports.intake.group_commit import Gathering, WaitingReport
from tutela.reports.intake.store import Filing, questions, store_reports
from tutela.reports.models import CyberTip, Report
from tutela.reports.sealing import ReportBox
from tutela.reports.state import provider_feedback, retractions

GATHERING = Gathering()


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
    one = WaitingReport(key, body, Filing(sender.organisation_id, Wire.from_bytes(body)))
    if box is not None or connection.in_atomic_block:
        (answer,) = _take(sender, centre, [one], box)
    else:
        answer = GATHERING.answer((sender, centre), one, lambda group: _take(sender, centre, group))
    if isinstance(answer, TutelaError):
        raise answer
    return answer


def _take(
    sender: Actor, centre: directory.DirectoryEntry, group: Sequence[WaitingReport], box: ReportBox | None = None
) -> list[inbox.Answer | TutelaError]:
    actor = directory.acting_for(centre, sender.reference, sender.name)
    filings = [one.filing for one in group]

    def work(new: Sequence[int], found: inbox.Found) -> list[inbox.Answer | TutelaError]:
        answers = store_reports(actor, sender, [filings[place] for place in new], found, box=box)
        return [one if isinstance(one, ReportKnown) else (201, one) for one in answers]

    messages = [(one.key, one.body) for one in group]
    asked = questions(actor, sender, filings)
    return redrawn(lambda: inbox.each_once(actor, sender.organisation_id, messages, asked, work))


def status_of(sender: Actor, centre: directory.DirectoryEntry, report_id: UUID) -> dict[str, object] | None:
    """What a provider may know of its own report: all that it was told, and what is held; None for others'."""
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
    """As `status_of`, by the number of the CyberTipline interface; None as long as it is not finished."""
    with acting(directory.acting_for(centre, sender.reference, sender.name)):
        tip = CyberTip.objects.filter(number=number, provider_id=sender.organisation_id).first()
    return status_of(sender, centre, tip.report_id) if tip else None
