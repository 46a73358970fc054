"""Sealed set values: each value computed for a hash is stored with a keyed seal of the node.

1. A value is computed with a secret, once per hash and key, and stored: for the certified set (`certified_set`) and for
   the private look-up (`private_lookup_set`).
2. The seal covers the item, the key and the value, so an attacker who writes rows by SQL cannot make one. A forged
   value would be a false proof of absence for a listed item; that of a canary would stop every release. A sealed row
   moved to another hash, or back to a hash with the same id, is invalid, because the item differs.
3. A value without a valid seal counts as missing. The value is computed again and replaces the stored one.
4. Values from before seals existed have none, and nothing shows that they belong to their items. They are not sealed
   unchanged: the first release is built from all rows and computes them again (`builder.possible`).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db import connection

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7
from tutela.exchange.register.video_frames import Film
from tutela.indicators.hashes import validation
from tutela.tlog.absence_proof import item_bytes

# Nobody guesses one of so many bytes; of a million entries they are tens of megabytes.
SEAL_BYTES = 16
_BYTES = {
    **{kind: digits // 2 for kind, digits in validation.HEX.items()},
    validation.WINDOW: validation.LOOK_BYTES,
}
_KEEP = {
    "hash": "SELECT indicators_keep_values(%s, %s, %s, %s::uuid[], %s::uuid[], %s::bytea[], %s::bytea[])",
    "film": "SELECT indicators_keep_film_values(%s, %s, %s, %s::uuid[], %s::uuid[], %s::bytea[], %s::bytea[])",
}
type Kept = bytes | memoryview | None


def item(kind: str, raw: bytes) -> bytes:
    """Return the bytes from which a hash's value is computed; `raw` is the hash as `encryption.raw` gives it."""
    return item_bytes(_plain(kind), raw[: _BYTES[kind]].hex())


def seal(key: str, kind: str, raw: bytes, value: bytes) -> bytes:
    """The seal of a hash's value under a key: a microsecond or so, as there are millions."""
    return _seal(f"{key} {_plain(kind)} ", raw[: _BYTES[kind]] + value)


def film_seal(key: str, film: Film, values: bytes) -> bytes:
    """The seal of the values of a video's frames."""
    return _seal(f"{key} film {film.name} ", values)


def holds(key: str, kind: str, raw: bytes, value: Kept, kept: Kept) -> bool:
    """Whether a stored value is sealed as the value of its hash."""
    return _same(kept, seal(key, kind, raw, bytes(value))) if value is not None else False


def film_holds(key: str, film: Film, values: Kept, kept: Kept) -> bool:
    """Whether stored values are sealed as those of a video's frames."""
    return _same(kept, film_seal(key, film, bytes(values))) if values is not None else False


def keep(centre: Actor, key: str, rows: Iterable[tuple[UUID, bytes, bytes]], *, of: str = "hash") -> None:
    """Store values with their hash (or `film`) and seal. Call inside `acting(centre)`.

    A stored value without a valid seal is replaced.
    """
    made = list(rows)
    if made:
        whose, values, seals = (list(column) for column in zip(*made, strict=True))
        with connection.cursor() as cursor:
            given = [[uuid7() for _ in made], whose, values, seals]
            cursor.execute(_KEEP[of], [centre.organisation_id, clock.now(), key, *given])


def _plain(kind: str) -> str:
    return "pdq" if kind == validation.WINDOW else kind


def _same(kept: Kept, made: bytes) -> bool:
    return kept is not None and hmac.compare_digest(bytes(kept), made)


def _seal(said: str, what: bytes) -> bytes:
    key = _sealing(settings.BLIND_KEY)
    return hashlib.blake2b(said.encode() + what, digest_size=SEAL_BYTES, key=key).digest()


@lru_cache(maxsize=4)
def _sealing(blind_key: bytes) -> bytes:
    """The key of seals."""
    return hmac.digest(blind_key, b"value-of-a-hash", "sha256")
