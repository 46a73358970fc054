"""Pages that are shown once: the answer to a form of a browser without a script.

A browser keeps what it sent by POST, and sends it again for "back" and "reload". Therefore the answer is a redirect to
an address that shows the page once. The page is sealed by a key that only this address has, and stored for minutes.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import zlib
from datetime import timedelta
from http import HTTPStatus

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tutela import clock
from tutela.casework.models import OncePage
from tutela.events.rate_limits import RateLimit

KEPT = timedelta(minutes=5)
# Bounds of storage. Beyond them a page is the answer itself, which its browser may keep: 500 MB of the longest pages.
PAGES = RateLimit("anonymous.once", KEPT, 5_000)
# So that one block of addresses does not use up the pages of all.
PAGES_OF_BLOCK = RateLimit("anonymous.once.block", KEPT, 200)
# An error costs its sender no work, and names no case: it has pages of its own.
ERRORS = RateLimit("anonymous.once.error", KEPT, 1_000)
ERRORS_OF_BLOCK = RateLimit("anonymous.once.error.block", KEPT, 100)
_NONCE = b"\0" * 12


def keep(body: bytes, status: int, headers: dict[str, str], block: str) -> str | None:
    """Store a page; returns the token that shows it, or None beyond the bounds."""
    of_block, of_all = (PAGES_OF_BLOCK, PAGES) if status < HTTPStatus.BAD_REQUEST else (ERRORS_OF_BLOCK, ERRORS)
    if not ((not block or of_block.take(block).allowed) and of_all.take("").allowed):
        return None
    token = secrets.token_urlsafe(24)
    page = zlib.compress(json.dumps([body.decode(), status, headers]).encode())
    OncePage.objects.filter(expires_at__lt=clock.now()).delete()
    OncePage.objects.create(
        digest=_digest(token), sealed=_box(token).encrypt(_NONCE, page, None), expires_at=clock.now() + KEPT
    )
    return token


def take(token: str) -> tuple[bytes, int, dict[str, str]] | None:
    """The page of a token with its status and headers, and delete it; None if it was shown or is too old."""
    rows = OncePage.objects.raw("DELETE FROM casework_oncepage WHERE digest = %s RETURNING *", [_digest(token)])
    row = next(iter(rows), None)
    if row is None or row.expires_at < clock.now():
        return None
    body, status, headers = json.loads(zlib.decompress(_box(token).decrypt(_NONCE, bytes(row.sealed), None)))
    return body.encode(), status, headers


def _digest(token: str) -> str:
    return hashlib.sha256(f"once:{token}".encode()).hexdigest()


def _box(token: str) -> AESGCM:
    # One key seals one page: the nonce never meets the same key twice.
    return AESGCM(hashlib.sha256(f"key:{token}".encode()).digest())
