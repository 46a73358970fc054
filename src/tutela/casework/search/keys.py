"""Keyed hashes by which sealed values are found, and salted commitments to what was searched for.

A key is the kind in one byte and 15 bytes of an HMAC. The HMAC's own key is derived from the node's key for blind
hashes, for each organisation: rows of two organisations cannot be compared, and nobody without the key can guess
values.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from tutela.casework.search.values import Value, ValueKind, plain

# One byte for each kind that is found by a keyed hash.
KINDS = {
    ValueKind.NUMBER: b"n",
    ValueKind.DIGEST: b"d",
    ValueKind.EMAIL: b"e",
    ValueKind.IP: b"i",
    ValueKind.ACCOUNT: b"a",
    ValueKind.FILE_REFERENCE: b"f",
}
KEY_BYTES = 16
# A row has at most this many keys. A report has at most 1,000 items and 1,000 addresses.
MOST_KEYS = 2000
SALT_BYTES = 16


def key_of(organisation_id: UUID, value: Value) -> bytes:
    """The key by which an organisation finds a value. Raises `KeyError` for a kind that has no keys."""
    kind = KINDS[value.kind]
    digest = hmac.digest(_keying(settings.BLIND_KEY, organisation_id), kind + value.text.encode(), "sha256")
    return kind + digest[: KEY_BYTES - 1]


def keys_of(organisation_id: UUID, values: Iterable[Value]) -> list[bytes]:
    """The keys of many values, each once, in their order, at most `MOST_KEYS`."""
    found: dict[bytes, None] = {}
    for one in values:
        if len(found) == MOST_KEYS:
            break
        if one.text:
            found[key_of(organisation_id, one)] = None
    return list(found)


def commit(text: str) -> tuple[str, str]:
    """A new salt and the commitment to a searched text, both in hexadecimal digits."""
    salt = os.urandom(SALT_BYTES)
    return salt.hex(), commitment(salt.hex(), text)


def commitment(salt: str, text: str) -> str:
    """The commitment to a text under a salt. It shows nothing to a reader who does not have the node's key."""
    said = plain(text).casefold()
    return hmac.digest(_committing(settings.BLIND_KEY), bytes.fromhex(salt) + said.encode(), "sha256").hex()


def drawn(search_id: UUID, one_in: int) -> bool:
    """Whether a search is in the sample. A holder of the node's key gets the same answer again."""
    found = hmac.digest(_drawing(settings.BLIND_KEY), search_id.bytes, "sha256")
    return int.from_bytes(found[:8]) % one_in == 0


@lru_cache(maxsize=256)
def _keying(blind_key: bytes, organisation_id: UUID) -> bytes:
    return hmac.digest(blind_key, b"casework-search-index" + organisation_id.bytes, "sha256")


@lru_cache(maxsize=4)
def _committing(blind_key: bytes) -> bytes:
    return hmac.digest(blind_key, b"casework-search-commitment", "sha256")


@lru_cache(maxsize=4)
def _drawing(blind_key: bytes) -> bytes:
    return hmac.digest(blind_key, b"casework-search-sample", "sha256")
