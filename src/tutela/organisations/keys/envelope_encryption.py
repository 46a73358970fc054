"""Envelope encryption of stored values.

Data keys seal values (AES-256-GCM); the key-encryption key wraps the data keys.

The keyset is a file in the data folder. A sealed value begins with the id of its data key. A new data key can therefore
be made at any time, and old values stay readable. Rotating the key-encryption key rewraps the few data keys and changes
no value. The purpose is associated data: a value sealed for one place cannot be moved to another.

Rotating the key-encryption key has three steps: `kek.new` is written, the data keys are rewrapped with it, and
`kek.new` replaces `kek.hex`. A process tries both files in addition to the key it started with. Therefore a rotation
does not stop a running node, and an interrupted rotation locks nothing away.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
        self._path, self._file, self._kek, self._seen = path, str(path), kek, 0
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

    def ids(self) -> list[tuple[str, str, str]]:
        """(id, made, state) of every data key, oldest first: current, kept, or revoked while values still need it."""
        self._refresh()
        stored = self._read()
        return [
            (k, v["at"], "current" if k == stored["current"] else "revoked" if "revoked" in v else "kept")
            for k, v in stored["keys"].items()
        ]

    def add(self) -> str:
        """Create a new current data key; the others stay for the values they sealed. Returns its id."""
        with self._alone():
            return self._add()

    def retire(self, key_id: str) -> None:
        """Stop sealing with a key; the key still opens what it sealed until `drop`."""
        with self._alone():
            if self._read()["current"] == key_id:
                self._add()
            stored = self._read()
            stored["keys"][key_id]["revoked"] = clock.now().isoformat()
            self._store(stored)

    def drop(self, key_id: str) -> None:
        """Delete a retired key. The caller has resealed everything that the key sealed."""
        with self._alone():
            stored = self._read()
            if "revoked" not in stored["keys"].get(key_id, {}):
                raise ValueError("Only a retired key can be deleted.")
            del stored["keys"][key_id]
            self._store(stored)

    def rewrap(self, new_kek: bytes) -> None:
        """Wrap every data key by a new key-encryption key."""
        with self._alone():
            stored = self._read()
            plain = {k: self._unwrap(bytes.fromhex(k), v["wrapped"]) for k, v in stored["keys"].items()}
            self._kek = new_kek
            for key_id, key in plain.items():
                stored["keys"][key_id]["wrapped"] = self._wrap(bytes.fromhex(key_id), key)
            self._store(stored)

    def rotate_kek(self) -> None:
        """Make a new key-encryption key, or finish a rotation that was cut off before it, and make a new one then."""
        with self._alone():
            self._load()  # by whichever key opens it: where that is the unfinished one, it is the key from now on
            _write_private(self._path.with_name("kek.hex"), self._kek.hex())
        new = os.urandom(32)
        _write_private(self._path.with_name("kek.new"), new.hex())
        self.rewrap(new)
        self._path.with_name("kek.new").replace(self._path.with_name("kek.hex"))

    def _add(self) -> str:
        stored = self._read()
        if stored["keys"]:
            self._load()  # so that the key-encryption key in use is the one that the others are wrapped by
        key_id = os.urandom(ID)
        stored["keys"][key_id.hex()] = {"wrapped": self._wrap(key_id, os.urandom(32)), "at": clock.now().isoformat()}
        stored["current"] = key_id.hex()
        self._store(stored)
        return key_id.hex()

    def _read(self) -> dict[str, Any]:
        return dict(json.loads(self._path.read_text())) if self._path.exists() else {"keys": {}}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Lock the file for one process. Two writers at once would lose a key, and all values it sealed."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self._path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _refresh(self) -> None:
        # Asked for every value that is sealed or opened: a path's own methods take ten times as long.
        try:
            changed = os.stat(self._file).st_mtime_ns  # noqa: PTH116
        except FileNotFoundError:
            with self._alone():
                if not self._path.exists():
                    self._add()
            changed = -1
        if changed != self._seen:
            self._load()

    def _load(self) -> None:
        changed = self._path.stat().st_mtime_ns
        stored = self._read()
        self._keys = {
            bytes.fromhex(k): AESGCM(self._unwrap(bytes.fromhex(k), v["wrapped"])) for k, v in stored["keys"].items()
        }
        self._current, self._seen = bytes.fromhex(stored["current"]), changed

    def _wrap(self, key_id: bytes, key: bytes) -> str:
        nonce = os.urandom(NONCE)
        return (nonce + AESGCM(self._kek).encrypt(nonce, key, b"data-key:" + key_id)).hex()

    def _unwrap(self, key_id: bytes, wrapped: str) -> bytes:
        raw = bytes.fromhex(wrapped)
        for kek in self._candidates():
            try:
                plain = AESGCM(kek).decrypt(raw[:NONCE], raw[NONCE:], b"data-key:" + key_id)
            except InvalidTag:
                continue
            self._kek = kek
            return plain
        raise CannotUnwrap

    def _candidates(self) -> Iterator[bytes]:
        """Yield the key in use, then the keys from the files of an ongoing or finished rotation."""
        yield self._kek
        for name in ("kek.hex", "kek.new"):
            try:
                yield bytes.fromhex(self._path.with_name(name).read_text().strip())
            except (OSError, ValueError):
                continue

    def _store(self, stored: dict[str, object]) -> None:
        _write_private(self._path, json.dumps(stored))
        self._seen = 0


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, and on the disk before anything relies on it."""
    part = path.with_suffix(f".{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


_keysets: dict[str | Path, Keyset] = {}


def keyset() -> Keyset:
    """This node's keyset, created with its first data key if there is none."""
    folder: str | Path = settings.DATA_DIR
    found = _keysets.get(folder)
    if found is None:
        found = _keysets[folder] = Keyset(Path(folder) / "data-keys.json", settings.KEY_ENCRYPTION_KEY)
    return found


def wrap(secret: bytes, purpose: str) -> bytes:
    """Seal a value for one purpose."""
    return wrapping(purpose)(secret)


def current_id() -> bytes:
    """The id of the data key that is in use now."""
    return keyset().current()[0]


def wrapping(purpose: str) -> Callable[[bytes], bytes]:
    """Return a function that seals many values with the data key now in use."""
    (key_id, box), bound = keyset().current(), purpose.encode()

    def one(secret: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return key_id + nonce + box.encrypt(nonce, secret, bound)

    return one


def unwrap(wrapped: bytes, purpose: str) -> bytes:
    """Open a value. Raises `CannotUnwrap`, the same for every reason."""
    raw = bytes(wrapped)
    try:
        return keyset().by_id(raw[:ID]).decrypt(raw[ID : ID + NONCE], raw[ID + NONCE :], purpose.encode())
    except (InvalidTag, ValueError):
        raise CannotUnwrap from None
