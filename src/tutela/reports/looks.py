"""How the items of the desk look, kept where they can be searched: in this process, and nowhere else in clear.

Each row of `Look` is sealed by the key of a report that carries the item. A process that compares opens the rows once,
keeps the hashes in an exact index in its memory, and reads what is new before each search. What was erased in the
database goes from memory with the next reading.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Max

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.exchange.report import Report as Wire
from tutela.matching.index import HammingIndex
from tutela.reports import bundling, likeness
from tutela.reports.models import Item, Look, Report
from tutela.reports.sealing import blind, seal, unseal_all

# PDQ's own recommendation: pictures that differ in at most so many of 256 bits look alike.
RADIUS = 31
CHUNK = 5000
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('reports.looks', 0))"


class Looks:
    """Every look of one Centre, searchable. `read` before `near`; one process has one of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index, self._last, self._held = HammingIndex(), 0, set[int]()
        # Numbers of rows that are there and do not open: their report was erased while they were read.
        self._closed = set[int]()

    def read(self, actor: Actor) -> None:
        """Take in what is new."""
        with self._lock:
            while self._more(actor):
                pass

    def let_go(self, actor: Actor) -> None:
        """Let go of what was erased; meanwhile nothing follows from it, because its row is asked for before."""
        with self._lock, acting(actor):
            rows = Look.objects.filter(number__lte=self._last).exclude(sealed=b"")
            if rows.count() == len(self._held) + len(self._closed):
                return
            there = set(rows.values_list("number", flat=True))
            self._index.remove(self._held - there)
            self._held &= there
            self._closed &= there

    def near(self, hashes: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each hash, in hex, the numbers of all looks within `RADIUS` of it, with their distances."""
        found = self._index.query(_array([bytes.fromhex(one) for one in hashes]), RADIUS)
        return [found.of(one) for one in range(len(hashes))]

    def __len__(self) -> int:
        return len(self._held)

    def _more(self, actor: Actor) -> bool:
        with acting(actor):
            rows = list(Look.objects.filter(number__gt=self._last).select_related("report").order_by("number")[:CHUNK])
            opened = unseal_all("look", ((row.report.report_id, row.pk, bytes(row.sealed)) for row in rows))
        known = [(row.number, value) for row, value in zip(rows, opened, strict=True) if value is not None]
        if known:
            self._index.add(_array([value for _number, value in known]), [number for number, _value in known])
            self._held.update(number for number, _value in known)
        self._closed.update(row.number for row, value in zip(rows, opened, strict=True) if value is None and row.sealed)
        if rows:
            self._last = rows[-1].number
        return len(rows) == CHUNK


def keep(actor: Actor, row: Report, report: Wire) -> list[tuple[UUID, str]]:
    """Keep the looks of a report's pictures; returns each item with its hash. Call inside `acting(actor)`.

    Numbers are given under a lock, so that who has read up to one has read everything before it.
    """
    pictures = [(bundling.key_of(report, item), value) for item, value in likeness.pictures_of(report)]
    items = {bytes(one.blind): one.pk for one in Item.objects.filter(blind__in={key for key, _value in pictures})}
    found = [(items[key], value) for key, value in dict.fromkeys(pictures) if key in items]
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    number = Look.objects.aggregate(last=Max("number"))["last"] or 0
    for item, value in found:
        look = Look(organisation_id=actor.organisation_id, item_id=item, report=row, blind=blind("look", value))
        if Look.objects.filter(item=item, blind=look.blind).exists():
            continue
        number += 1
        look.number = number
        look.sealed = seal(actor, row.report_id, "look", look.pk, bytes.fromhex(value))
        look.save(force_insert=True)
    return found


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


def _array(values: Sequence[bytes]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.frombuffer(b"".join(values), np.uint8).reshape(-1, 32)
