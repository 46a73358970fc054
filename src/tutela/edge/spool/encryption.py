"""Key of an Edge, and sealing with keys derived from it.

The secret has 32 bytes. Every use has a separate key (HKDF-SHA256 with the use as info), so that content sealed for one
use cannot be passed off as another's. If no file is named, the key is created next to the data. The key then protects
copies of single files, but a thief of the whole folder also has the key.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tutela.edge.errors import SettingsError, SpoolDamagedError
from tutela.matching.files.records import unhex

KEY_BYTES = 32
_NONCE_BYTES = 12


def load_key(path: Path) -> bytes:
    """The key in a file: 64 hex digits. A missing key is created, for its owner only. Raises SettingsError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(file, "w") as made:
        key = secrets.token_bytes(KEY_BYTES)
        made.write(key.hex() + "\n")
        made.flush()
        os.fsync(made.fileno())
    return key


def _read(path: Path) -> bytes:
    try:
        return unhex(path.read_text().strip(), KEY_BYTES)
    except ValueError as error:
        raise SettingsError(f"{path}: {error}.") from None
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}.") from None


def drawn(key: bytes, use: str) -> bytes:
    """The key of one use."""
    return HKDF(SHA256(), KEY_BYTES, None, f"tutela/edge/{use}/1".encode()).derive(key)


class Sealer:
    """Seals values at rest for one use. Safe to share between threads."""

    def __init__(self, key: bytes, use: str) -> None:
        self._cipher = AESGCM(drawn(key, use))
        self._blind = drawn(key, f"{use}/names")

    def seal(self, value: bytes, place: bytes) -> bytes:
        """The value, sealed; it opens at this place alone."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """The value. Raises SpoolDamagedError for another key, another place or an edited byte."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            raise SpoolDamagedError from None

    def name(self, text: str) -> bytes:
        """A name by which the same text is found again, and which reveals nothing without the key."""
        return hmac.digest(self._blind, text.encode(), "sha256")
