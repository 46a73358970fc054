"""Undo the newest replacement of a list of files: what the list held before is kept sealed for thirty days.

An undo is a replacement like any other, out of what was kept, and can itself be undone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import batched
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.canonical import text as canonical_text
from tutela.events.errors import NotFound
from tutela.events.locking import lock
from tutela.events.recording import record
from tutela.exchange.lists.listed import Listed
from tutela.indicators import foreign_entries
from tutela.indicators.errors import NothingToUndo
from tutela.indicators.models import ForeignList, ForeignPull, ForeignUndo, Format
from tutela.organisations.sealing import unwrap, wrap

KEPT = timedelta(days=30)
PART = 1000
_USE = "foreign-undo"


def keep(actor: Actor, row: ForeignList) -> None:
    """Keep what the list holds now, in place of what was kept before; of an empty list there is nothing to keep.

    After a run that was cut off the list holds a mixture: what was kept before that run stays.
    """
    with acting(actor):
        last = ForeignPull.objects.filter(list=row).order_by("-created_at").first()
        if last is not None and last.ended_at is None and ForeignUndo.objects.filter(list=row).exists():
            return
        _replace(actor, row, (asdict(one) for _id, one in foreign_entries.listed(actor, row.list_id)))


def undo(actor: Actor, list_id: UUID) -> ForeignPull:
    """Bring back what the list held before its newest file. Raises `NotFound`, `NothingToUndo`, `ListReplaced`."""
    from tutela.indicators import foreign_files

    actor.require("sources.manage")
    with acting(actor):
        row = ForeignList.objects.filter(pk=list_id, ended_at=None, format=Format.FILE).first()
        if row is None:
            raise NotFound
        lock(f"foreign-list:{actor.organisation_id}:{row.list_id}")
        before = [bytes(one.sealed) for one in ForeignUndo.objects.filter(list=row).order_by("part")]
        present = [asdict(one) for _id, one in foreign_entries.listed(actor, row.list_id)]
        if not before:
            raise NothingToUndo
        run = foreign_files.begin(actor, row)

    def ended(made: ForeignPull) -> None:
        # Only now: an undo that was cut off finds what it needs again.
        _replace(actor, row, present)
        record(
            actor, "foreign.undone", "foreign_list", row.pk, list=row.list_id, added=made.added, changed=made.changed,
            withdrawn=made.withdrawn,
        )  # fmt: skip

    return foreign_files.store(actor, run, lambda: _listed(before), ended=ended)


def erase_old() -> int:
    """Erase what was kept for more than thirty days, for the organisation that acts; returns how many parts."""
    return int(ForeignUndo.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0])


def _replace(actor: Actor, row: ForeignList, entries: Iterable[dict[str, Any]]) -> None:
    ForeignUndo.objects.filter(list=row).delete()
    for number, part in enumerate(batched(entries, PART)):
        _keep(actor, row, number, list(part))


def _keep(actor: Actor, row: ForeignList, number: int, entries: list[dict[str, Any]]) -> None:
    for one in entries:
        one["at"] = one["at"].isoformat() if one["at"] else None
    sealed = wrap(canonical_text({"entries": entries}).encode(), _USE)
    ForeignUndo.objects.create(organisation_id=actor.organisation_id, list=row, part=number, sealed=sealed)


def _listed(parts: list[bytes]) -> Iterator[Listed]:
    for sealed in parts:
        for one in json.loads(unwrap(sealed, _USE))["entries"]:
            hashes = {kind: tuple(values) for kind, values in one.pop("hashes").items()}
            at = datetime.fromisoformat(one.pop("at")) if one["at"] else one.pop("at")
            yield Listed(hashes=hashes, at=at, **one)
