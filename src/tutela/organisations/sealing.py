"""Sealing of what is stored: data keys seal values (AES-256-GCM), the key-encryption key wraps the data keys.

The keyset is a file in the data folder. A sealed value begins with the id of its data key, so a new data key can be
made at any time and old values stay readable; rotating the key-encryption key wraps the few data keys anew and
touches no value. The purpose is associated data: a value sealed for one place cannot be moved to another.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from tutela import clock

NONCE = 12
ID = 4


class CannotUnwrap(Exception):
    """The stored value was sealed by another key or has been changed."""


class Keyset:
    """The data keys of a node, from their file; read again when the file changes."""

    def __init__(self, path: Path, kek: bytes) -> None:
        self._path, self._kek, self._seen = path, kek, 0
        self._keys: dict[bytes, AESGCM] = {}
        self._current = b""

    def current(self) -> tuple[bytes, AESGCM]:
        self._refresh()
        return self._current, self._keys[self._current]

    def by_id(self, key_id: bytes) -> AESGCM:
        self._refresh()
        if key_id not in self._keys:
            raise CannotUnwrap
        return self._keys[key_id]

    def ids(self) -> list[tuple[str, str, bool]]:
        """(id, made, current) of every data key, oldest first."""
        self._refresh()
        stored = json.loads(self._path.read_text())
        return [(k, v["at"], k == stored["current"]) for k, v in stored["keys"].items()]

    def add(self) -> str:
        """Make a new current data key; the others stay for what they sealed. Returns its id."""
        stored = json.loads(self._path.read_text()) if self._path.exists() else {"keys": {}}
        key_id = os.urandom(ID)
        stored["keys"][key_id.hex()] = {"wrapped": self._wrap(key_id, os.urandom(32)), "at": clock.now().isoformat()}
        stored["current"] = key_id.hex()
        self._store(stored)
        return key_id.hex()

    def rewrap(self, new_kek: bytes) -> None:
        """Wrap every data key by a new key-encryption key."""
        stored = json.loads(self._path.read_text())
        plain = {k: self._unwrap(bytes.fromhex(k), v["wrapped"]) for k, v in stored["keys"].items()}
        self._kek = new_kek
        for key_id, key in plain.items():
            stored["keys"][key_id]["wrapped"] = self._wrap(bytes.fromhex(key_id), key)
        self._store(stored)

    def _refresh(self) -> None:
        if not self._path.exists():
            self.add()
        changed = self._path.stat().st_mtime_ns
        if changed == self._seen:
            return
        stored = json.loads(self._path.read_text())
        self._keys = {
            bytes.fromhex(k): AESGCM(self._unwrap(bytes.fromhex(k), v["wrapped"])) for k, v in stored["keys"].items()
        }
        self._current, self._seen = bytes.fromhex(stored["current"]), changed

    def _wrap(self, key_id: bytes, key: bytes) -> str:
        nonce = os.urandom(NONCE)
        return (nonce + AESGCM(self._kek).encrypt(nonce, key, b"data-key:" + key_id)).hex()

    def _unwrap(self, key_id: bytes, wrapped: str) -> bytes:
        raw = bytes.fromhex(wrapped)
        try:
            return AESGCM(self._kek).decrypt(raw[:NONCE], raw[NONCE:], b"data-key:" + key_id)
        except InvalidTag:
            raise CannotUnwrap from None

    def _store(self, stored: dict[str, object]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._path.with_suffix(f".{os.getpid()}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(json.dumps(stored))
            out.flush()
            os.fsync(out.fileno())
        part.replace(self._path)
        self._seen = 0


_keysets: dict[Path, Keyset] = {}


def keyset() -> Keyset:
    """This node's keyset; made with its first data key where there is none."""
    path = Path(settings.DATA_DIR) / "data-keys.json"
    if path not in _keysets:
        _keysets[path] = Keyset(path, settings.KEY_ENCRYPTION_KEY)
    return _keysets[path]


def wrap(secret: bytes, purpose: str) -> bytes:
    """Seal a value for one purpose."""
    key_id, box = keyset().current()
    nonce = os.urandom(NONCE)
    return key_id + nonce + box.encrypt(nonce, secret, purpose.encode())


def unwrap(wrapped: bytes, purpose: str) -> bytes:
    """Open a value. Raises `CannotUnwrap`, the same for every reason."""
    raw = bytes(wrapped)
    try:
        return keyset().by_id(raw[:ID]).decrypt(raw[ID : ID + NONCE], raw[ID + NONCE :], purpose.encode())
    except (InvalidTag, ValueError):
        raise CannotUnwrap from None
