"""The bytes of a leaf: `accountability/sql/sequencer.sql` computes them when it sequences, Python when it verifies.

A leaf is SHA-256 over the event's columns as text, joined by the unit separator (0x1F):
id, microseconds since 1970, kind, actor, actor's name, organisation, purpose, subject kind, subject id, legal basis,
commitment in hex.
The chain's head before the first entry is 32 zero bytes.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

SEPARATOR = "\x1f"
EMPTY = bytes(32)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

type Texts = tuple[str, str, str, str, str, str, str, str]


def leaf(event_id: UUID, at: datetime, texts: Texts, commitment: bytes) -> bytes:
    """The leaf of one event.

    `texts` are kind, actor, actor's name, organisation, purpose, subject kind, subject id, legal basis.
    """
    micros = (at - EPOCH) // timedelta(microseconds=1)
    joined = SEPARATOR.join([str(event_id), str(micros), *texts, commitment.hex()])
    return hashlib.sha256(joined.encode()).digest()


def next_head(head: bytes, leaf_hash: bytes) -> bytes:
    """The chain's head after one more leaf: SHA-256 over the head before and the leaf."""
    return hashlib.sha256(head + leaf_hash).digest()


# Of these all facts are public; of the other kinds that the public log tells of, none.
OPEN_KINDS = (
    "release.published",
    "release.head",
    "policy.announced",
    "reference.loaded",
    "reference.ended",
    "figures.published",
)
