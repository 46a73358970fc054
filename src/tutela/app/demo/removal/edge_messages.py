"""What an Edge of a host says about an item that matches a requested hash. No item exists: its digests are random."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tutela.exchange.removal.requested_hashes import LIST_ID


def entry_of(line: str) -> str:
    """The ID of the entry in a line of requested hashes."""
    return line.partition('"entry_id": "')[2].partition('"')[0]


def matched_item(item: str, service: str, entry: str, *, digits: str, at: datetime) -> dict[str, Any]:
    """The message about an item that anybody can see. Its digests are made of `digits`, 64 hexadecimal digits."""
    return {
        "item": item,
        "service": service,
        "channel": "public",
        "at": at.isoformat(),
        "shadow": False,
        "md5": digits[:32],
        "sha1": digits[:40],
        "sha256": digits,
        "size": 240_000,
        "media_type": "JPEG",
        "matches": [_near(entry)],
    }


def _near(entry: str) -> dict[str, Any]:
    return {
        "list_id": LIST_ID,
        "list_version": 1,
        "entry_id": entry,
        "source_kind": "provider_source",
        "rule": "near-pdq",
        "corroborated": False,
        "in_public_register": False,
        "families": ["pdq"],
        "weak": False,
        "distance": 6,
        "variant": 0,
        "frame": 0,
    }
