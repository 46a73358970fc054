"""Reseal a file for the next authority, by the authority that returned its referral.

The same applies to an authority to which a CyberTipline file was sealed during upload, if its first referral went to
another authority. A provider that files by the interface has sent the file once and cannot send it again. Nobody else
can reseal the file, because there is no other key. The new ciphertext must have the length that the same clear bytes
give. The contents are the first addressee's statement, and the next one checks them against the digests in report and
package.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.exchange.referral.resealing import MOST_FILES, Addressed, Resealing, ToReseal
from tutela.organisations.errors import Erased
from tutela.organisations.keys import sealed_files
from tutela.organisations.people import directory, encryption_recipients
from tutela.organisations.people.encryption_recipients import Recipient
from tutela.reports.errors import OtherKey
from tutela.reports.evidence import presealed, storage
from tutela.reports.evidence.storage import Inside, Origin, Sealed
from tutela.reports.models import Evidence, Referral, ReferralReturn, Report
from tutela.reports.state import status

# A file whose addressee was fixed by the document alone, before anybody had weighed the report.
BY_DOCUMENT = "cybertip"


@dataclass(frozen=True)
class Way:
    """Reason why a file now belongs to another authority: referral, time, and current addressee."""

    referral: Referral | None
    since: datetime
    to: Next | None


@dataclass(frozen=True)
class Next:
    """Current addressee and its key."""

    authority: str
    recipient: Recipient


def next_of(centre: Actor, sender: Actor, evidence_id: UUID) -> Next | None:
    """Return the next recipient of a sender's file; None without one. Raises `NotFound`."""
    with acting(centre):
        return _next(_returned(sender, evidence_id))


def pending_resealing(centre: Actor, sender: Actor) -> Resealing:
    """List the files that the sender is to reseal, oldest first.

    There is nothing to reseal if the sender has the report again.
    """
    found, more = list[ToReseal](), False
    with acting(centre):
        rows = list(_of(sender)[: MOST_FILES + 1])
        more, rows = len(rows) > MOST_FILES, rows[:MOST_FILES]
        reports = Report.objects.filter(report_id__in={row.report_id for row in rows}).select_related("duplicate_of")
        ways = {one.report_id: _way(one, sender.organisation_id) for one in reports}
        for row, inside in storage.with_inside(rows):
            if (way := ways[row.report_id]) is not None:
                found.append(_to_reseal(row, inside, way))
    return Resealing(files=tuple(sorted(found, key=lambda one: one.since)), more=more)


def _of(sender: Actor) -> QuerySet[Evidence]:
    """Files stored for an authority of reports that it returned and did not get again, or that went only to others."""
    mine = Evidence.objects.filter(addressee_id=sender.organisation_id, gone_at=None)
    back = ReferralReturn.objects.filter(referral__authority_id=sender.organisation_id).values("referral__report_id")
    again = status.standing_referrals().filter(authority_id=sender.organisation_id).values("report_id")
    returned = Report.objects.filter(Q(pk__in=back) | Q(duplicate_of__in=back))
    reports = returned.exclude(Q(pk__in=again) | Q(duplicate_of__in=again)).values("report_id")
    had = Referral.objects.filter(authority_id=sender.organisation_id).values("report_id")
    others = status.standing_referrals().exclude(report_id__in=had).values("report_id")
    misaddressed = Report.objects.filter(Q(pk__in=others) | Q(duplicate_of__in=others)).values("report_id")
    found = Q(report_id__in=reports) | Q(report_id__in=misaddressed, source=BY_DOCUMENT)
    return mine.filter(found).order_by("created_at", "id")


def _way(report: Report, authority: UUID) -> Way | None:
    """The passing of a report from this authority to another; None if the authority still has a valid referral."""
    main = report.duplicate_of or report
    if status.referrals_that_stand(main).filter(authority_id=authority).exists():
        return None
    returned = _last_return(report, authority)
    if returned is not None:
        return Way(returned.referral, returned.created_at, _next_after(returned, main, authority))
    lead = status.lead_referral(main)
    had = Referral.objects.filter(report=main, authority_id=authority).exists()
    return None if lead is None or had else Way(None, lead.created_at, _addressed(lead))


def _to_reseal(row: Evidence, inside: Inside, way: Way) -> ToReseal:
    of, to = way.referral, way.to
    return ToReseal(
        referral_id=of.referral_id if of else None,
        number=of.number if of else None,
        since=way.since,
        evidence=storage.as_message(row, inside),
        to=Addressed(authority=to.authority, recipient=to.recipient.text, key=to.recipient.key_id) if to else None,
    )


