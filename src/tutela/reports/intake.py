"""Intake: a valid report is stored with its scores and bundle, and receipted after commit.

1. The sender is a verified provider; the body is the canonical report, whole or refused naming every field.
2. The same idempotency key is answered the same way; the same report id with other contents is refused.
3. Report, items, bundle, scores, clocks, event and receipt are one transaction. The receipt is signed inside it and
   leaves the house only when the caller answers, after commit.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.ids import case_number
from tutela.events.locking import lock_shared
from tutela.events.recording import record
from tutela.exchange.receipt import issue_receipt
from tutela.exchange.report import Report as Wire
from tutela.law import clocks
from tutela.organisations import directory, inbox, signing
from tutela.reports import bundling, feedback, foundation, repeats, scoring
from tutela.reports.errors import NotTheProvider, ReportKnown
from tutela.reports.history import history_of
from tutela.reports.models import Bundle, Item, Report, Sighting
from tutela.reports.sealing import seal


def receive(sender: Actor, centre: directory.Entry, key: str, body: bytes) -> tuple[int, str]:
    """Take a report in; returns status and the signed receipt's JSON.

    Raises `NotTheProvider`, `ReportKnown`, `KeyReused`, or pydantic's ValidationError naming every bad field.
    """
    sender.require("reports.submit")
    if not sender.verified or sender.organisation_kind != "provider":
        raise NotTheProvider
    report = Wire.from_bytes(body)
    actor = directory.acting_for(centre, sender.reference, sender.name)
    return inbox.once(actor, sender.organisation_id, key, body, lambda: (201, _store(actor, sender, report)))


def _store(actor: Actor, sender: Actor, report: Wire) -> str:
    with connection.cursor() as cursor:  # twins under different keys meet here
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(report.report_id)])
    known = Report.objects.filter(report_id=report.report_id).first()
    if known is not None:
        if known.sha256 != report.fingerprint() or known.provider_id != sender.organisation_id:
            raise ReportKnown
        return bytes(known.receipt).decode()
    now = clock.now()
    receipt = issue_receipt(
        report,
        received_at=now,
        centre=actor.organisation_name,
        key=signing.current_private(actor.organisation_id, "receipt"),
    ).to_bytes()
    bundle, items = bundling.items_of(actor, report)
    row = _enter(actor, sender, report, receipt, bundle, items)
    feedback.tell(actor, row, "received")
    if row.duplicate_of:
        repeats.follow(actor, row, row.duplicate_of)
        return receipt.decode()
    clocks.start(actor, "relevance", "report", report.report_id)
    if row.urgent:
        clocks.start(actor, "urgent_referral", "report", report.report_id)
    repeats.answer_by_items(actor, row, report, items)
    return receipt.decode()


def _enter(actor: Actor, sender: Actor, report: Wire, receipt: bytes, bundle: Bundle, items: list[Item]) -> Report:
    identity = bundling.identity_of(sender.organisation_id, report)
    # A revocation waits until this report is in, and then finds it; or it is seen here.
    lock_shared(*(f"indicator:{match.entry_id}" for _item, match in foundation.register_matches(report)))
    rests = foundation.of(report)
    scores = scoring.score(report, history_of(sender.organisation_id, items), clock.now(), rests.active)
    original = repeats.original_of(identity, urgent=scores.urgent)
    row = Report.objects.create(
        organisation_id=actor.organisation_id, report_id=report.report_id, number=case_number("R"),
        provider_id=sender.organisation_id, provider_name=sender.organisation_name,
        sealed_body=seal(actor, report.report_id, "report", report.report_id, report.to_bytes()),
        sha256=report.fingerprint(), receipt=receipt,
        bundle=bundle, duplicate_of=original, identity=identity,
        kinds=[str(k) for k in report.kinds], service=report.service.name[:40], items=len(report.items),
        urgent=scores.urgent, urgency=scores.urgency.value or 0, relevance=scores.relevance.value,
        relevance_order=scores.relevance_order, completeness=scores.completeness.value or 0, reasons=_reasons(scores),
        entries=sorted(rests.concerned), carried=sorted(rests.carried),
    )  # fmt: skip
    Sighting.objects.bulk_create(
        Sighting(organisation_id=actor.organisation_id, item=item, report=row) for item in items
    )
    record(
        actor, "report.received", "report", report.report_id, legal_basis=f"{report.legal_basis.act}"[:120],
        provider=sender.organisation_id, sha256=row.sha256, bundle=bundle.number, urgent=row.urgent,
        duplicate_of=original.report_id if original else None,
    )  # fmt: skip
    return row


def _reasons(scores: scoring.Scores) -> dict[str, list[list[object]]]:
    return {
        name: [r.stored() for r in getattr(scores, name).reasons] for name in ("completeness", "relevance", "urgency")
    }


def status_of(sender: Actor, centre: directory.Entry, report_id: UUID) -> dict[str, object] | None:
    """What a provider may know of its own report: received, relevant or not, closed. None for anybody else's."""
    actor = directory.acting_for(centre, sender.reference, sender.name)
    with acting(actor):
        row = Report.objects.filter(report_id=report_id, provider_id=sender.organisation_id).first()
        if row is None:
            return None
        record(actor, "report.status", "report", report_id)
        told = list(row.feedback.order_by("created_at", "id").values_list("kind", "created_at"))
        return {
            "report_id": str(report_id),
            "number": row.number,
            "told": [{"kind": k, "at": t.isoformat()} for k, t in told],
        }
