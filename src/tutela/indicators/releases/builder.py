"""Build a new version of the list: an earlier snapshot with the changes since.

1. A trigger puts the id of each activated or deactivated indicator in a queue, in the same transaction
   (`ReleaseWaiting`). Ended indicators are also read from their own rows, which cannot be withdrawn, so tampering with
   the queue cannot suppress a removal.
2. A version consists of the previous version's changes and those of the queue. Its cost depends on the number of
   changes, at any size.
3. Numerous changes are folded into a snapshot, the base for the next versions.
4. A snapshot is built from all rows if there is none to start from: for the first version, after a loss of the files,
   under a new key or another hasher. As a check, a list released because of its age is also built from all rows.

A transaction that reads a million rows writes nothing before the reading ends, because it would delay the sequencer.
Values are therefore computed before it (`fill`), and the queue is updated after it (`settle`). Changes noted late are
checked again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import batched
from uuid import UUID

from django.db import connection

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.register.reason_codes import AlertDetail
from tutela.exchange.register.release import ReleaseChanges, ReleaseManifest
from tutela.indicators.integrity import active_entries, edge_alerts, invalidation, verification
from tutela.indicators.lifecycle import signals
from tutela.indicators.models import ReleaseWaiting
from tutela.indicators.release_files import certified_set_files, version_files
from tutela.indicators.release_files.certified_set_files import ValueSet
from tutela.indicators.releases import certified_set
from tutela.indicators.releases.certified_set import ProofSet
from tutela.indicators.releases.version_contents import changes_of, contained, ended_since, queue_since
from tutela.matching.files.columns import Gathering
from tutela.matching.files.records import REMOVED, ListEntry
from tutela.matching.files.snapshot import Snapshot
from tutela.matching.files.snapshot_writer import gathered_bytes
from tutela.matching.lists.delta import folded
from tutela.media.pdq import HASHER_ID
from tutela.organisations.keys.envelope_encryption import CannotUnwrap
from tutela.tlog.certified_set_file import SetFileDamagedError
from tutela.tlog.vrf import Secret

# So many changed entries are always worth less than a snapshot; of a larger list, one in a hundred.
FEW_CHANGES = 2_000
SHARE = 100
# Of so many changes at once, reading all rows is as quick, and takes no more memory.
MANY = 50_000
_LACKING = """
SELECT h.indicator_id FROM indicators_indicatorhash h
  JOIN indicators_indicatornow n ON n.indicator_id = h.indicator_id AND n.state = 'active'
  WHERE h.kind <> 'frames'
    AND NOT EXISTS (
    SELECT 1 FROM indicators_hashvalue v WHERE v.hash_id = h.id AND v.key_id = %(key)s AND v.seal <> '')
UNION
SELECT f.indicator_id FROM indicators_indicatorfilm f
  JOIN indicators_indicatornow n ON n.indicator_id = f.indicator_id AND n.state = 'active'
  WHERE NOT EXISTS (
    SELECT 1 FROM indicators_filmvalues v WHERE v.film_id = f.id AND v.key_id = %(key)s AND v.seal <> '')"""
# Values from before there were seals. Few lie there once they were sealed: an index has these alone.
_UNSEALED = """
SELECT EXISTS (SELECT 1 FROM indicators_hashvalue v JOIN indicators_indicatorhash h ON h.id = v.hash_id
  JOIN indicators_indicatornow n ON n.indicator_id = h.indicator_id AND n.state = 'active'
  WHERE v.key_id = %(key)s AND v.seal = '')
OR EXISTS (SELECT 1 FROM indicators_filmvalues v JOIN indicators_indicatorfilm f ON f.id = v.film_id
  JOIN indicators_indicatornow n ON n.indicator_id = f.indicator_id AND n.state = 'active'
  WHERE v.key_id = %(key)s AND v.seal = '')"""
_UNCHECKED = """
SELECT DISTINCT c.indicator_id FROM indicators_certification c
  JOIN indicators_indicatornow n ON n.indicator_id = c.indicator_id AND n.state = 'active'
  WHERE NOT EXISTS (SELECT 1 FROM indicators_checkedcertification k WHERE k.certification_id = c.id)"""


class _Lost(Exception):
    """Missing or mismatched earlier version: there is nothing to change."""


@dataclass(frozen=True)
class Before:
    """The newest version, and the root of its certified set."""

    manifest: ReleaseManifest
    root: bytes


@dataclass(frozen=True)
class Built:
    """Parts of a version, stored in files. `waiting` are queue rows included in a new snapshot.

    `unsound` indicators were left out because their certifications are invalid (`verification`).
    """

    snapshot_sha256: str
    snapshot_size: int
    entries: int
    places: ProofSet
    secret: Secret
    changes: ReleaseChanges | None = None
    folded: ReleaseChanges | None = None
    waiting: Sequence[int] = field(default_factory=list)
    unsound: Sequence[UUID] = field(default_factory=list)


def possible(centre: Actor, before: Before | None) -> bool:
    """Whether a version can be made of the one before. Call inside `acting(centre)`."""
    if before is None or ReleaseWaiting.objects.filter(version=None)[MANY : MANY + 1].exists():
        return False
    _secret, key = certified_set.secret_of(centre)
    of = before.manifest
    there = version_files.hasher(of.base) == HASHER_ID and certified_set_files.there(of.base, of.version, key)
    return there and not _unsealed(key)


def _unsealed(key: str) -> bool:
    """Return true if values of active indicators predate seals.

    Such values are computed again, and the set too.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED, {"key": key})
        return bool(cursor.fetchone()[0])


