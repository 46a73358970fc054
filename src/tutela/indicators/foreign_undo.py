"""Undo the newest replacement of a list of files.

An undo is a replacement like any other, out of what was kept (`foreign_kept`), and can itself be undone.
"""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.locking import lock
from tutela.events.recording import record
from tutela.indicators import foreign_entries, foreign_files, foreign_kept
from tutela.indicators.errors import NothingToUndo
from tutela.indicators.models import ForeignList, ForeignPull, ForeignUndo, Format


def undo(actor: Actor, list_id: UUID) -> ForeignPull:
    """Bring back what the list held before its newest file. Raises `NotFound`, `NothingToUndo`, `ListReplaced`."""
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
        foreign_kept.replace(actor, row, present)
        record(
            actor, "foreign.undone", "foreign_list", row.pk, list=row.list_id, added=made.added, changed=made.changed,
            withdrawn=made.withdrawn,
        )  # fmt: skip

    return foreign_files.store(actor, run, lambda: foreign_kept.read(before), ended=ended)
