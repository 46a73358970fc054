"""In-memory index of perceptual hashes of the desk's items; no other place has them in clear.

Each row of `Look` is sealed by the key of a report that carries the item: the hash of a picture, or those of a video's
different frames. A comparing process opens the rows once, keeps the hashes in an exact index in its memory, and reads
new rows before each search. Rows erased in the database leave memory with the next reading.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Max
from numpy.typing import NDArray

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report as Wire
from tutela.matching.index.arrays import HASH_BYTES
from tutela.matching.index.hamming_index import HammingIndex
from tutela.reports.bundles import join
from tutela.reports.bundles.similarity import Hits, Numbers
from tutela.reports.models import Item, Look, Report
from tutela.reports.report_encryption import blind, seal_all, unseal_all
from tutela.reports.scoring import link_keys
from tutela.reports.scoring.link_keys import View

# PDQ's own recommendation: pictures that differ in at most so many of 256 bits look alike.
RADIUS = 31
CHUNK = 5000
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('reports.looks', 0))"


class Looks:
    """Every look of one Centre, searchable. `read` before `near`; one process has one of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index, self._last = HammingIndex(), 0
        # Look → its hashes, as the index numbers them, from the first to before the second; and the other way about.
        self._held: dict[int, tuple[int, int]] = {}
        self._owner: Numbers = np.empty(CHUNK, np.int64)
        self._size = 0
        # Numbers of rows that are there and do not open: their report was erased while they were read.
        self._closed = set[int]()

    def read(self, actor: Actor) -> None:
        """Take in what is new."""
        with self._lock:
            while self._more(actor):
                pass

    def let_go(self, actor: Actor) -> None:
        """Remove erased rows.

        Until then they have no effect, because each hit's row is checked first.
        """
        with self._lock, acting(actor):
            rows = Look.objects.filter(number__lte=self._last).exclude(sealed=b"")
            if rows.count() == len(self._held) + len(self._closed):
                return
            there = set(rows.values_list("number", flat=True))
            gone = [self._held.pop(number) for number in self._held.keys() - there]
            self._index.remove(vector for begin, end in gone for vector in range(begin, end))
            self._closed &= there

    def near(self, hashes: Sequence[bytes]) -> Hits:
        """Everything within `RADIUS` of each hash."""
        found = self._index.query(_array(hashes), RADIUS)
        # After the search: what it found has its owner by now.
        owner = self._owner
        asked = np.repeat(np.arange(len(hashes)), np.diff(found.offsets))
        return Hits(asked, found.ids.astype(np.int64), owner[found.ids], found.distances.astype(np.int64))

    def sizes(self, numbers: Iterable[int]) -> dict[int, int]:
        """The number of hashes of each of these looks, without removed looks."""
        held = [(number, self._held.get(number)) for number in numbers]
        return {number: span[1] - span[0] for number, span in held if span}

    def __len__(self) -> int:
        return len(self._held)

    def _more(self, actor: Actor) -> bool:
        with acting(actor):
            rows = list(Look.objects.filter(number__gt=self._last).select_related("report").order_by("number")[:CHUNK])
            opened = unseal_all("look", ((row.report.report_id, row.pk, bytes(row.sealed)) for row in rows))
        known = [(row.number, value) for row, value in zip(rows, opened, strict=True) if value is not None]
        if known:
            self.remember(known)
        self._closed.update(row.number for row, value in zip(rows, opened, strict=True) if value is None and row.sealed)
        if rows:
            self._last = rows[-1].number
        return len(rows) == CHUNK

    def remember(self, known: Sequence[tuple[int, bytes]]) -> None:
        """Take in looks by their numbers, hash after hash. For the reading above, and for what needs no database."""
        vectors = _array([value for _number, value in known])
        begin, end = self._size, self._size + len(vectors)
        if end > len(self._owner):
            self._owner = np.concatenate([self._owner[:begin], np.empty(max(end, begin), np.int64)])
        for number, value in known:
            self._held[number] = (self._size, self._size + len(value) // HASH_BYTES)
            self._owner[slice(*self._held[number])] = number
            self._size = self._held[number][1]
        self._index.add(vectors, range(begin, end))


@dataclass(frozen=True)
class Kept:
    """One look of an item, and the number under which it is kept."""

    item: UUID
    view: View
    number: int


def keep(actor: Actor, reports: Mapping[Report, Wire]) -> dict[UUID, list[Kept]]:
    """Keep the looks of what reports carry, and return them, by the reports' keys. Call inside `acting(actor)`.

    Numbers are given under a lock, so that who has read up to one has read everything before it.
    """
    views = {row: _views(report) for row, report in reports.items()}
    blinds = {key for seen in views.values() for key, _view in seen}
    items = {bytes(one.blind): one.pk for one in Item.objects.filter(blind__in=blinds)}
    asked = [
        (row, items[key], view, blind("look", b"".join(view).hex()))
        for row, seen in views.items()
        for key, view in seen
        if key in items
    ]
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    rows = Look.objects.filter(item__in={item for _row, item, *_ in asked}, blind__in={one[3] for one in asked})
    known = {(one.item_id, bytes(one.blind)): one.number for one in rows}
    last = Look.objects.aggregate(last=Max("number"))["last"] or 0
    new: list[tuple[Look, bytes]] = []
    found: dict[UUID, list[Kept]] = {row.pk: [] for row in reports}
    for row, item, view, name in asked:
        if (item, name) not in known:
            last += 1
            look = Look(organisation_id=actor.organisation_id, item_id=item, report=row, blind=name, number=last)
            new.append((look, b"".join(view)))
            known[item, name] = last
        found[row.pk].append(Kept(item, view, known[item, name]))
    sealed = seal_all(actor, "look", [(look.report.report_id, look.pk, value) for look, value in new])
    for (look, _value), one in zip(new, sealed, strict=True):
        look.sealed = one
    Look.objects.bulk_create(look for look, _value in new)
    return found


def _views(report: Wire) -> list[tuple[bytes, View]]:
    """The looks of a report's items, each once, by the items' keyed hashes."""
    return [*dict.fromkeys((join.key_of(report, item), view) for item, view in link_keys.views_of(report))]


def forget(row: Report) -> None:
    """A report is about to be erased: its looks go, and another that carries the same item is read in its place.

    Their rows stay, empty: no number is ever given twice. Call inside `acting(actor)`.
    """
    case = row.duplicate_of_id or row.pk
    for one in Look.objects.filter(report=row).exclude(sealed=b""):
        one.sealed, one.blind = b"", secrets.token_bytes(32)
        one.save(update_fields=["sealed", "blind"])
        # What repeats it, or what it repeats, is erased with it.
        others = Report.objects.filter(sightings__item=one.item_id, erased_at=None)
        others = others.exclude(pk=case).exclude(duplicate_of=case)
        heir = others.order_by("created_at", "pk").values("pk")[:1]
        # Also where it waits already: who is comparing it now did not see that the look is its to keep.
        Report.objects.filter(pk__in=heir).update(to_compare=clock.now())


def _array(values: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(values), np.uint8).reshape(-1, HASH_BYTES)