def fill(centre: Actor) -> int:
    """Compute the missing values of active indicators, some thousands per transaction.

    Returns how many they were. Unverified certifications are verified first; an indicator with invalid ones is
    suspended.
    """
    secret, key = certified_set.secret_of(centre)
    with acting(centre), connection.cursor() as cursor:
        cursor.execute(_UNCHECKED)
        unchecked = [row[0] for row in cursor.fetchall()]
    invalidation.suspend_unverified(centre, unchecked)
    with acting(centre), connection.cursor() as cursor:
        cursor.execute(_LACKING, {"key": key})
        lacking = [row[0] for row in cursor.fetchall()]
    for some in batched(lacking, active_entries.ENTRIES_AT_ONCE):
        with acting(centre):
            for part in active_entries.parts(some, key):
                certified_set.complete(centre, part, secret, key)
    return len(lacking)


def changed(centre: Actor, version: int, before: Before, *, unchanged_too: bool) -> Built | None:
    """Build a version from the one before; None if nothing changed. Call inside `acting(centre)`.

    If a file is lost or damaged, the version is built from all rows.
    """
    try:
        return _changed(centre, version, before, unchanged_too=unchanged_too)
    except (_Lost, OSError, CannotUnwrap, SetFileDamagedError):
        return whole(centre, version)


def whole(centre: Actor, version: int) -> Built:
    """A version with a snapshot of its own, out of all rows. Call inside `acting(centre)`."""
    secret, key = certified_set.secret_of(centre)
    queue = queue_since(None)
    gathering, values, rest = Gathering(), bytearray(), active_entries.ActiveEntries()
    for part in active_entries.parts(active_entries.active_ids(), key, verification.trust_store()):
        for entry in part.entries:
            gathering.take(entry)
        values += b"".join(part.values)
        rest.owe(part)
    data, report = gathered_bytes(gathering, hasher=HASHER_ID)
    version_files.keep_snapshot(version, data)
    values += b"".join(certified_set.complete(centre, rest, secret, key))
    places = certified_set_files.begin(version, key, bytes(values))
    left_out = set(rest.unsound)
    waiting = [number for number, one in queue.items() if one not in left_out]
    return Built(report.sha256, report.size, report.entries, places, secret, waiting=waiting, unsound=rest.unsound)


def settle(centre: Actor, version: int, built: Built) -> None:
    """Remove from the queue what a snapshot includes; after its version was committed.

    Indicators left out are verified once more: each is suspended with an alert, or included in a later version.
    """
    if built.unsound and invalidation.suspend_unverified(centre, built.unsound) < len(built.unsound):
        signals.order_version(centre)
    for some in batched(built.waiting, MANY):
        with acting(centre), connection.cursor() as cursor:
            cursor.execute("SELECT indicators_release_noted(%s, %s)", [list(some), version])


def tidy(centre: Actor, keep: Sequence[ReleaseManifest]) -> None:
    """Forget what only versions before these needed."""
    with acting(centre), connection.cursor() as cursor:
        cursor.execute("SELECT indicators_release_forget(%s)", [min(one.base for one in keep)])
    version_files.forget({number for one in keep for number in (one.version, one.base)})


def _changed(centre: Actor, version: int, before: Before, *, unchanged_too: bool) -> Built | None:
    secret, key = certified_set.secret_of(centre)
    of, queue = before.manifest, queue_since(before.manifest.base)
    waits = set(queue.values()) | ended_since(of.base)
    active, had = active_entries.active_of(waits), contained(before.manifest, waits)
    fresh, gone = sorted(active - had), sorted(had - active)
    if unknown := set(gone) - set(queue.values()):
        edge_alerts.sound(centre, "overlooked", AlertDetail.OVERLOOKED_LIST, count=len(unknown))
    if not fresh and not gone and not unchanged_too:
        return None
    values = ValueSet.of(of.base, of.version, key)
    if values.set().root != before.root:
        raise _Lost
    gathering, count, unsound = Gathering(), 0, list[UUID]()
    for part in active_entries.parts(fresh, key, verification.trust_store() if fresh else None):
        for entry in part.entries:
            gathering.take(entry)
        count += len(part.entries)
        unsound += part.unsound
        values.take(certified_set.complete(centre, part, secret, key), ())
    for part in active_entries.parts(gone, key):
        values.take((), certified_set.complete(centre, part, secret, key))
    for one in gone:
        gathering.take(ListEntry(one, REMOVED))
    data, _report = gathered_bytes(gathering, hasher=HASHER_ID)
    waiting = [number for number, one in queue.items() if one not in set(unsound)]
    built = _kept(version, of, data, values, (secret, key), of.entries + count - len(gone), waiting)
    return replace(built, unsound=unsound)


def _kept(
    version: int,
    of: ReleaseManifest,
    data: bytes,
    values: ValueSet,
    signed: tuple[Secret, str],
    entries: int,
    waiting: Sequence[int],
) -> Built:
    """The changes of the version before with the newest ones, as they are or folded."""
    (secret, key), earlier = signed, changes_of(of)
    data = data if earlier is None else folded(earlier, Snapshot(data), tombstones=True)
    version_files.keep(version, data, changes=True)
    said = ReleaseChanges(base=of.base, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    places = values.set()
    if len(Snapshot(data)) <= max(FEW_CHANGES, of.entries // SHARE):
        values.keep(version, key)
        return Built(of.snapshot_sha256, of.snapshot_size, entries, places, secret, changes=said)
    base = Snapshot(version_files.read(of.base))
    if base.sha256 != of.snapshot_sha256:
        raise _Lost
    made = folded(base, Snapshot(data))
    sha256 = version_files.keep_snapshot(version, made)
    values.fold(places, version, key)
    return Built(sha256, len(made), entries, places, secret, folded=said, waiting=waiting)
