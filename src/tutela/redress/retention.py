"""Retention rules of redress: erase texts of closed complaints and requests; number, steps and counts stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tutela import clock
from tutela.casework.assignment import erasure
from tutela.events.actor import Actor
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.redress.complaints import rows
from tutela.redress.data_subjects import requests
from tutela.redress.models import Complaint, ComplaintStage, DataRequest, RequestStage, Reversal

# A run erases at most this many; the next run continues.
MOST_AT_ONCE = 2000
# What names the report, notice and people of a complaint.
LINKS = ("report_id", "indicator_id", "notice_number", "deciders")


def erase_complaints(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Complaints that were closed, and that no hold keeps. The link to report and account goes with the text."""
    found = Complaint.objects.filter(stage=ComplaintStage.CLOSED, closed_at__lte=before, erased_at=None)
    for pk in list(found.order_by("closed_at").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        row = Complaint.objects.select_for_update().filter(pk=pk, erased_at=None).first()
        if row is None or holds.held(rows.SUBJECT, pk) is not None:
            continue
        subject_keys.erase(rows.SUBJECT, pk)
        erasure.erase(rows.SUBJECT, pk)
        row.sealed, row.account_key, row.claimed_key, row.erased_at = b"", None, None, clock.now()
        row.report_id = row.indicator_id = None
        row.notice_number, row.deciders = "", []
        row.save(update_fields=["sealed", "account_key", "claimed_key", "erased_at", *LINKS])
        Reversal.objects.filter(complaint=row).update(report_ids=[], indicator_id=None, notice_number="")
        yield rows.SUBJECT, str(pk)


def erase_requests(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Requests of data subjects that were answered, and that no hold keeps."""
    found = DataRequest.objects.filter(stage=RequestStage.CLOSED, closed_at__lte=before, erased_at=None)
    for row in list(found.select_for_update().order_by("closed_at")[:MOST_AT_ONCE]):
        if holds.held(requests.SUBJECT, row.pk) is not None:
            continue
        subject_keys.erase(requests.SUBJECT, row.pk)
        row.text, row.reference, row.subject_id, row.erased_at = "", "", None, clock.now()
        row.save(update_fields=["text", "reference", "subject_id", "erased_at"])
        yield requests.SUBJECT, str(row.pk)
