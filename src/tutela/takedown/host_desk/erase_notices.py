"""Retention rule of a host: erase addresses and texts of decided notices; number, decisions and counts stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tutela import clock
from tutela.casework.assignment import erasure
from tutela.events.actor import Actor
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.takedown.host_desk.notice_rows import SUBJECT
from tutela.takedown.models import IncomingNotice

# A run erases at most this many notices; the next run continues.
MOST_AT_ONCE = 2000


def erase_decided(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Notices that were decided, and that no hold keeps."""
    rows = IncomingNotice.objects.filter(decided_at__lte=before, erased_at=None)
    for pk in list(rows.order_by("decided_at").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        row = IncomingNotice.objects.select_for_update().filter(pk=pk, erased_at=None).first()
        if row is None or holds.held(SUBJECT, pk) is not None:
            continue
        subject_keys.erase(SUBJECT, pk)
        erasure.erase(SUBJECT, pk)
        row.sealed, row.erased_at = b"", clock.now()
        row.save(update_fields=["sealed", "erased_at"])
        yield SUBJECT, str(pk)
