"""Load a file of lawful images into the reference, and end a load."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import batched
from uuid import UUID

from tutela.accountability.public_log import publish
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.entry import EMPTY, HEX
from tutela.exchange.message.text_cleanup import typed
from tutela.indicators.hashes.lawful_reference import HASHES_AT_ONCE, canary_hashes, digest_of, kept_of, newest_load
from tutela.indicators.models import ReferenceEnd, ReferenceHash, ReferenceLoad

_KINDS = {32: "md5", 40: "sha1", 64: "pdq"}


@dataclass(frozen=True)
class BadLine:
    """A line that is no hash, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Loaded:
    """Result of loading a file: hashes added, known hashes, invalid lines, and the size and digest of the whole
    reference.
    """

    load: UUID | None
    added: int
    known: int
    refused: int
    entries: int
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
        before = kept_of(*newest_load())
        fresh = sorted(found - before.digests - canary_hashes())
        known = len(found) - len(fresh)
        if not fresh:
            return Loaded(None, 0, known, refused, before.size, before.sha256)
        sha256 = digest_of(before.digests | set(fresh))
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
    for some in batched(fresh, HASHES_AT_ONCE):
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
    """End a load, so that its hashes count no more. Raises `Invalid`, `NotFound`."""
    actor.require("indicators.revoke")
    if not reason.strip():
        raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
    with acting(actor):
        lock("register:reference")
        row = ReferenceLoad.objects.filter(pk=load_id, end=None).first()
        if row is None:
            raise NotFound
        gone = {(kind, bytes(value)) for kind, value in row.hashes.values_list("kind", "value")}
        left = kept_of(*newest_load()).digests - gone
        made = ReferenceEnd(
            organisation_id=actor.organisation_id,
            load=row,
            reason=reason.strip()[:300],
            by=actor.reference,
            set_sha256=digest_of(left),
        )
        if not insert_ignore(made):
            raise NotFound
        record(
            actor,
            "reference.ended",
            "reference",
            row.pk,
            removed=len(gone),
            entries=len(left | canary_hashes()),
            set=made.set_sha256,
        )
        publish.enqueue_publication()


def _hash(line: str, digits_are: str) -> tuple[str, bytes] | None:
    """Kind and bytes of a line; None for a remark. Raises ValueError with the reason."""
    text = line.partition("#")[0].strip().lower()
    if not text:
        return None
    kind, colon, value = text.rpartition(":")
    if not colon:
        kind = digits_are if len(value) == HEX[digits_are] else _KINDS.get(len(value), "")
    if kind not in HEX or not re.fullmatch(f"[0-9a-f]{{{HEX[kind]}}}", value):
        raise ValueError("must be md5, sha1, sha256 or pdq in hexadecimal digits")
    if value in EMPTY or len(set(value)) == 1:
        raise ValueError("must not be the hash of an empty file or of a flat picture")
    return kind, bytes.fromhex(value)


def _said(name: str, text: str) -> str:
    told = typed(text)
    if not told or len(told) > 120 or not told.isprintable():
        raise Invalid("Enter one line of at most {most} characters.", field=name, most=120)
    return told
