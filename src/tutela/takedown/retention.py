"""Retention rules of a hotline: erase addresses and texts of closed cases; number, steps and counts stay.

A file of a partner that nobody imported goes as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tutela import clock
from tutela.casework.assignment import erasure
from tutela.events.actor import Actor
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.models import CaseFile, Stage, TakedownCase
from tutela.takedown.orders import erase_orders
from tutela.takedown.partners import iccam_files

# A run erases at most this many cases; the next run continues.
MOST_AT_ONCE = 2000


def erase_closed(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Cases that were closed, and that no hold keeps."""
    rows = TakedownCase.objects.filter(stage=Stage.CLOSED, closed_at__lte=before, erased_at=None)
    for pk in list(rows.order_by("closed_at").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        row = TakedownCase.objects.select_for_update().filter(pk=pk, stage=Stage.CLOSED, erased_at=None).first()
        if row is None or holds.held(SUBJECT, pk) is not None:
            continue
        subject_keys.erase(SUBJECT, pk)
        erasure.erase(SUBJECT, pk)
        erase_orders.erase_requests_of(pk)
        for transfer in row.transfers.values_list("pk", flat=True):
            outbox.forget(actor, transfer)
        row.sealed_address, row.erased_at, row.next_check_at = b"", clock.now(), None
        row.save(update_fields=["sealed_address", "erased_at", "next_check_at"])
        yield SUBJECT, str(pk)
    for file in CaseFile.objects.filter(imported_at=None, created_at__lte=before).order_by("created_at")[:MOST_AT_ONCE]:
        name = str(file.pk)
        subject_keys.erase(iccam_files.SUBJECT, file.pk)
        file.delete()
        yield iccam_files.SUBJECT, name
