"""Private look-up set as a file: a truncated, sorted value for each digest of active indicators.

1. A trigger puts the id of each activated or deactivated indicator in a queue, in the same transaction
   (`LookupWaiting`).
2. A new set is the last set with those changes, written as a new file. The cost is one pass over a file, at any size.
3. Values are computed for active indicators only, some thousands per transaction, before the file is written, because a
   long transaction delays the sequencer. A stored value is valid by the node's seal (`sealed_values`).
4. The set contains only indicators with valid certifications; an invalid one is suspended when found (`invalidation`).
5. A set is built from all rows if there is no set to start from: at first, under a new key, or after a loss of the
   file. Changes made meanwhile stay in the queue and are applied later.

No two indicators that are not revoked share a digest. A value therefore leaves with its indicator, unless another
active one has the same. Applying a change twice has no effect; the queue entry is deleted in the transaction that names
the set.
"""

from __future__ import annotations

import json
import mmap
import secrets
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from itertools import batched
from pathlib import Path
from uuid import UUID

import numpy as np
from django.db import connection

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.transaction import acting
from tutela.exchange.register.reason_codes import AlertDetail
from tutela.indicators.hashes import encryption, sealed_values
from tutela.indicators.integrity import active_entries, edge_alerts, invalidation
from tutela.indicators.models import IndicatorNow, LookupSet, LookupWaiting
from tutela.indicators.release_files import version_files
from tutela.matching.files.drill_entries import is_test
from tutela.organisations.keys import signing
from tutela.tlog import voprf
from tutela.tlog.private_lookup import MAGIC, VALUE_BYTES
from tutela.tlog.vrf import Secret

KINDS = ("md5", "sha1", "sha256")
# So many values are computed in a transaction, so many changes are taken at once, so many bytes are copied.
AT_ONCE, MANY, PIECE = 2_000, 20_000, 1 << 20

_HASHES = """
SELECT h.id, h.indicator_id, h.kind, h.wrapped, v.value, v.seal FROM indicators_indicatorhash h
  LEFT JOIN indicators_hashvalue v ON v.hash_id = h.id AND v.key_id = %(key)s
  WHERE h.kind = ANY(%(kinds)s) AND h.indicator_id = ANY(%(ids)s::uuid[])"""
# Of these alone that no other active entry has.
_UNSHARED = """
SELECT h.id FROM indicators_indicatorhash h
  WHERE h.kind = ANY(%(kinds)s) AND h.indicator_id = ANY(%(ids)s::uuid[])
    AND NOT EXISTS (SELECT 1 FROM indicators_indicatorhash o
    JOIN indicators_indicatornow n ON n.indicator_id = o.indicator_id AND n.state = 'active'
    WHERE o.kind = h.kind AND o.blind = h.blind)"""


def newest(centre: Actor, secret: Secret) -> tuple[Path, str] | None:
    """Return the file of the newest set and its tag; None if there is none. Call inside `acting(centre)`."""
    row = LookupSet.objects.filter(organisation_id=centre.organisation_id, key_id=_key(secret)).first()
    file = _file(row.tag) if row is not None else None
    return (file, row.tag) if row is not None and file is not None and file.exists() else None


def behind(most: int) -> bool:
    """Whether more changes wait than this."""
    return bool(LookupWaiting.objects.order_by("pk")[most : most + 1])


def large() -> bool:
    """Whether a set of all rows is work for a job. Call inside `acting(centre)`."""
    return bool(IndicatorNow.objects.filter(state="active").values("pk")[MANY : MANY + 1])


def whole(centre: Actor, secret: Secret) -> None:
    """Build a set from all rows. Changes made meanwhile are not included; `follow` applies them.

    A set made meanwhile by a concurrent request is kept, because its changes are no longer in any queue.
    """
    with acting(centre):
        before = newest(centre, secret)
    found = bytearray()
    for active in _active(centre):
        for _indicator, value in _filled(centre, secret, invalidation.answerable(centre, active)).values():
            found += value
    values = np.frombuffer(found, dtype=np.uint64)
    values.byteswap(inplace=True)
    values.sort()
    with acting(centre):
        lock("lookup:set")
        if newest(centre, secret) == before:
            _take(centre, secret, _distinct(values))


