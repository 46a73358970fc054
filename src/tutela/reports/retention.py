"""What the Centre erases when: the contents of reports and of the packages that carried them.

Erasing deletes the report's key, so that its body and every package are gone at once. Number, receipt, decisions,
places and counts stay. A hold keeps everything; what repeats a report goes with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.law import holds
from tutela.organisations import erasable
from tutela.reports.models import Outcome, Report, State
from tutela.reports.sealing import SUBJECT
from tutela.reports.standing import referrals_that_stand

# A run takes so many of a rule; the next one goes on. No run is longer than a transaction should be.
MOST = 2000


def erase_unfounded(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Reports that were unfounded or an error."""
    return _erase(_kept().filter(state__in=(State.UNFOUNDED, State.ERRONEOUS), decided_at__lte=before))


def erase_closed(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Reports whose every standing referral was closed by its authority."""
    closed = Outcome.objects.filter(referral__report=OuterRef("pk"), kind="closed", created_at__lte=before)
    rows = _kept().filter(Exists(closed), state=State.ANSWERED)
    return _erase(rows, lambda row: _closed_before(row, before))


def erase_kept(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Every other report, whatever its state, once the longest time is over."""
    return _erase(_kept().filter(created_at__lte=before))


def _kept() -> QuerySet[Report]:
    return Report.objects.filter(duplicate_of=None, erased_at=None).order_by("created_at")


def _closed_before(row: Report, before: datetime) -> bool:
    last = Max("outcomes__created_at", filter=Q(outcomes__kind="closed"))
    moments = [r.last for r in referrals_that_stand(row).annotate(last=last)]
    return bool(moments) and all(at is not None and at <= before for at in moments)


def _erase(rows: QuerySet[Report], due: object = None) -> Iterator[tuple[str, str]]:
    for pk in list(rows.values_list("pk", flat=True)[:MOST]):
        row = Report.objects.select_for_update().get(pk=pk)
        if (callable(due) and not due(row)) or holds.held("report", row.report_id):
            continue
        for one in (row, *row.duplicates.filter(erased_at=None)):
            erasable.erase(SUBJECT, one.report_id)
            one.sealed_body, one.identity, one.erased_at = b"", b"", clock.now()
            one.save(update_fields=["sealed_body", "identity", "erased_at"])
            yield "report", str(one.report_id)
