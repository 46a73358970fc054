"""Identifiers that sort by time and tell nothing else."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from tutela import clock


def uuid7(at: datetime | None = None) -> UUID:
    """A version 7 UUID (RFC 9562, 5.7): 48 bits of milliseconds, the rest from the system's random source."""
    moment = at or clock.now()
    value = (int(moment.timestamp() * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)
