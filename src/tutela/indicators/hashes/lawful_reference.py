"""Reference of lawful images that an operator adds to the shipped one.

1. A file has one hash per line: `pdq:…`, `sha256:…`, `sha1:…`, `md5:…`, or the digits alone. 64 digits are a PDQ hash,
   or a digest in a file that ends in `.sha256`. `#` begins a remark. An invalid line is reported and does not affect
   the others.
2. Existing hashes are not added again: loading the same file twice changes nothing.
3. The whole reference has a digest, SHA-256 over its sorted lines `kind:hex`. Each load and each end is an event that
   names the digest, and an entry of the public log.
4. Proposals, imports and video frames are checked against it as against the shipped reference (`lawful`).

An added hash keeps an item out of the register. Therefore only the Centre may add one, and a further row reverses it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from django.db.models import QuerySet

from tutela.events.sql import run_statements
from tutela.exchange.hash_lists.entry import HEX
from tutela.exchange.register.canaries import canaries
from tutela.indicators.hashes import validation
from tutela.indicators.hashes.builtin_reference import PDQ_BYTES, near_any, shipped
from tutela.indicators.hashes.errors import ResemblesLawful
from tutela.indicators.models import ReferenceHash, ReferenceLoad
from tutela.matching.index.hamming_index import HammingIndex

HASHES_AT_ONCE = 5000
_NEWEST = (
    "SELECT count(*), max(created_at), (SELECT count(*) FROM indicators_referenceend) FROM indicators_referenceload"
)


@dataclass(frozen=True)
class ReferenceState:
    """The whole reference: how many hashes, its digest, and what was loaded and counts."""

    entries: int
    sha256: str
    loads: list[ReferenceLoad]


@dataclass(frozen=True)
class _Kept:
    """Hashes that were loaded and count."""

    digests: frozenset[tuple[str, bytes]]
    looks: HammingIndex
    size: int
    sha256: str


def standing() -> ReferenceState:
    """The whole reference. Call inside `acting(actor)`."""
    kept = kept_of(*newest_load())
    return ReferenceState(kept.size, kept.sha256, list(_loads().order_by("created_at")))


def refuse(given: Sequence[tuple[str, str]]) -> None:
    """Raises `ResemblesLawful` where one of some hashes, (kind, hex), is lawful. Call inside `acting(actor)`."""
    if found := among([given]):
        raise ResemblesLawful(field=found[0])


def among(lines: Sequence[Sequence[tuple[str, str]]]) -> dict[int, str]:
    """Return the refused proposals: the kind of the matching hash by the proposal's place.

    Call inside `acting(actor)`.
    """
    kept, found = kept_of(*newest_load()), dict[int, str]()
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
    """Return those of some PDQ hashes that are near a loaded one. Call inside `acting(actor)`."""
    kept = kept_of(*newest_load())
    return near_any(kept.looks, sorted(set(looks))) if kept.digests else set()


def index() -> HammingIndex:
    """The PDQ hashes that were loaded and count. Call inside `acting(actor)`."""
    return kept_of(*newest_load()).looks


def digests() -> frozenset[tuple[str, bytes]]:
    """Every hash of the whole reference: its kind and its bytes. Call inside `acting(actor)`."""
    return kept_of(*newest_load()).digests | canary_hashes()


def _loads() -> QuerySet[ReferenceLoad]:
    return ReferenceLoad.objects.filter(end=None)


def newest_load() -> tuple[int, datetime | None, int]:
    """Return a cache key that changes when something is loaded or ended."""
    ((many, last, ended),) = run_statements([(_NEWEST, [])])[0]
    return many, last, ended


@lru_cache(maxsize=2)
def kept_of(_many: int, _last: datetime | None, _ended: int) -> _Kept:
    """Return the loaded hashes that count, cached until something is loaded or ended."""
    rows = ReferenceHash.objects.filter(load__in=_loads().values("pk")).values_list("kind", "value")
    digests = frozenset((kind, bytes(value)) for kind, value in rows.iterator(chunk_size=HASHES_AT_ONCE))
    looks = sorted(value for kind, value in digests if kind == "pdq")
    index = HammingIndex(np.frombuffer(b"".join(looks), np.uint8).reshape(-1, PDQ_BYTES))
    return _Kept(digests, index, len(digests | canary_hashes()), digest_of(digests))


@lru_cache(maxsize=1)
def canary_hashes() -> frozenset[tuple[str, bytes]]:
    """Return the hashes of the canaries and of the shipped reference."""
    named = {(kind, bytes.fromhex(one[kind])) for one in canaries() for kind in HEX}
    return frozenset(named | {("pdq", look) for look in shipped().looks})


def digest_of(loaded: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 over the sorted lines of the whole reference."""
    return hashlib.sha256("".join(lines_of({*loaded, *canary_hashes()})).encode()).hexdigest()


def lines_of(hashes: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    """The lines of some hashes, in order; a file of them can be loaded again."""
    yield from sorted(f"{kind}:{value.hex()}\n" for kind, value in hashes)


def everything() -> Iterator[str]:
    """The lines of the whole reference, over which its digest is. Call inside `acting(actor)`."""
    return lines_of(kept_of(*newest_load()).digests | canary_hashes())
