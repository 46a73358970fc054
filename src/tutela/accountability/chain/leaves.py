"""The bytes of a leaf, written down once: SQL computes them when it sequences, Python when it verifies.

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
# The same expression in SQL, over a row `e` of events_event.
SQL = """sha256(convert_to(concat_ws(E'\\x1f', e.id::text,
  (extract(epoch FROM e.at) * 1000000)::bigint::text, e.kind, e.actor, e.actor_name, e.organisation_id::text, e.purpose,
  e.subject_kind, e.subject_id, e.legal_basis, encode(e.commitment, 'hex')), 'UTF8'))"""


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


# What is told in public: that it happened, in which hour, and a commitment that the record behind it can be held to.
# Every event in an indicator's life is; who merely looked at one stands in the chain alone, whose checkpoint is public.
PUBLIC_KINDS = (
    "indicator.proposed",
    "indicator.certified",
    "indicator.activated",
    "indicator.disputed",
    "indicator.voted",
    "indicator.feedback",
    "indicator.suspended",
    "dispute.decided",
    "indicator.revoked",
    "indicator.cleared",
    "indicator.erased",
    "indicator.hold_placed",
    "indicator.hold_ended",
    "quarantine.held",
    "quarantine.decided",
    "flood.held",
    "flood.released",
    "register.rounds_begun",
    "import.allowed",
    "policy.announced",
    "release.published",
    "release.head",
    "grant.given",
    "grant.ended",
    "foreign.granted",
    "foreign.grant_ended",
    "reference.loaded",
    "reference.ended",
)
# Of these all facts are public; of the rest, none.
OPEN_KINDS = ("release.published", "release.head", "policy.announced", "reference.loaded", "reference.ended")
_OPEN = ", ".join(f"'{kind}'" for kind in OPEN_KINDS)
# Over a row `e` of events_event and `f` of events_eventfacts. No fact takes the place of what the entry itself says.
PUBLIC_ENTRY = f"""(CASE WHEN e.kind IN ({_OPEN}) THEN accountability_facts(f.facts) ELSE '{{}}'::jsonb END
  || jsonb_build_object('event', e.kind, 'commitment', encode({SQL}, 'hex'),
  'hour', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24"Z"')))"""
