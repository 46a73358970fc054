"""The reference of lawful pictures that an operator keeps beside the one that comes with the house.

1. A file has a hash a line: `pdq:…`, `sha256:…`, `sha1:…`, `md5:…`, or the digits alone; 64 of them are a PDQ hash, in
   a file that ends in `.sha256` a digest. `#` begins a remark. A line that is none is named, and costs no other.
2. What is there already is not added again: the same file twice changes nothing.
3. The whole reference has a digest, SHA-256 over its sorted lines `kind:hex`; each load and each end is an event that
   names it, and an entry of the public log.
4. A proposal, an import and the frames of a video pass it as they pass the other one (`lawful`).

Whoever adds a hash keeps an item out of the register: it is the Centre's act alone, and is undone by a row.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import batched
from uuid import UUID

import numpy as np
from django.db.models import QuerySet

from tutela.accountability.public_log import publish
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.prepared_sql import run_statements
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.entry import EMPTY, HEX
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.register.canaries import canaries
from tutela.indicators.hashes import validation
from tutela.indicators.hashes.builtin_reference import PDQ_BYTES, near_any, shipped
from tutela.indicators.hashes.errors import ResemblesLawful
from tutela.indicators.models import ReferenceEnd, ReferenceHash, ReferenceLoad
from tutela.matching.index.hamming_index import HammingIndex

AT_ONCE = 5000
_NEWEST = (
    "SELECT count(*), max(created_at), (SELECT count(*) FROM indicators_referenceend) FROM indicators_referenceload"
)
_KINDS = {32: "md5", 40: "sha1", 64: "pdq"}


@dataclass(frozen=True)
class BadLine:
    """A line that is no hash, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Loaded:
    """What became of a file: hashes added, those that were there, lines that are none; the whole reference then."""

    load: UUID | None
    added: int
    known: int
    refused: int
    entries: int
    sha256: str


@dataclass(frozen=True)
class ReferenceState:
    """The whole reference: how many hashes, its digest, and what was loaded and counts."""

    entries: int
    sha256: str
    loads: list[ReferenceLoad]


@dataclass(frozen=True)
class _Kept:
    """What was loaded and counts."""

    digests: frozenset[tuple[str, bytes]]
    looks: HammingIndex
    size: int
    sha256: str


def load(
    actor: Actor,
    lines: Iterable[str],
    *,
    source: str,
    licence: str,
    digits_are: str = "pdq",
    bad: Callable[[BadLine], None] = lambda _: None,
) -> Loaded:
    """Add the hashes of a file. `digits_are`: what 64 digits alone are. Raises `Invalid`."""
    actor.require("indicators.revoke")
    source, licence = (_said(name, text) for name, text in (("source", source), ("licence", licence)))
    found, refused, file_sha256 = _read(lines, digits_are, bad)
    with acting(actor):
        lock("register:reference")
        before = _kept(*_newest())
        fresh = sorted(found - before.digests - _ours())
        known = len(found) - len(fresh)
        if not fresh:
            return Loaded(None, 0, known, refused, before.size, before.sha256)
        sha256 = _digest(before.digests | set(fresh))
        row = ReferenceLoad.objects.create(
            organisation_id=actor.organisation_id,
            source=source,
            licence=licence,
            file_sha256=file_sha256,
            added=len(fresh),
            set_sha256=sha256,
            by=actor.reference,
        )
        _insert(row, fresh)
        entries = before.size + len(fresh)
        _record(actor, row, entries)
        publish.enqueue_publication()
    return Loaded(row.pk, len(fresh), known, refused, entries, sha256)


def _record(actor: Actor, row: ReferenceLoad, entries: int) -> None:
    record(
        actor,
        "reference.loaded",
        "reference",
        row.pk,
        source=row.source,
        licence=row.licence,
        added=row.added,
        entries=entries,
        set=row.set_sha256,
    )


def _insert(row: ReferenceLoad, fresh: list[tuple[str, bytes]]) -> None:
    for some in batched(fresh, AT_ONCE):
        ReferenceHash.objects.bulk_create(
            ReferenceHash(organisation_id=row.organisation_id, load=row, kind=kind, value=value) for kind, value in some
        )


def _read(
    lines: Iterable[str], digits_are: str, bad: Callable[[BadLine], None]
) -> tuple[set[tuple[str, bytes]], int, str]:
    """The hashes of a file, how many lines are none, and its digest."""
    found, refused, made = set[tuple[str, bytes]](), 0, hashlib.sha256()
    for number, line in enumerate(lines, 1):
        made.update(line.encode())
        try:
            if one := _hash(line, digits_are):
                found.add(one)
        except ValueError as error:
            refused += 1
            bad(BadLine(number, str(error)))
    return found, refused, made.hexdigest()


