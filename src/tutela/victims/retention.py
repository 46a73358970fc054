"""Retention rules: erase withdrawn and closed requests, and decided items of hosts; number, steps and counts stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tutela import clock
from tutela.casework.assignment import erasure
from tutela.events.actor import Actor
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.victims.case_work import progress, withdraw
from tutela.victims.host_desk import found_items
from tutela.victims.models import FoundItem, FoundStage, RemovalRequest, RequestStage
from tutela.victims.removal import rows

# A run erases at most this many; the next run continues.
MOST_AT_ONCE = 2000
DECIDED = (FoundStage.REMOVED, FoundStage.KEPT, FoundStage.GONE)


def erase_withdrawn(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Withdrawn requests that a hold kept until now."""
    yield from _requests(actor, RequestStage.WITHDRAWN, before)


def erase_closed(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Requests that were closed, that no hold keeps, and whose pictures no host looks for any longer."""
    yield from _requests(actor, RequestStage.CLOSED, before)


def erase_found(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Items of hosts that were decided, and that no hold keeps."""
    due = FoundItem.objects.filter(stage__in=DECIDED, decided_at__lte=before, erased_at=None)
    for pk in list(due.order_by("decided_at").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        row = FoundItem.objects.select_for_update().filter(pk=pk, erased_at=None).first()
        if row is None or holds.held(found_items.SUBJECT, pk) is not None:
            continue
        subject_keys.erase(found_items.SUBJECT, pk)
        erasure.erase(found_items.SUBJECT, pk)
        row.sealed, row.erased_at = b"", clock.now()
        row.save(update_fields=["sealed", "erased_at"])
        yield found_items.SUBJECT, str(pk)


def _requests(actor: Actor, stage: RequestStage, before: datetime) -> Iterator[tuple[str, str]]:
    due = RemovalRequest.objects.filter(stage=stage, closed_at__lte=before, erased_at=None)
    for pk in list(due.order_by("closed_at").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        row = RemovalRequest.objects.select_for_update().filter(pk=pk, erased_at=None).first()
        if row is None or holds.held(rows.SUBJECT, pk) is not None or progress.watched_until(row) is not None:
            continue
        withdraw.erase(actor, row)
        yield rows.SUBJECT, str(pk)
