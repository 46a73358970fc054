"""A file that was sealed to an authority which returned its referral: that authority seals it anew for the next one.

Nobody else can: there is no other key. The new ciphertext must be as long as the same clear bytes give; what is
inside is the first addressee's word, and the next one checks it against the digests that report and package name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Conflict, NotFound
from tutela.organisations import directory, recipients
from tutela.organisations.errors import Erased
from tutela.organisations.recipients import Recipient
from tutela.reports import evidence, evidence_native, standing
from tutela.reports.errors import OtherKey
from tutela.reports.evidence import Origin, Sealed
from tutela.reports.models import Evidence, Referral, ReferralReturn, Report


@dataclass(frozen=True)
class Next:
    """Who is addressed now, and its key."""

    authority: str
    recipient: Recipient


def next_of(centre: Actor, sender: Actor, evidence_id: UUID) -> Next | None:
    """To whom a file of the sender's is to be sealed anew; None where to nobody. Raises `NotFound`."""
    with acting(centre):
        return _next(_returned(sender, evidence_id))


def take(centre: Actor, sender: Actor, evidence_id: UUID, key_id: str, read: Callable[[int], bytes]) -> Evidence:
    """Keep the new ciphertext in the place of the old one; where the next one has the file already, that one stays.

    Raises `NotFound`, `OtherKey`, `Invalid`, `NoRoom`.
    """
    with acting(centre):
        row = _returned(sender, evidence_id)
        to, inside = _next(row), evidence.inside_of(row)
    if to is None:
        raise Conflict("Nobody is addressed now who has a key.")
    if to.recipient.key_id != key_id:
        raise OtherKey
    if inside is None:
        raise Erased
    part = evidence_native.received(read, inside.size)
    try:
        with acting(centre):
            row = _returned(sender, evidence_id)
            there = evidence.of_reports([row.report_id]).filter(
                file_id=row.file_id, addressee_id=to.recipient.organisation_id
            ).first()  # fmt: skip
            if there is not None:
                # It came from elsewhere, perhaps from the provider itself: nobody replaces what another is to open.
                part.discard()
                evidence.drop(centre, [row], "replaced")
                return there
            origin = Origin(row.report_id, row.provider_id, "resealed", row.file_id)
            kept = evidence.keep(centre, origin, Sealed(part, to.recipient, inside), resealed_from=row)
            if kept is None:
                raise OtherKey
            evidence.drop(centre, [row], "resealed")
            return kept
    except BaseException:
        part.discard()
        raise


def _returned(sender: Actor, evidence_id: UUID) -> Evidence:
    """A kept file of the sender's whose referral it returned, locked."""
    row = Evidence.objects.select_for_update().filter(
        pk=evidence_id, addressee_id=sender.organisation_id, gone_at=None
    ).first()  # fmt: skip
    if row is None or not returned_by(sender, row.report_id):
        raise NotFound
    return row


def returned_by(sender: Actor, report_id: UUID) -> bool:
    """Whether this authority got a report and returned it. Call inside `acting(actor)`."""
    report = Report.objects.filter(report_id=report_id).select_related("duplicate_of").first()
    return report is not None and _last_return(report, sender.organisation_id) is not None


def _last_return(report: Report, authority: UUID) -> ReferralReturn | None:
    mine = Referral.objects.filter(report=report.duplicate_of or report, authority_id=authority)
    return ReferralReturn.objects.filter(referral__in=mine).order_by("-created_at", "-id").first()


def _next(row: Evidence) -> Next | None:
    """Who got the report after this authority had returned it: who has another copy is nobody's business."""
    report = Report.objects.select_related("duplicate_of").get(report_id=row.report_id)
    returned = _last_return(report, row.addressee_id)
    if returned is None:
        return None
    later = standing.referrals_that_stand(report.duplicate_of or report).filter(created_at__gte=returned.created_at)
    sent = later.exclude(authority_id=row.addressee_id).order_by("created_at", "id").first()
    found = recipients.current(sent.authority_id) if sent else None
    return Next(directory.entry(found.organisation_id).name, found) if found else None
