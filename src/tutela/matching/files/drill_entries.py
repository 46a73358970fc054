"""Namespace of test entries: a list has them like any other entry, and nothing ever matches one.

The namespace is permanent. It is the first half of an entry's ID, of version 8 (RFC 9562); no other entry has one.
The category of a test entry names it, so a policy of the register that permits test entries names it too.
"""

from __future__ import annotations

import os
from uuid import UUID

NAMESPACE = "7e57da7a-7e57-8e57"
SCHEME = "tutela-test"
CATEGORY = f"{SCHEME}:{NAMESPACE}"
FIRST, LAST = UUID(f"{NAMESPACE}-0000-000000000000"), UUID(f"{NAMESPACE}-ffff-ffffffffffff")
_PREFIX = FIRST.bytes[:8]


def is_test(entry_id: UUID) -> bool:
    """Whether an entry is a test entry."""
    return entry_id.bytes.startswith(_PREFIX)


def drawn() -> UUID:
    """A new ID of a test entry."""
    rest = bytearray(os.urandom(8))
    rest[0] = rest[0] & 0x3F | 0x80
    return UUID(bytes=_PREFIX + bytes(rest))
