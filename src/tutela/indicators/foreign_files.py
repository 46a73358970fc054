"""A file of another's list as a provider-source list: read whole, replacing what an earlier file of it said.

It is a list of another like one that is read from an interface: rows of its own, never indicators, never active.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import batched

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Invalid
from tutela.exchange.feeds import Batch, Item, Request
from tutela.exchange.lists.listed import Broken, Listed
from tutela.indicators import foreign, pulling
from tutela.indicators.models import About, ForeignCheckpoint, ForeignList, ForeignPull, Format

BATCH = 1000


@dataclass(frozen=True)
class Named:
    """The list that a file is of; the first file of it says everything, later ones its name alone."""

    list_id: str
    source: str = ""
    about: str = About.CSAM
    legal_basis: str = ""


def load(
    actor: Actor, named: Named, found: Iterable[Listed | Broken], *, bad: Callable[[Broken], None] = lambda _: None,
    told: Callable[[ForeignPull], None] = lambda _: None,
) -> ForeignPull:  # fmt: skip
    """Read a file into its list. Raises `Invalid` naming the field, `Conflict` where the list is not one of files.

    A page of it is one transaction; a run that was cut off is run again. What a whole run did not see is withdrawn.
    """
    actor.require("sources.manage")
    row, now = _list(actor, named), clock.now()
    with acting(actor):
        made = ForeignPull.objects.create(organisation_id=actor.organisation_id, list=row)
        reading = ForeignCheckpoint.objects.get(list=row).reading + 1
    begun = False
    for part in batched(found, BATCH):
        items = []
        for one in part:
            if isinstance(one, Broken):
                bad(one)
            else:
                items.append(Item(one.key, one.media_type, now, withdrawn=False, content=content(one)))
        broken = tuple(f"{one.number}: {one.field}: {one.reason}" for one in part if isinstance(one, Broken))
        _store(actor, row, made, Batch(items, "", broken), fresh=not begun)
        begun = True
        told(made)
    _store(actor, row, made, Batch([], "", whole=True), fresh=not begun)
    with acting(actor):
        made.ended_at = clock.now()
        made.save()
        assert ForeignCheckpoint.objects.get(list=row).reading == reading
    return made


def content(one: Listed) -> dict[str, object]:
    """What is kept of an entry: everything that it says."""
    said = {
        "hashes": {kind: values[0] if len(values) == 1 else list(values) for kind, values in one.hashes.items()},
        "quality": one.quality, "classification": one.classification, "series": one.series, "reason": one.reason,
        "facts": one.facts, "said_at": one.at.isoformat() if one.at else "",
    }  # fmt: skip
    return {name: value for name, value in said.items() if value not in ("", None, {})}


def _store(actor: Actor, row: ForeignList, made: ForeignPull, batch: Batch, *, fresh: bool) -> None:
    with acting(actor):
        serial = ForeignCheckpoint.objects.get(list=row).serial
        pulling.store(actor, row, serial, Request("", fresh=fresh), batch, made)


def _list(actor: Actor, named: Named) -> ForeignList:
    """The list of this name; made where there is none."""
    with acting(actor):
        row = ForeignList.objects.filter(list_id=named.list_id, ended_at=None).first()
        if row is not None:
            if row.format != Format.FILE:
                raise Conflict("This list is read from an interface, not from files.", field="list_id")
            return row
        for field in ("source", "legal_basis"):
            if not getattr(named, field).strip():
                raise Invalid("The first file of a list says this.", field=field)
        made = foreign.enter_file(actor, named.list_id, named.source, named.about, named.legal_basis)
        return ForeignList.objects.get(pk=made)
