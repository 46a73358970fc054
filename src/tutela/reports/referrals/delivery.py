"""Deliver a referral without the outbox: by fetching, by sending again, or as a signed file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.messages import outbox
from tutela.reports.errors import ReferralUndone
from tutela.reports.models import Acknowledgement, Referral
from tutela.reports.report_encryption import unseal
from tutela.reports.state.status import referrals_that_stand, standing_referrals

# A look at what waits shows so many; the rest follows after the last of them.
MOST_DELIVERIES = 200


@dataclass(frozen=True)
class Waits:
    """A referral that its authority has not acknowledged."""

    referral_id: UUID
    number: str
    made_at: datetime
    sha256: str
    urgent: bool


def pending_referrals(centre: Actor, sender: Actor, after: UUID | None = None) -> tuple[list[Waits], bool]:
    """Referrals that an authority has not acknowledged, urgent first, then the oldest: at most 200, and whether more
    follow.

    `after` is the last one seen. Raises `NotFound` if it is not the authority's.
    """
    with acting(centre):
        rows = _open(sender).select_related("report").order_by("-report__urgent", "created_at", "id")
        if after is not None:
            rows = rows.filter(_behind(_of(sender, after)))
        page = list(rows[: MOST_DELIVERIES + 1])
        found = [
            Waits(row.referral_id, row.number, row.created_at, row.sha256, row.report.urgent)
            for row in page[:MOST_DELIVERIES]
        ]
        record(centre, "referral.asked", "organisation", sender.organisation_id, count=len(found))
    return found, len(page) > MOST_DELIVERIES


def fetch(centre: Actor, sender: Actor, referral_id: UUID) -> bytes:
    """The package, exactly as it was made. Raises `NotFound` for another's, `ReferralUndone`, `Erased`."""
    with acting(centre):
        row = _of(sender, referral_id)
        body = standing_package(row)
        record(centre, "referral.fetched", "report", row.report.report_id, referral=row.number)
    return body


def standing_package(row: Referral) -> bytes:
    """The bytes of a referral that stands. Raises `ReferralUndone`, `Erased`. Call inside `acting(actor)`."""
    if not referrals_that_stand(row.report).filter(pk=row.pk).exists():
        raise ReferralUndone
    return unseal(row.report.report_id, "referral", row.referral_id, bytes(row.sealed_body))


def send_again(actor: Actor, report_id: UUID, referral_id: UUID) -> None:
    """Send a package once more, the same bytes: its authority has it once, however often it comes."""
    actor.require("reports.refer")
    with acting(actor):
        row = of_report(report_id, referral_id)
        outbox.send(
            actor,
            row.authority_id,
            "referral",
            f"/api/v1/organisations/{row.authority_id}/referrals",
            standing_package(row).decode(),
            key=f"referral:{row.referral_id}:{uuid7()}"[:80],
            subject_id=report_id,
            urgent=row.report.urgent,
        )
        record(actor, "referral.redelivered", "report", report_id, referral=row.number)


def of_report(report_id: UUID, referral_id: UUID) -> Referral:
    """A referral of a report. Raises `NotFound`. Call inside `acting(actor)`."""
    row = Referral.objects.select_related("report").filter(referral_id=referral_id, report__report_id=report_id).first()
    if row is None:
        raise NotFound
    return row


def _of(sender: Actor, referral_id: UUID) -> Referral:
    row = (
        Referral.objects.select_related("report")
        .filter(referral_id=referral_id, authority_id=sender.organisation_id)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def _behind(last: Referral) -> Q:
    """Filter for the pending referrals that come after this one."""
    urgent = last.report.urgent
    later = Q(created_at__gt=last.created_at) | Q(created_at=last.created_at, pk__gt=last.pk)
    return Q(report__urgent=urgent) & later | (Q(report__urgent=False) if urgent else Q(pk__in=[]))


def _open(sender: Actor) -> QuerySet[Referral]:
    taken = Acknowledgement.objects.filter(referral=OuterRef("pk"))
    return standing_referrals().filter(~Exists(taken), authority_id=sender.organisation_id)
