"""Previous entries of a file-based list: its content before the newest file, sealed for thirty days."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.canonical_facts import text as canonical_text
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.entry import Listed
from tutela.indicators.models import PartnerList, PartnerPull, PartnerUndo
from tutela.indicators.partner_lists import entries as partner_lists_entries
from tutela.organisations.keys.envelope_encryption import unwrap, wrap

UNDO_PERIOD = timedelta(days=30)
PART = 1000
_USE = "partner-undo"


def keep(actor: Actor, row: PartnerList) -> None:
    """Keep what the list holds now, in place of what was kept before; of an empty list there is nothing to keep.

    After a run that was cut off the list holds a mixture: what was kept before that run stays.
    """
    with acting(actor):
        last = PartnerPull.objects.filter(list=row).order_by("-created_at").first()
        if last is not None and last.ended_at is None and PartnerUndo.objects.filter(list=row).exists():
            return
        replace(actor, row, (asdict(one) for _id, one in partner_lists_entries.listed(actor, row.list_id)))


def erase_old() -> int:
    """Erase what was kept for more than thirty days, for the organisation that acts; returns how many parts."""
    return int(PartnerUndo.objects.filter(created_at__lt=clock.now() - UNDO_PERIOD).delete()[0])


def replace(actor: Actor, row: PartnerList, entries: Iterable[dict[str, Any]]) -> None:
    """Keep these in place of what was kept. Call inside `acting(actor)`."""
    PartnerUndo.objects.filter(list=row).delete()
    for number, part in enumerate(batched(entries, PART)):
        _keep(actor, row, number, list(part))


def _keep(actor: Actor, row: PartnerList, number: int, entries: list[dict[str, Any]]) -> None:
    for one in entries:
        one["at"] = one["at"].isoformat() if one["at"] else None
    sealed = wrap(canonical_text({"entries": entries}).encode(), _USE)
    PartnerUndo.objects.create(organisation_id=actor.organisation_id, list=row, part=number, sealed=sealed)


def read(parts: list[bytes]) -> Iterator[Listed]:
    """The entries in kept parts."""
    for sealed in parts:
        for one in json.loads(unwrap(sealed, _USE))["entries"]:
            hashes = {kind: tuple(values) for kind, values in one.pop("hashes").items()}
            at = datetime.fromisoformat(one.pop("at")) if one["at"] else one.pop("at")
            yield Listed(hashes=hashes, at=at, **one)
