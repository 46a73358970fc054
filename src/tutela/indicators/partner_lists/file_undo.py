"""Undo the newest file replacement of a list.

An undo is a replacement from the stored previous content (`previous_entries`), and can itself be undone.
"""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.models import Format, PartnerList, PartnerPull, PartnerUndo
from tutela.indicators.partner_lists import entries, file_import, previous_entries
from tutela.indicators.partner_lists.errors import NothingToUndo


def undo(actor: Actor, list_id: UUID) -> PartnerPull:
    """Bring back what the list held before its newest file. Raises `NotFound`, `NothingToUndo`, `ListReplaced`."""
    actor.require("sources.manage")
    with acting(actor):
        row = PartnerList.objects.filter(pk=list_id, ended_at=None, format=Format.FILE).first()
        if row is None:
            raise NotFound
        lock(f"partner-list:{actor.organisation_id}:{row.list_id}")
        before = [bytes(one.sealed) for one in PartnerUndo.objects.filter(list=row).order_by("part")]
        present = [asdict(one) for _id, one in entries.listed(actor, row.list_id)]
        if not before:
            raise NothingToUndo
        run = file_import.begin(actor, row)

    def ended(made: PartnerPull) -> None:
        # Only now: an undo that was cut off finds what it needs again.
        previous_entries.replace(actor, row, present)
        record(
            actor,
            "partner_list.undone",
            "partner_list",
            row.pk,
            list=row.list_id,
            added=made.added,
            changed=made.changed,
            withdrawn=made.withdrawn,
        )

    return file_import.store(actor, run, lambda: previous_entries.read(before), ended=ended)
