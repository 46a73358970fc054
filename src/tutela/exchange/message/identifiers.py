"""Identifiers: new ones that sort by time and reveal nothing else, and ones derived from content."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from tutela import clock


def uuid7(at: datetime | None = None) -> UUID:
    """A version 7 UUID (RFC 9562, 5.7): 48 bits of milliseconds, the rest from the system's random source."""
    moment = at or clock.now()
    value = (int(moment.timestamp() * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def drawn(contents: bytes, at: datetime | None) -> UUID:
    """An id that is the same for the same contents: of a moment (UUIDv7) or of none (UUIDv8), and a digest."""
    digest = hashlib.sha256(contents).digest()
    head = max(0, int(at.timestamp() * 1000)) if at else int.from_bytes(digest[10:16])
    value = (head & (2**48 - 1)) << 80 | int.from_bytes(digest[:10])
    value = value & ~(0xF << 76) | (7 if at else 8) << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
