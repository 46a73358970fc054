"""Keys of rows that two organisations read: each row has its own, sealed by the node.

A subject's key belongs to one organisation (`organisations.keys.subject_keys`). Here the key stands in the row that
both see. Emptying the column erases everything that was sealed by it.
"""

from __future__ import annotations

import json
import os
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tutela.organisations.errors import Erased
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.keys.subject_keys import Box


def begin(row_id: UUID) -> tuple[bytes, Box]:
    """A new key for a row: its sealed form, and the box that seals with it."""
    secret = os.urandom(32)
    return wrap(secret, place(row_id)), Box(AESGCM(secret))


def box(row_id: UUID, wrapped: bytes | memoryview) -> Box:
    """The box of a row. Raises `Erased` once the key is gone, `CannotUnwrap` if it was changed or moved."""
    if not wrapped:
        raise Erased
    return Box(AESGCM(unwrap(bytes(wrapped), place(row_id))))


def seal_json(opened: Box, value: Any, purpose: str) -> bytes:
    """Seal a value as JSON."""
    return opened.seal(json.dumps(value).encode(), purpose)


def unseal_json(opened: Box, sealed: bytes | memoryview, purpose: str) -> Any:
    """Open a value. Raises `Erased`, `CannotUnwrap`."""
    return json.loads(opened.unseal(bytes(sealed), purpose))


def place(row_id: object) -> str:
    """The purpose for which a row's key is sealed."""
    return f"shared-key:{row_id}"