def follow(centre: Actor, secret: Secret) -> bool:
    """Take the next changes into the newest set; whether there were any."""
    with acting(centre):
        waiting = dict(LookupWaiting.objects.order_by("pk").values_list("pk", "indicator_id")[:MANY])
    if not waiting:
        return False
    ids = set(waiting.values())
    with acting(centre):
        active = active_entries.active_of(ids)
    good = invalidation.answerable(centre, active)
    filled = _filled(centre, secret, good, ids - good)
    with acting(centre):
        lock("lookup:set")
        if (found := newest(centre, secret)) is None:
            return False
        active = active_entries.active_of(good)
        fresh = {value for indicator, value in filled.values() if indicator in active}
        gone = {filled[one][1] for one in _unshared(ids - active) if one in filled} - fresh
        with _Rows(found[0]) as rows:
            changes = rows.changes(fresh, gone)
            if changes:
                _take(centre, secret, rows.changed(changes))
        with connection.cursor() as cursor:
            cursor.execute("SELECT indicators_lookup_noted(%s)", [list(waiting)])
    return True


def forget(centre: Actor) -> None:
    """Nobody may ask: neither set nor queue is kept."""
    with acting(centre), connection.cursor() as cursor:
        lock("lookup:set")
        LookupSet.objects.filter(organisation_id=centre.organisation_id).delete()
        cursor.execute("SELECT indicators_lookup_forget()")
        _tidy("")


def overlooked(centre: Actor, secret: Secret, ended: Collection[UUID]) -> set[UUID]:
    """Return those of some ended entries that are still in the newest set and not queued for removal."""
    with acting(centre):
        if newest(centre, secret) is None:
            return set()
    filled = _filled(centre, secret, (), ended)
    with acting(centre):
        # Set and queue must be read at one moment, because applying a change modifies both.
        lock("lookup:set")
        if (found := newest(centre, secret)) is None:
            return set()
        with _Rows(found[0]) as rows:
            there = {one: indicator for one, (indicator, value) in filled.items() if value in rows}
        ids = set(there.values())
        left = {there[one] for one in _unshared(ids - active_entries.active_of(ids)) if one in there}
        return left - set(LookupWaiting.objects.filter(indicator_id__in=left).values_list("indicator_id", flat=True))


def _active(centre: Actor) -> Iterator[list[UUID]]:
    """Everything that is active but test entries, by the indicators' ids, a part in a transaction."""
    last = UUID(int=0)
    while True:
        with acting(centre):
            rows = IndicatorNow.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "indicator_id", "state")
            part = list(rows[:MANY])
        if not part:
            return
        last = part[-1][0]
        yield [indicator for _pk, indicator, state in part if state == "active" and not is_test(indicator)]


def _filled(
    centre: Actor, secret: Secret, ids: Collection[UUID], gone: Collection[UUID] = ()
) -> dict[UUID, tuple[UUID, bytes]]:
    """The values of some active entries' digests: by each digest, its entry and its value. What they lack is computed.

    And of entries that are `gone` the values that were in a set.
    """
    key, found, lacking = _key(secret), dict[UUID, tuple[UUID, bytes]](), list[tuple[UUID, UUID, str, bytes]]()
    count, there = 0, set(ids)
    with acting(centre), connection.cursor() as cursor:
        cursor.execute(_HASHES, {"kinds": list(KINDS), "key": key, "ids": [*ids, *gone]})
        for pk, indicator, kind, wrapped, value, seal in cursor.fetchall():
            raw = encryption.raw(wrapped)
            if sealed_values.holds(key, kind, raw, value, seal):
                found[pk] = indicator, bytes(value)[:VALUE_BYTES]
            elif value is not None or indicator in there:
                lacking.append((pk, indicator, kind, raw))
                count += bool(seal)
        if count:
            edge_alerts.sound(centre, "forged_value", AlertDetail.FORGED_PRIVATE, count=count)
    for some in batched(lacking, AT_ONCE):
        with acting(centre):
            made = [(one, voprf.value(secret, sealed_values.item(*one[2:]))[:32]) for one in some]
            rows = [(pk, value, sealed_values.seal(key, kind, raw, value)) for (pk, _, kind, raw), value in made]
            sealed_values.keep(centre, key, rows)
        found |= {pk: (indicator, value[:VALUE_BYTES]) for (pk, indicator, _, _), value in made}
    return found


