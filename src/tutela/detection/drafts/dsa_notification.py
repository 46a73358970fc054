"""Notification under Art. 18 DSA, for a provider that has joined no Centre, or not yet.

The lead downloads the same report twice, as PDF for people and as canonical JSON for machines. The lead sends both to
an authority of the dated directory and records when and under which reference. The bytes depend only on the revision
and on the withdrawn indicators. Therefore the stored digest can be compared with the authority's copy.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.casework.search import keyed_rows
from tutela.casework.search.values import ValueKind, value
from tutela.detection.drafts import drafts as drafts_drafts
from tutela.detection.drafts import pdf, send
from tutela.detection.errors import AlreadySent
from tutela.detection.models import AuthorityAddress, Dispatch, Draft
from tutela.detection.settings import authorities
from tutela.detection.settings.queries import drafts, refresh
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import LegalBasis, Regime

# No notification is older, and no year of one digit was meant.
LONGEST_AGO = timedelta(days=3653)
BASIS = LegalBasis(regime=Regime.DSA_ARTICLE_18, act="Regulation (EU) 2022/2065", article="Art. 18")


def as_json(actor: Actor, draft_id: UUID) -> bytes:
    """The canonical report under its Art. 18 basis. Raises `NotFound`."""
    return _report(actor, draft_id, "json").to_bytes()


def as_pdf(actor: Actor, draft_id: UUID, authority_id: UUID) -> bytes:
    """The report as PDF, addressed to an authority whose address is valid today."""
    authority = authorities.one(actor, authority_id)
    report = _report(actor, draft_id, "pdf")
    with acting(actor):
        number = Draft.objects.values_list("number", flat=True).get(pk=draft_id)
    return pdf.notification(report, number, pdf.Addressee(authority.name, authority.address, authority.country))


def mark_sent(
    actor: Actor, draft_id: UUID, authority_id: UUID, *, sent_at: datetime, reference: str, token: UUID | None = None
) -> None:
    """Say that the notification was handed over: to whom, when, under which reference. The clocks run from then.

    The same form (`token`) sent twice is one dispatch. Raises `Invalid` naming the field, `AlreadySent`,
    `RestsOnNothing`, `Unseen`, `NotFound`.
    """
    actor.require("detection.report")
    authority = authorities.one(actor, authority_id)
    _check_moment(sent_at)
    with acting(actor):
        row = _notifiable(draft_id)
        if token is not None and row.dispatches.filter(token=token, authority=authority.name).exists():
            return
        revision = drafts_drafts.latest(row)
        report = notified(send.founded(row, drafts_drafts.text_of(revision)))
        Dispatch.objects.create(
            organisation_id=actor.organisation_id,
            draft=row,
            revision_number=revision.number,
            sha256=report.fingerprint(),
            authority=authority.name,
            country=authority.country,
            sent_at=sent_at,
            reference=typed(reference)[:200],
            by=actor.reference,
            by_name=actor.name[:200],
            token=token,
        )
        if reference := typed(reference)[:200]:
            keyed_rows.add(actor, Draft.objects.filter(pk=row.pk), value(ValueKind.FILE_REFERENCE, reference))
        refresh(row)
        send.start_clocks(actor, row, sent_at)
        _record(actor, row, authority, report)


def _record(actor: Actor, row: Draft, authority: AuthorityAddress, report: Report) -> None:
    record(
        actor,
        "report.notified",
        "report",
        row.pk,
        legal_basis="Art. 18 DSA",
        authority=authority.pk,
        sha256=report.fingerprint(),
    )


def _check_moment(sent_at: datetime) -> None:
    if sent_at > clock.now() + timedelta(minutes=5):
        raise Invalid("The time must not be in the future.", field="sent_at")
    if sent_at < clock.now() - LONGEST_AGO:
        raise Invalid("The time must not be more than ten years ago.", field="sent_at")


def notified(report: Report) -> Report:
    """The report as Art. 18 has it made."""
    return report.model_copy(update={"legal_basis": BASIS})


def _notifiable(draft_id: UUID) -> Any:
    """Lock a draft, as `drafts.locked`.

    A second authority may be notified of the same report (Art. 18(2): "or both").
    """
    if not Draft.objects.select_for_update().filter(pk=draft_id).exists():
        raise NotFound
    row = drafts().get(pk=draft_id)
    if row.state not in (*drafts_drafts.OPEN_STATES, "notified"):
        raise AlreadySent
    return row


def _report(actor: Actor, draft_id: UUID, form: str) -> Report:
    actor.require("detection.report")
    with acting(actor):
        row = Draft.objects.filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        report = notified(send.without_withdrawn(drafts_drafts.text_of(drafts_drafts.latest(row))))
        record(actor, "report.downloaded", "report", row.pk, form=form)
    return report
