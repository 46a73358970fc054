"""Which connected Edges have a test entry, and which no longer have it. Call inside `acting(centre)`.

An Edge has an entry once it reports a version in use that contains it. It no longer has the entry once it was served a
head that removes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max

from tutela.indicators.models import Activation, Fetcher, Release, Taken
from tutela.indicators.register import sources
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import downloads, history, version_contents

# Edges poll every second. One that was silent for so long is not connected.
CONNECTED_FOR = timedelta(minutes=2)


@dataclass(frozen=True)
class EdgeSeen:
    """The Edge of a recipient: whether it is connected, the version that it uses, and the head that it was served."""

    recipient_id: UUID
    connected: bool
    version: int
    sequence: int


def edges(now: datetime) -> list[EdgeSeen]:
    """Every Edge that ever fetched the list."""
    rows = Fetcher.objects.filter(list_id=version_files.LIST_ID, way=Taken.EDGE).order_by("recipient_id")
    return [EdgeSeen(one.recipient_id, now - one.at <= CONNECTED_FOR, one.version, one.sequence) for one in rows]


def first_version_with(entry_id: UUID) -> int | None:
    """The first version that contains an entry; None while none does.

    Versions follow one another by number, whatever a wrong clock wrote.
    """
    began = Activation.objects.filter(indicator=entry_id).values_list("created_at", flat=True).first()
    if began is None:
        return None
    releases = Release.objects.filter(list_id=version_files.LIST_ID)
    before = releases.filter(created_at__lt=began).aggregate(last=Max("version"))["last"] or 0
    made = releases.filter(version__gt=before).order_by("version")
    return next((one.version for one in made if version_contents.contained(history.manifest(one), {entry_id})), None)


def first_head_without(entry_id: UUID) -> int | None:
    """Sequence of the first head that removes a suspended entry; None while there is none."""
    stopped = sources.stopped_at(entry_id)
    sequence = downloads.sequence_after(stopped) if stopped is not None else 0
    return sequence if 0 < sequence <= downloads.newest_sequence() else None
