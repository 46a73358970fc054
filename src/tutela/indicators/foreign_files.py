"""A file of another's list as a provider-source list: it replaces what an earlier file of that list said.

It is a list of another like one that is read from an interface: rows of its own, never indicators, never active.

1. The whole file is read before anything is stored. A file that cannot be read to its end, or without one usable entry,
   changes nothing.
2. A file that would withdraw more than `MOST_WITHDRAWN` of the live entries is refused unless the caller allows it.
3. What the list held is kept sealed (`foreign_undo`), so that the replacement can be undone.
4. The file is read again and stored, a page a transaction; then what it does not name is withdrawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import batched

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Invalid
from tutela.exchange.feeds import Batch, Item, Request
from tutela.exchange.lists.listed import Broken, Listed
from tutela.indicators import foreign, foreign_undo, pulling
from tutela.indicators.errors import WouldShrink
from tutela.indicators.models import About, ForeignCheckpoint, ForeignEntry, ForeignList, ForeignPull, Format

BATCH = 1000
# A file that is cut off or of another list looks like this; who really drops more of a list says so.
MOST_WITHDRAWN = 0.1

type Read = Callable[[], Iterable[Listed | Broken]]


@dataclass(frozen=True)
class Named:
    """The list that a file is of; the first file of it says everything, later ones its name alone."""

    list_id: str
    source: str = ""
    about: str = About.CSAM
    legal_basis: str = ""


@dataclass(frozen=True)
class Plan:
    """What a file would do to its list. `live` entries are there now; `broken` ones of the file cannot be used."""

    entries: int
    added: int
    withdrawn: int
    live: int
    broken: int


def plan(actor: Actor, named: Named, read: Read, *, bad: Callable[[Broken], None] = lambda _: None) -> Plan:
    """Read a file whole and say what it would do; writes nothing. Raises as `load`, but not `WouldShrink`."""
    actor.require("sources.manage")
    keys, broken = set[bytes](), 0
    for one in read():
        if isinstance(one, Listed):
            keys.add(_short(one.key))
            continue
        bad(one)
        broken += 1
        if one.field == "file":
            raise Invalid("Entry {number} and what follows cannot be read: {reason}.", field="file",
                          number=one.number, reason=one.reason)  # fmt: skip
    if not keys:
        raise Invalid("The file has no entry that can be used. Nothing was changed.", field="file")
    row = _known(actor, named)
    live = stays = 0
    with acting(actor):
        there = ForeignEntry.objects.filter(list=row, withdrawn_at=None) if row else ForeignEntry.objects.none()
        for key in there.values_list("key", flat=True).iterator(chunk_size=10_000):
            live += 1
            stays += _short(key) in keys
    return Plan(len(keys), len(keys) - stays, live - stays, live, broken)


def load(
    actor: Actor, named: Named, read: Read, *, allow_shrink: bool = False,
    bad: Callable[[Broken], None] = lambda _: None, told: Callable[[ForeignPull], None] = lambda _: None,
) -> ForeignPull:  # fmt: skip
    """Read a file into its list.

    Raises `Invalid` naming the field, `Conflict` where the list is not one of files, `WouldShrink`. A run that was cut
    off is run again.
    """
    planned = plan(actor, named, read, bad=bad)
    if planned.withdrawn > planned.live * MOST_WITHDRAWN and not allow_shrink:
        raise WouldShrink(withdrawn=planned.withdrawn, live=planned.live)
    row = _list(actor, named)
    foreign_undo.keep(actor, row)
    return store(actor, row, read, told)


def store(actor: Actor, row: ForeignList, read: Read, told: Callable[[ForeignPull], None]) -> ForeignPull:
    """Store every entry and withdraw what is not among them."""
    now = clock.now()
    with acting(actor):
        made = ForeignPull.objects.create(organisation_id=actor.organisation_id, list=row)
        reading = ForeignCheckpoint.objects.get(list=row).reading + 1
    begun = False
    for part in batched(read(), BATCH):
        items = [
            Item(one.key, one.media_type, now, withdrawn=False, content=content(one))
            for one in part if isinstance(one, Listed)
        ]  # fmt: skip
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


def _short(key: str) -> bytes:
    """Enough of a key to tell a million apart."""
    return hashlib.blake2b(key.encode(), digest_size=16).digest()


def _known(actor: Actor, named: Named) -> ForeignList | None:
    """The list of this name, if there is one."""
    with acting(actor):
        row = ForeignList.objects.filter(list_id=named.list_id, ended_at=None).first()
    if row is not None and row.format != Format.FILE:
        raise Conflict("This list is read from an interface, not from files.", field="list_id")
    for field in ("source", "legal_basis") if row is None else ():
        if not getattr(named, field).strip():
            raise Invalid("The first file of a list says this.", field=field)
    return row


def _list(actor: Actor, named: Named) -> ForeignList:
    """The list of this name; made where there is none."""
    if (row := _known(actor, named)) is not None:
        return row
    with acting(actor):
        made = foreign.enter_file(actor, named.list_id, named.source, named.about, named.legal_basis)
        return ForeignList.objects.get(pk=made)
