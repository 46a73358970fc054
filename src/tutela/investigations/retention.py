"""Retention rules of an authority: erase received packages; number, answers, steps and counts stay.

The authority's own file is stored elsewhere, under its own law; this node holds only the copy that arrived.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q, QuerySet

from tutela import clock
from tutela.casework.assignment import erasure
from tutela.events.actor import Actor
from tutela.investigations.inbox import withdrawals
from tutela.investigations.models import EarlyWithdrawal, Referral
from tutela.investigations.referral_work import hold_requests
from tutela.organisations.keys import subject_keys

# A run erases at most this many rows per rule; the next run continues.
MOST_AT_ONCE = 2000


def erase_closed(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Packages whose referral this authority closed, or gave back as not its own, and what supplements them."""
    closed = Q(outcomes__kind="closed", outcomes__created_at__lte=before) | Q(returned__created_at__lte=before)
    with_them = Q(supplement_to__in=Referral.objects.filter(closed).values("referral_id"), created_at__lte=before)
    return _erase(_kept().filter(closed | with_them))


def erase_kept(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Every other package, once the longest time is over."""
    yield from _erase(_kept().filter(created_at__lte=before))
    # Text that was written about a package after its erasure got a new key.
    late = subject_keys.lingering("referral", before)
    for row in Referral.objects.filter(referral_id__in=late, erased_at__isnull=False):
        if hold_requests.holding_of(row).standing is None:
            subject_keys.erase("referral", row.referral_id)
            yield "referral", str(row.referral_id)
    # A package that has not arrived within this time is no longer expected. The key stays while later text about the
    # same report exists.
    for early in EarlyWithdrawal.objects.filter(created_at__lte=before):
        early.delete()
        if not EarlyWithdrawal.objects.filter(report_id=early.report_id).exists():
            subject_keys.erase(withdrawals.REPORT, early.report_id)
        yield "report", str(early.report_id)


def _kept() -> QuerySet[Referral]:
    return Referral.objects.filter(erased_at=None).order_by("created_at")


def _erase(rows: QuerySet[Referral]) -> Iterator[tuple[str, str]]:
    count = 0
    for pk in list(rows.values_list("pk", flat=True).distinct()):
        # Asked again under the lock: another run may have been here.
        row = Referral.objects.filter(pk=pk, erased_at=None).select_for_update().first()
        if row is None or hold_requests.holding_of(row).standing is not None:
            continue
        subject_keys.erase("referral", row.referral_id)
        erasure.erase("referral", row.referral_id)
        row.sealed_body, row.urgency_codes, row.erased_at, row.expires_at = b"", [], clock.now(), None
        row.found_by = None
        row.save(update_fields=["sealed_body", "urgency_codes", "found_by", "erased_at", "expires_at"])
        withdrawals.forget(row)
        yield "referral", str(row.referral_id)
        count += 1
        if count >= MOST_AT_ONCE:
            return
