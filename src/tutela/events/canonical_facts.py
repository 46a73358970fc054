"""Canonical text of facts: one text per value, so that a commitment can be recomputed anywhere."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID


def text(facts: dict[str, Any]) -> str:
    """JSON with sorted keys and no spaces. UUIDs and aware datetimes become strings; bytes are refused."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime) and value.tzinfo:
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("Facts must be references and commitments, never bytes.")
    return str(value)


def commitment(salt: bytes, facts: str) -> bytes:
    """SHA-256 over a 32-byte salt and the facts' text. Hides the facts, and is useless once the salt is deleted."""
    return hashlib.sha256(salt + facts.encode()).digest()
