"""Bodies at rest: sealed, and found only by keyed hashes."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from tutela.organisations.sealing import unwrap, wrap


def seal(kind: str, identifier: object, body: bytes) -> bytes:
    """Encrypt a body for one row; moved to another row it does not open."""
    return wrap(body, f"{kind}:{identifier}")


def unseal(kind: str, identifier: object, sealed: bytes) -> bytes:
    """Open a row's body. Raises `CannotUnwrap`."""
    return unwrap(bytes(sealed), f"{kind}:{identifier}")


def blind(*parts: str) -> bytes:
    """A keyed hash: equal parts are found equal, and nobody without the key can guess them."""
    key = hmac.digest(settings.BLIND_KEY, b"reports-blind-index", "sha256")
    return hmac.digest(key, "\x1f".join(parts).encode(), hashlib.sha256)