def _unshared(ids: Collection[UUID]) -> list[UUID]:
    """The digests of these that no other active entry has."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSHARED, {"kinds": list(KINDS), "ids": list(ids)})
        return [row[0] for row in cursor.fetchall()]


def _take(centre: Actor, secret: Secret, values: Iterable[bytes]) -> None:
    """Write a set and name it the newest. Call inside `acting(centre)`, under the lock."""
    tag = f"{secrets.token_hex(6)}-{secret.public.hex()[:16]}"
    head = {"list": version_files.LIST_ID, "set": tag, "key": secret.public.hex(), "bytes": VALUE_BYTES}
    file = _file(tag)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.open("wb") as out:
        out.write(MAGIC + json.dumps(head, sort_keys=True).encode() + b"\n")
        for piece in values:
            out.write(piece)
    before = LookupSet.objects.filter(organisation_id=centre.organisation_id).first()
    LookupSet.objects.update_or_create(
        organisation_id=centre.organisation_id, defaults={"tag": tag, "key_id": _key(secret)}
    )
    # The one before may be being sent, and counts on if this transaction fails.
    _tidy(tag, before.tag if before else "")


def _tidy(*keep: str) -> None:
    for file in version_files.folder().glob("lookup-*.set"):
        if file.stem.removeprefix("lookup-") not in keep:
            file.unlink(missing_ok=True)


def _distinct(values: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> Iterator[bytes]:
    last: int | None = None
    for start in range(0, len(values), PIECE):
        piece = np.unique(values[start : start + PIECE])
        piece = piece[1:] if last is not None and len(piece) and int(piece[0]) == last else piece
        last = int(values[min(start + PIECE, len(values)) - 1])
        yield piece.byteswap().tobytes()


def _file(tag: str) -> Path:
    return version_files.folder() / f"lookup-{tag}.set"


def _key(secret: Secret) -> str:
    return signing.key_id_of(secret.public)


class _Rows:
    """Values of a set's file, read in place."""

    def __init__(self, file: Path) -> None:
        self._opened = file.open("rb")
        self._data = mmap.mmap(self._opened.fileno(), 0, access=mmap.ACCESS_READ)
        self._begin = self._data.find(b"\n", len(MAGIC)) + 1

    def __enter__(self) -> _Rows:
        return self

    def __exit__(self, *_: object) -> None:
        self._data.close()
        self._opened.close()

    def __len__(self) -> int:
        return (len(self._data) - self._begin) // VALUE_BYTES

    def __contains__(self, value: bytes) -> bool:
        row = bisect_left(range(len(self)), value, key=self.at)
        return row < len(self) and self.at(row) == value

    def at(self, row: int) -> bytes:
        """One of them."""
        start = self._begin + row * VALUE_BYTES
        return self._data[start : start + VALUE_BYTES]

    def changes(self, fresh: Iterable[bytes], gone: Iterable[bytes]) -> list[tuple[int, bytes]]:
        """Return the changed rows in order: each with the value to insert, or empty to delete the row's value."""
        found = list[tuple[int, bytes]]()
        for values, add in ((fresh, True), (gone, False)):
            for value in values:
                row = bisect_left(range(len(self)), value, key=self.at)
                there = row < len(self) and self.at(row) == value
                if there != add:
                    found.append((row, value if add else b""))
        # What is put in before a row stands before what drops that row.
        return sorted(found, key=lambda one: (one[0], not one[1], one[1]))

    def changed(self, changes: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
        """All of them with these changes, piece by piece."""
        done = 0
        for row, value in changes:
            yield from self._pieces(done, row)
            yield value
            done = row if value else row + 1
        yield from self._pieces(done, len(self))

    def _pieces(self, start: int, end: int) -> Iterator[bytes]:
        at, last = self._begin + start * VALUE_BYTES, self._begin + end * VALUE_BYTES
        while at < last:
            yield self._data[at : min(at + PIECE, last)]
            at += PIECE
