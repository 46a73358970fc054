"""File import of a provider list: each file replaces the content of the previous one.

Like a list read from an interface, this is a partner list: rows of its own, never indicators, never active.

1. The whole file is read before anything is stored. A file that cannot be read to its end, or without one usable entry,
   changes nothing.
2. A file that would withdraw more than `MOST_WITHDRAWN` of the live entries is refused unless the caller allows it.
3. The previous content is kept sealed (`previous_entries`), so that the replacement can be undone.
4. The file is read again and stored, one page per transaction, provided that each page is unchanged. Then entries
   missing from the file are withdrawn.
5. If two people replace a list at once, the later replacement continues, and no further page of the earlier one is
   stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import batched

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Conflict, Invalid
from tutela.events.transaction import acting
from tutela.exchange.feeds.feed import Batch, FeedItem, Request
from tutela.exchange.hash_lists.entry import BrokenEntry, Listed
from tutela.indicators.models import About, Format, PartnerCheckpoint, PartnerEntry, PartnerList, PartnerPull
from tutela.indicators.partner_lists import previous_entries, subscriptions, sync
from tutela.indicators.partner_lists.errors import FileChanged, ListReplaced, WouldShrink

ENTRIES_AT_ONCE = 1000
# A truncated file or one of another list looks like this; a caller who really withdraws more must allow it.
MOST_WITHDRAWN = 0.1

type Read = Callable[[], Iterable[Listed | BrokenEntry]]


@dataclass(frozen=True)
class NamedList:
    """List that a file belongs to; its first file states everything, later files only the name."""

    list_id: str
    source: str = ""
    about: str = About.CSAM
    legal_basis: str = ""


@dataclass(frozen=True)
class ImportPlan:
    """Effect that a file would have on its list.

    `live` counts the current entries, `broken` unusable ones of the file.
    """

    entries: int
    added: int
    withdrawn: int
    live: int
    broken: int


def plan(
    actor: Actor, named: NamedList, read: Read, *, bad: Callable[[BrokenEntry], None] = lambda _: None
) -> ImportPlan:
    """Read a whole file and return its effect on the list; writes nothing. Raises as `load`, but not `WouldShrink`."""
    return _planned(actor, named, read, bad)[0]


def _planned(
    actor: Actor, named: NamedList, read: Read, bad: Callable[[BrokenEntry], None]
) -> tuple[ImportPlan, list[bytes]]:
    """The plan, and of each page of the file a digest."""
    actor.require("sources.manage")
    keys, broken, pages = set[bytes](), 0, list[bytes]()
    for part in batched(read(), ENTRIES_AT_ONCE):
        pages.append(_digest(part))
        for one in part:
            if isinstance(one, Listed):
                keys.add(_short(one.key))
                continue
            bad(one)
            broken += 1
            if one.field == "file":
                raise Invalid(
                    "Entry {number} and the entries after it cannot be read: {reason}.",
                    field="file",
                    number=one.number,
                    reason=one.reason,
                )
    if not keys:
        raise Invalid("The file has no usable entry. Nothing was changed.", field="file")
    row = _known(actor, named)
    live = stays = 0
    with acting(actor):
        there = PartnerEntry.objects.filter(list=row, withdrawn_at=None) if row else PartnerEntry.objects.none()
        for key in there.values_list("key", flat=True).iterator(chunk_size=10_000):
            live += 1
            stays += _short(key) in keys
    return ImportPlan(len(keys), len(keys) - stays, live - stays, live, broken), pages


def load(
    actor: Actor,
    named: NamedList,
    read: Read,
    *,
    allow_shrink: bool = False,
    bad: Callable[[BrokenEntry], None] = lambda _: None,
    told: Callable[[PartnerPull], None] = lambda _: None,
) -> PartnerPull:
    """Read a file into its list.

    Raises `Invalid` naming the field, `Conflict` where the list is not one of files, `WouldShrink`; `FileChanged`,
    `ListReplaced`. A run that was cut off is run again.
    """
    known = _known(actor, named)
    before = _serial(actor, known) if known else 0
    planned, pages = _planned(actor, named, read, bad)
    if planned.withdrawn > planned.live * MOST_WITHDRAWN and not allow_shrink:
        raise WouldShrink(withdrawn=planned.withdrawn, live=planned.live)
    with acting(actor):
        lock(f"partner-list:{actor.organisation_id}:{named.list_id}")
        row = _list(actor, named)
        if _serial(actor, row) != before:
            raise ListReplaced
        previous_entries.keep(actor, row)
        run = begin(actor, row)
    return store(actor, run, read, told, pages=pages)


@dataclass
class Run:
    """Running replacement of a list, and the position from which it continues."""

    row: PartnerList
    made: PartnerPull
    serial: int
    begun: bool = False


def begin(actor: Actor, row: PartnerList) -> Run:
    """Begin to replace a list: who was replacing it stores nothing more. Call inside `acting(actor)`."""
    checkpoint = PartnerCheckpoint.objects.select_for_update().get(list=row)
    checkpoint.serial += 1
    checkpoint.save(update_fields=["serial"])
    made = PartnerPull.objects.create(organisation_id=actor.organisation_id, list=row)
    return Run(row, made, checkpoint.serial)


def store(
    actor: Actor,
    run: Run,
    read: Read,
    told: Callable[[PartnerPull], None] = lambda _: None,
    *,
    pages: Sequence[bytes] | None = None,
    ended: Callable[[PartnerPull], None] = lambda _: None,
) -> PartnerPull:
    """Store every entry and withdraw what is not among them.

    `pages` are digests of what each page should be; `ended` is called in the last transaction. Raises `FileChanged`,
    `ListReplaced`.
    """
    now, number = clock.now(), 0
    for number, part in enumerate(batched(read(), ENTRIES_AT_ONCE), 1):
        if pages is not None and pages[number - 1 : number] != [_digest(part)]:
            raise FileChanged
        items = [
            FeedItem(one.key, one.media_type, now, withdrawn=False, content=content(one))
            for one in part
            if isinstance(one, Listed)
        ]
        broken = tuple(f"{one.number}: {one.field}: {one.reason}" for one in part if isinstance(one, BrokenEntry))
        with acting(actor):
            _store(actor, run, Batch(items, "", broken))
        told(run.made)
    if pages is not None and number != len(pages):
        raise FileChanged
    with acting(actor):
        _store(actor, run, Batch([], "", whole=True))
        run.made.ended_at = clock.now()
        run.made.save()
        ended(run.made)
    return run.made


def content(one: Listed) -> dict[str, object]:
    """Return the whole content of an entry, to be kept."""
    said = {
        "hashes": {kind: values[0] if len(values) == 1 else list(values) for kind, values in one.hashes.items()},
        "quality": one.quality,
        "classification": one.classification,
        "series": one.series,
        "reason": one.reason,
        "facts": one.facts,
        "said_at": one.at.isoformat() if one.at else "",
    }
    return {name: value for name, value in said.items() if value not in ("", None, {})}


def _store(actor: Actor, run: Run, batch: Batch) -> None:
    try:
        sync.store(actor, run.row, run.serial, Request("", fresh=not run.begun), batch, run.made)
    except sync.Overtaken:
        raise ListReplaced from None
    run.serial, run.begun = run.serial + 1, True


def _serial(actor: Actor, row: PartnerList) -> int:
    with acting(actor):
        return PartnerCheckpoint.objects.get(list=row).serial


def _digest(part: Sequence[Listed | BrokenEntry]) -> bytes:
    return hashlib.sha256(repr(part).encode("utf-8", "surrogatepass")).digest()


def _short(key: str) -> bytes:
    """Enough of a key to tell a million apart."""
    return hashlib.blake2b(key.encode(), digest_size=16).digest()


def _known(actor: Actor, named: NamedList) -> PartnerList | None:
    """The list of this name, if there is one."""
    with acting(actor):
        row = PartnerList.objects.filter(list_id=named.list_id, ended_at=None).first()
    if row is not None and row.format != Format.FILE:
        raise Conflict("This list is read from an interface, not from files.", field="list_id")
    for field in ("source", "legal_basis") if row is None else ():
        if not getattr(named, field).strip():
            raise Invalid("Enter this value with the first file of a list.", field=field)
    return row


def _list(actor: Actor, named: NamedList) -> PartnerList:
    """Return the list of this name; create it if there is none."""
    if (row := _known(actor, named)) is not None:
        return row
    with acting(actor):
        made = subscriptions.enter_file(actor, named.list_id, named.source, named.about, named.legal_basis)
        return PartnerList.objects.get(pk=made)
