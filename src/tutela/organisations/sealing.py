"""Wrapping of stored secrets with the node's key-encryption key (AES-256-GCM, the purpose as associated data)."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12


class CannotUnwrap(Exception):
    """The stored secret was wrapped by another key-encryption key or has been changed."""


def wrap(secret: bytes, purpose: str, kek: bytes | None = None) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(kek or settings.KEY_ENCRYPTION_KEY).encrypt(nonce, secret, purpose.encode())


def unwrap(wrapped: bytes, purpose: str, kek: bytes | None = None) -> bytes:
    box = AESGCM(kek or settings.KEY_ENCRYPTION_KEY)
    try:
        return box.decrypt(bytes(wrapped[:NONCE]), bytes(wrapped[NONCE:]), purpose.encode())
    except InvalidTag:
        raise CannotUnwrap from None
