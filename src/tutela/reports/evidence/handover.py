"""Delivery of sealed evidence to its addressee: files of a referral, their bytes, and arrival."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.referral import SealedFile
from tutela.organisations.keys import sealed_files
from tutela.organisations.people import directory, encryption_recipients
from tutela.reports.errors import UnknownReferral
from tutela.reports.evidence import storage
from tutela.reports.evidence.resealing import BY_DOCUMENT, anothers, returned_by
from tutela.reports.models import Evidence, Referral, Report
from tutela.reports.state import messages, provider_feedback, status
from tutela.reports.state.status import referrals_that_stand

# To a provider, in the language of every package.
ASK_AGAIN_TEXT = (
    "This report goes to {authority}, but its files were sealed to another recipient. Send the "
    "files again, sealed to that authority: GET /api/v1/reports/{report}/recipient shows its "
    "key."
)


def reports_of(report: Report) -> list[UUID]:
    """A report and what repeats it: their files are of one thing. Call inside `acting(actor)`."""
    return [report.report_id, *report.duplicates.values_list("report_id", flat=True)]


def for_package(report: Report, addressee_id: UUID) -> tuple[SealedFile, ...]:
    """Sealed files that a package to this addressee names. Call inside `acting(actor)`."""
    rows = storage.of_reports(reports_of(report)).filter(addressee_id=addressee_id)
    return tuple(storage.as_message(row, inside) for row, inside in storage.with_inside(rows))


def readdress(actor: Actor, report: Report) -> int:
    """Delete and request again files sealed to an authority without a referral.

    Returns how many. The files are requested for the leading addressee. An authority that returned its referral reseals
    them instead. The first addressee of a CyberTipline file also reseals it, because nobody can send that file again
    (`resealing`). Call inside `acting(actor)`, once every copy is there.
    """
    lead = status.lead_referral(report)
    if lead is None:
        return 0
    authority = directory.entry(lead.authority_id)
    had = set(report.referrals.values_list("authority_id", flat=True))
    rows = storage.of_reports(reports_of(report)).exclude(addressee_id__in=had).exclude(source=BY_DOCUMENT)
    stale = {row.report_id: row for row in rows}
    count = storage.drop(actor, rows, "readdressed")
    if encryption_recipients.current(authority.id) is not None:
        for one in Report.objects.filter(report_id__in=stale):
            said = ASK_AGAIN_TEXT.format(authority=authority.name, report=one.report_id)
            provider_feedback.tell(actor, one, messages.QUESTION, said, cause=stale[one.report_id].pk)
    return count


def of_referral(centre: Actor, sender: Actor, referral_id: UUID) -> list[SealedFile]:
    """Files pending for an authority, including those that came after the package. Raises `UnknownReferral`."""
    with acting(centre):
        sent = Referral.objects.filter(referral_id=referral_id, authority_id=sender.organisation_id).first()
        if sent is None:
            raise UnknownReferral
        stands = referrals_that_stand(sent.report).filter(pk=sent.pk).exists()
        if not stands and not returned_by(sender, sent.report.report_id):
            return []
        return list(for_package(sent.report, sender.organisation_id))


def fetch(centre: Actor, sender: Actor, evidence_id: UUID) -> tuple[Evidence, Iterator[bytes]]:
    """Return a file's ciphertext for its addressee. Raises `NotFound`.

    The addressee needs a referral, or a request to reseal the file.
    """
    with acting(centre):
        row = _own(sender, evidence_id, to_reseal=True)
        record(centre, "evidence.fetched", "report", row.report_id, evidence=row.pk, by=sender.organisation_id)
    return row, sealed_files.pieces(row.name)


def arrived(centre: Actor, sender: Actor, evidence_id: UUID) -> None:
    """The addressee has the file: the Centre deletes its ciphertext. Raises `NotFound`."""
    with acting(centre):
        storage.drop(centre, [_own(sender, evidence_id)], storage.ARRIVED)


def _own(sender: Actor, evidence_id: UUID, *, to_reseal: bool = False) -> Evidence:
    """Return the file stored for this addressee; there is none without a valid referral.

    An authority that returned its referral, or was not to get one, may still fetch the file to reseal it, and deletes
    nothing.
    """
    row = (
        Evidence.objects.select_for_update()
        .filter(pk=evidence_id, addressee_id=sender.organisation_id, gone_at=None)
        .first()
    )
    report = Report.objects.filter(report_id=row.report_id).first() if row else None
    if row is None or report is None:
        raise NotFound
    main = report.duplicate_of or report
    stands = referrals_that_stand(main).filter(authority_id=sender.organisation_id).exists()
    if not stands and not (to_reseal and anothers(sender, row)):
        raise NotFound
    return row
