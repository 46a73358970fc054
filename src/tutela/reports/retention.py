"""Retention at the Centre: erase contents of reports and of the packages that carried them.

Erasing deletes the report's key, so that its body and every package become unreadable at once. Number, receipt,
decisions, places and counts stay. A hold keeps everything. A duplicate is erased with its original, and keeps it while
the duplicate is recent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from tutela import clock
from tutela.casework.assignment import erasure
from tutela.events.actor import Actor
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox
from tutela.reports.bundles import image_index, series
from tutela.reports.evidence import storage
from tutela.reports.models import CLOSED, Outcome, Report, State
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.scoring import history
from tutela.reports.state.status import primary_referrals

# A run erases at most this many reports per rule, so that no run is longer than a transaction should be; the next run
# continues.
MOST_AT_ONCE = 2000
# What is decided or in an authority's hands. What waits at the desk is never erased under its eyes.
DECIDED_STATES = CLOSED | {State.REFERRED, State.ANSWERED}


def erase_unfounded(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Erase reports that were unfounded or an error. A hold postpones the notice to the user, and so the erasure."""
    rows = Report.objects.filter(state__in=CLOSED, decided_at__lte=before)
    return _erase(actor, rows, before, lambda row: not holds.stood_after("report", row.report_id, before))


def erase_closed(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Reports whose every standing referral was closed by its authority, with whatever supplements it."""
    closed = Outcome.objects.filter(referral__report=OuterRef("pk"), kind="closed", created_at__lte=before)
    rows = Report.objects.filter(Exists(closed), state=State.ANSWERED)
    return _erase(actor, rows, before, lambda row: _closed_before(row, before))


def erase_kept(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Erase all other settled reports after the longest period, and later messages about them."""
    yield from _erase(actor, Report.objects.filter(state__in=DECIDED_STATES), before, lambda row: True)
    late = Report.objects.filter(report_id__in=subject_keys.lingering(SUBJECT, before), erased_at__isnull=False)
    for row in late:
        if not holds.held("report", (row.duplicate_of or row).report_id):
            subject_keys.erase(SUBJECT, row.report_id)
            yield "report", str(row.report_id)


def _closed_before(row: Report, before: datetime) -> bool:
    last = Max("outcomes__created_at", filter=Q(outcomes__kind="closed"))
    # What supplements one is closed with it.
    moments = [r.last for r in primary_referrals(row).annotate(last=last)]
    return bool(moments) and all(at is not None and at <= before for at in moments)


def _erase(
    actor: Actor, rows: QuerySet[Report], before: datetime, due: Callable[[Report], bool]
) -> Iterator[tuple[str, str]]:
    """Erase due reports, except those with anything later than `before`, duplicates included."""
    younger = Report.objects.filter(duplicate_of=OuterRef("pk"), created_at__gt=before)
    wanted = rows.filter(~Exists(younger), duplicate_of=None, erased_at=None, created_at__lte=before)
    count = 0
    for pk in list(wanted.order_by("created_at").values_list("pk", flat=True)):
        # Asked again under the lock: a colleague may have decided otherwise, another run have been here.
        row = wanted.filter(pk=pk).select_for_update(of=("self",)).first()
        if row is None or holds.held("report", row.report_id) or not due(row):
            continue
        for one in (row, *row.duplicates.filter(erased_at=None)):
            image_index.forget(one)
            history.forget(one)
            series.forget(one)
            storage.drop_of(actor, [one.report_id], "erased")
            subject_keys.erase(SUBJECT, one.report_id)
            erasure.erase(SUBJECT, one.report_id)
            outbox.forget(actor, one.report_id)
            one.sealed_body, one.identity, one.traits, one.erased_at = b"", b"", None, clock.now()
            one.found_by, one.to_compare = None, None
            one.save(update_fields=["sealed_body", "identity", "traits", "found_by", "erased_at", "to_compare"])
            yield "report", str(one.report_id)
        count += 1
        if count >= MOST_AT_ONCE:
            return
