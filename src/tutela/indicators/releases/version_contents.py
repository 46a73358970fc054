"""Contents of a version, and its entries that are no longer active."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import numpy as np

from tutela.exchange.register.release import ReleaseManifest
from tutela.indicators.integrity import active_entries
from tutela.indicators.models import Release, ReleaseWaiting
from tutela.indicators.release_files import version_files
from tutela.matching.files.records import REMOVED
from tutela.matching.files.snapshot import Snapshot, uuids
from tutela.organisations.keys.envelope_encryption import CannotUnwrap

# Where a version's row is lost: everything that ever ended.
EVER = datetime(2000, 1, 1, tzinfo=UTC)


def removed(release: ReleaseManifest) -> list[UUID]:
    """Return the ids in a version that are not active now, ascending. Raises `OSError`, `CannotUnwrap` if its files are
    lost.
    """
    had = contained(release, set(queue_since(release.base).values()) | ended_since(release.base))
    return sorted(had - active_entries.active_of(had))


def overlooked(release: ReleaseManifest) -> list[UUID]:
    """Return ids that differ between a version and the active indicators and are not queued.

    Ascending. Reads the ids of all: about one second per million. Raises `OSError`, `CannotUnwrap` where files are
    lost.
    """
    listed, changes = version_files.ids(release.base), changes_of(release)
    if changes is not None:
        said, gone = changes.entries["id"], (changes.entries["flags"] & REMOVED).astype(bool)
        listed = np.union1d(np.setdiff1d(listed, said), said[~gone])
    # The queue is read last: what changes meanwhile is in it.
    apart = np.setxor1d(listed, np.frombuffer(active_entries.active_bytes(), "S16"))
    found = set(uuids(apart))
    return sorted(found - set(queue_since(release.base).values()))


def snapshot_of(release: ReleaseManifest) -> Snapshot:
    """The snapshot that a version begins with. Raises `OSError`, `CannotUnwrap`."""
    return Snapshot(version_files.read(release.base))


def ended_since(base: int) -> set[UUID]:
    """Return the indicators that ended since the snapshot of version `base` was made."""
    made = Release.objects.filter(list_id=version_files.LIST_ID, version=base).first()
    return active_entries.ended_since(made.created_at if made else EVER)


def contained(release: ReleaseManifest, asked: set[UUID]) -> set[UUID]:
    """Return those of these indicators that a version has."""
    had, changes = version_files.within(release.base, asked), changes_of(release)
    if changes is None:
        return had
    gone = {changes.entry_id(row) for row in range(len(changes)) if changes.flags(row) & REMOVED}
    present = set(map(changes.entry_id, range(len(changes)))) - gone
    return (had - gone) | (asked & present)


def changes_of(of: ReleaseManifest) -> Snapshot | None:
    """A version's changes to its snapshot. Raises `OSError`, `CannotUnwrap`."""
    if of.changes is None:
        return None
    found = Snapshot(version_files.read(of.version, changes=True))
    if found.sha256 != of.changes.sha256:
        raise CannotUnwrap
    return found


def queue_since(base: int | None) -> dict[int, UUID]:
    """Return the changes since the snapshot of version `base`, by queue number. None: those that are in no snapshot
    yet.
    """
    rows = ReleaseWaiting.objects.filter(version=None)
    if base is not None:
        rows |= ReleaseWaiting.objects.filter(version__gt=base)
    return dict(rows.values_list("pk", "indicator_id").iterator(chunk_size=10_000))
