"""What stands for hashes in a set, as it lies in the database: each value with a keyed seal of the node's own.

1. A value is computed with a secret, once for a hash and a key, and kept: that of the certified set (`certified_set`),
   and that of the private look-up (`private_lookup_set`).
2. Its seal is over the item, the key and the value. Whoever writes rows by SQL can make none: a value of his own would
   be a false proof of absence for what is listed, and that of a canary would stop every release. Nor does it help to
   put a sealed row under another hash, or back under a hash of the same id: the item is another.
3. What has no seal that holds counts as not there. It is computed anew, and takes the place of what lay there.
4. Values from before there were seals have none, and nothing shows that they are those of their items. So they are not
   sealed as they are: the first release is made of all rows, and computes them again (`builder.possible`).
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
    """What a value is computed from, of a hash as `encryption.raw` gives it."""
    return item_bytes(_plain(kind), raw[: _BYTES[kind]].hex())


def seal(key: str, kind: str, raw: bytes, value: bytes) -> bytes:
    """The seal of a hash's value under a key: a microsecond or so, as there are millions."""
    return _seal(f"{key} {_plain(kind)} ", raw[: _BYTES[kind]] + value)


def film_seal(key: str, film: Film, values: bytes) -> bytes:
    """The seal of the values of a video's frames."""
    return _seal(f"{key} film {film.name} ", values)


def holds(key: str, kind: str, raw: bytes, value: Kept, kept: Kept) -> bool:
    """Whether a value that lies there is that of its hash."""
    return _same(kept, seal(key, kind, raw, bytes(value))) if value is not None else False


def film_holds(key: str, film: Film, values: Kept, kept: Kept) -> bool:
    """The same of a video's frames."""
    return _same(kept, film_seal(key, film, bytes(values))) if values is not None else False


def keep(centre: Actor, key: str, rows: Iterable[tuple[UUID, bytes, bytes]], *, of: str = "hash") -> None:
    """Keep values: of which hash (or `film`), the value, its seal. Call inside `acting(centre)`.

    What lay there without a seal that holds makes room.
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