def take(
    centre: Actor, sender: Actor, evidence_id: UUID, key_id: str, read: Callable[[int], bytes], sha256: str = ""
) -> Evidence:
    """Replace the old ciphertext by the new one; keep the old one if the next recipient has it.

    `sha256` is the sender's statement about the ciphertext. Raises `NotFound`, `OtherKey`, `Invalid`, `NoRoom`.
    """
    with acting(centre):
        row = _returned(sender, evidence_id)
        to, inside = _next(row), storage.inside_of(row)
    if to is None:
        raise Conflict("No current recipient has a key.")
    if to.recipient.key_id != key_id:
        raise OtherKey
    if inside is None:
        raise Erased
    part = presealed.received(read, inside.size)
    try:
        _check(part, row, sha256)
        with acting(centre):
            row = _returned(sender, evidence_id)
            there = (
                storage.of_reports([row.report_id])
                .filter(file_id=row.file_id, addressee_id=to.recipient.organisation_id)
                .first()
            )
            if there is not None:
                # It came from elsewhere, perhaps from the provider itself: nobody replaces what another is to open.
                part.discard()
                storage.drop(centre, [row], "replaced")
                return there
            origin = Origin(row.report_id, row.provider_id, "resealed", row.file_id)
            kept = storage.keep(centre, origin, Sealed(part, to.recipient, inside), resealed_from=row)
            if kept is None:
                raise OtherKey
            storage.drop(centre, [row], "resealed")
            return kept
    except BaseException as error:
        part.give_up(error)
        raise


def _check(part: sealed_files.SealedFileWriter, row: Evidence, sha256: str) -> None:
    """Check the digest: the file arrived unchanged, and it is not the version that the sender itself can open."""
    if part.sha256 == row.sha256:
        raise Invalid("This file is still sealed to your own key. Seal it again first.", field="body")
    if sha256 and part.sha256 != sha256:
        raise Invalid("The received file has a different SHA-256: {found}.", field="sha256", found=part.sha256)


def _returned(sender: Actor, evidence_id: UUID) -> Evidence:
    """A kept file of the sender's that is another's now, locked."""
    row = (
        Evidence.objects.select_for_update()
        .filter(pk=evidence_id, addressee_id=sender.organisation_id, gone_at=None)
        .first()
    )
    if row is None or not anothers(sender, row):
        raise NotFound
    return row


def returned_by(sender: Actor, report_id: UUID) -> bool:
    """Whether this authority got a report and returned it. Call inside `acting(actor)`."""
    report = Report.objects.filter(report_id=report_id).select_related("duplicate_of").first()
    return report is not None and _last_return(report, sender.organisation_id) is not None


def anothers(sender: Actor, row: Evidence) -> bool:
    """Whether a kept file is another's now: its addressee gave the report back, or never got it and others did.

    Call inside `acting(actor)`.
    """
    return returned_by(sender, row.report_id) or _misaddressed(row)


def _misaddressed(row: Evidence) -> bool:
    report = Report.objects.filter(report_id=row.report_id).select_related("duplicate_of").first()
    if row.source != BY_DOCUMENT or report is None:
        return False
    way = _way(report, row.addressee_id)
    return way is not None and way.referral is None


def _last_return(report: Report, authority: UUID) -> ReferralReturn | None:
    mine = Referral.objects.filter(report=report.duplicate_of or report, authority_id=authority)
    returns = ReferralReturn.objects.filter(referral__in=mine).select_related("referral")
    return returns.order_by("-created_at", "-id").first()


def _next(row: Evidence) -> Next | None:
    report = Report.objects.select_related("duplicate_of").get(report_id=row.report_id)
    returned = _last_return(report, row.addressee_id)
    if returned is not None:
        return _next_after(returned, report.duplicate_of or report, row.addressee_id)
    way = _way(report, row.addressee_id)
    return way.to if way else None


def _next_after(returned: ReferralReturn, report: Report, authority: UUID) -> Next | None:
    """Return the authority that got the report after this one returned it.

    Holders of other copies are not disclosed.
    """
    later = status.referrals_that_stand(report).filter(created_at__gte=returned.created_at)
    return _addressed(later.exclude(authority_id=authority).order_by("created_at", "id").first())


def _addressed(sent: Referral | None) -> Next | None:
    found = encryption_recipients.current(sent.authority_id) if sent else None
    return Next(directory.entry(found.organisation_id).name, found) if found else None
