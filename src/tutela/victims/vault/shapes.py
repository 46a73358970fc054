"""Shapes of what browsers send to the vault: base64 of a known length, and nothing that could be a clear text.

The node cannot decrypt, so it cannot check what is inside. It refuses whatever does not have the shape of the script.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from tutela.events.errors import Invalid

# AES-GCM: a nonce of 12 bytes; a tag of 16 bytes after the ciphertext.
NONCE, TAG, KEY = 12, 16, 32
# An identity is a few lines of JSON, which the script pads to a multiple of this, so that its length tells nothing.
BLOCK, MOST_IDENTITY = 1024, 16 * 1024


def read(text: str, fields: dict[str, tuple[int, int]], field: str) -> dict[str, Any]:
    """JSON of exactly these fields, each base64 of a length between two bounds. Raises `Invalid`."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid("This is not what the vault's script makes.", field=field) from None
    if not isinstance(said, dict) or set(said) != {"v", *fields} or said["v"] != 1:
        raise Invalid("This is not what the vault's script makes.", field=field)
    for name, (least, most) in fields.items():
        if not least <= len(decoded(said[name], field)) <= most:
            raise Invalid("This is not what the vault's script makes.", field=field)
    return said


def decoded(text: object, field: str) -> bytes:
    """Bytes of base64. Raises `Invalid`."""
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("This is not what the vault's script makes.", field=field) from None


def identity(text: str) -> str:
    """The ciphertext of an identity as it is stored. Raises `Invalid`."""
    bounds = {
        "nonce": (NONCE, NONCE),
        "key_nonce": (NONCE, NONCE),
        "key": (KEY + TAG, KEY + TAG),
        "ciphertext": (BLOCK + TAG, MOST_IDENTITY + TAG),
    }
    said = read(text, bounds, "identity")
    if (len(decoded(said["ciphertext"], "identity")) - TAG) % BLOCK:
        raise Invalid("This is not what the vault's script makes.", field="identity")
    return json.dumps(said, sort_keys=True)


def private_half(text: str) -> str:
    """The private half of a member, encrypted by their hardware key. Raises `Invalid`."""
    # PKCS #8 of a P-256 key has 138 bytes.
    return json.dumps(read(text, {"nonce": (NONCE, NONCE), "ciphertext": (100, 300)}, "private_half"), sort_keys=True)


def vault_key(text: str) -> str:
    """The vault's key for one member's public half. Raises `Invalid`."""
    # SPKI of a P-256 key has 91 bytes.
    bounds = {"public": (91, 91), "nonce": (NONCE, NONCE), "ciphertext": (KEY + TAG, KEY + TAG)}
    return json.dumps(read(text, bounds, "vault_key"), sort_keys=True)