def end(actor: Actor, load_id: UUID, reason: str) -> None:
    """What a load added counts no more. Raises `Invalid`, `NotFound`."""
    actor.require("indicators.revoke")
    if not reason.strip():
        raise Invalid("Say why; the reason is part of the record.", field="reason")
    with acting(actor):
        lock("register:reference")
        row = ReferenceLoad.objects.filter(pk=load_id, end=None).first()
        if row is None:
            raise NotFound
        gone = {(kind, bytes(value)) for kind, value in row.hashes.values_list("kind", "value")}
        left = _kept(*_newest()).digests - gone
        made = ReferenceEnd(
            organisation_id=actor.organisation_id,
            load=row,
            reason=reason.strip()[:300],
            by=actor.reference,
            set_sha256=_digest(left),
        )
        if not insert_ignore(made):
            raise NotFound
        record(
            actor,
            "reference.ended",
            "reference",
            row.pk,
            removed=len(gone),
            entries=len(left | _ours()),
            set=made.set_sha256,
        )
        publish.enqueue_publication()


def standing() -> ReferenceState:
    """The whole reference. Call inside `acting(actor)`."""
    kept = _kept(*_newest())
    return ReferenceState(kept.size, kept.sha256, list(_loads().order_by("created_at")))


def refuse(given: Sequence[tuple[str, str]]) -> None:
    """Raises `ResemblesLawful` where one of some hashes, (kind, hex), is lawful. Call inside `acting(actor)`."""
    if found := among([given]):
        raise ResemblesLawful(field=found[0])


def among(lines: Sequence[Sequence[tuple[str, str]]]) -> dict[int, str]:
    """Which of some proposals are refused, by their place: the kind of hash. Call inside `acting(actor)`."""
    kept, found = _kept(*_newest()), dict[int, str]()
    if not kept.digests:
        return found
    looks = {bytes.fromhex(value[:64]) for line in lines for kind, value in line if kind in validation.LOOKS}
    lawful = near_any(kept.looks, sorted(looks))
    for at, line in enumerate(lines):
        for kind, value in line:
            raw = bytes.fromhex(value[:64])
            if (raw in lawful) if kind in validation.LOOKS else ((kind, raw) in kept.digests):
                found.setdefault(at, "pdq" if kind in validation.LOOKS else kind)
    return found


def near(looks: Iterable[bytes]) -> set[bytes]:
    """Which of some PDQ hashes are near one that was loaded. Call inside `acting(actor)`."""
    kept = _kept(*_newest())
    return near_any(kept.looks, sorted(set(looks))) if kept.digests else set()


def index() -> HammingIndex:
    """The PDQ hashes that were loaded and count. Call inside `acting(actor)`."""
    return _kept(*_newest()).looks


def digests() -> frozenset[tuple[str, bytes]]:
    """Every hash of the whole reference: its kind and its bytes. Call inside `acting(actor)`."""
    return _kept(*_newest()).digests | _ours()


def _hash(line: str, digits_are: str) -> tuple[str, bytes] | None:
    """Kind and bytes of a line; None for a remark. Raises ValueError with the reason."""
    text = line.partition("#")[0].strip().lower()
    if not text:
        return None
    kind, colon, value = text.rpartition(":")
    if not colon:
        kind = digits_are if len(value) == HEX[digits_are] else _KINDS.get(len(value), "")
    if kind not in HEX or not re.fullmatch(f"[0-9a-f]{{{HEX[kind]}}}", value):
        raise ValueError("no md5, sha1, sha256 or pdq in hexadecimal digits")
    if value in EMPTY or len(set(value)) == 1:
        raise ValueError("the hash of an empty file or of a flat picture")
    return kind, bytes.fromhex(value)


def _said(name: str, text: str) -> str:
    told = typed(text)
    if not told or len(told) > 120 or not told.isprintable():
        raise Invalid("Say it in one line of at most {most} characters.", field=name, most=120)
    return told


def _loads() -> QuerySet[ReferenceLoad]:
    return ReferenceLoad.objects.filter(end=None)


def _newest() -> tuple[int, datetime | None, int]:
    """What changes when something is loaded or ended."""
    ((many, last, ended),) = run_statements([(_NEWEST, [])])[0]
    return many, last, ended


@lru_cache(maxsize=2)
def _kept(_many: int, _last: datetime | None, _ended: int) -> _Kept:
    """The same for every proposal until something is loaded or ended."""
    rows = ReferenceHash.objects.filter(load__in=_loads().values("pk")).values_list("kind", "value")
    digests = frozenset((kind, bytes(value)) for kind, value in rows.iterator(chunk_size=AT_ONCE))
    looks = sorted(value for kind, value in digests if kind == "pdq")
    index = HammingIndex(np.frombuffer(b"".join(looks), np.uint8).reshape(-1, PDQ_BYTES))
    return _Kept(digests, index, len(digests | _ours()), _digest(digests))


@lru_cache(maxsize=1)
def _ours() -> frozenset[tuple[str, bytes]]:
    """What comes with the house."""
    named = {(kind, bytes.fromhex(one[kind])) for one in canaries() for kind in HEX}
    return frozenset(named | {("pdq", look) for look in shipped().looks})


def _digest(loaded: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 over the sorted lines of the whole reference."""
    return hashlib.sha256("".join(lines_of({*loaded, *_ours()})).encode()).hexdigest()


def lines_of(hashes: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    """The lines of some hashes, in order; a file of them can be loaded again."""
    yield from sorted(f"{kind}:{value.hex()}\n" for kind, value in hashes)


def everything() -> Iterator[str]:
    """The lines of the whole reference, over which its digest is. Call inside `acting(actor)`."""
    return lines_of(_kept(*_newest()).digests | _ours())
