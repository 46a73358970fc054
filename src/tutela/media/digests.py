"""Exact digests: MD5, SHA-1 and SHA-256 of the same bytes in one pass.

MD5 and SHA-1 are broken as signatures and still the keys of most exchanged lists; Tutela trusts SHA-256.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Protocol

CHUNK_BYTES = 1 << 20
# Below this a second thread costs more than it saves.
PARALLEL_BYTES = 1 << 18


class Readable(Protocol):
    """Anything with a binary `read`."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Digests:
    """Lower-case hexadecimal digests of `size` bytes."""

    md5: str
    sha1: str
    sha256: str
    size: int

    def as_json(self) -> dict[str, str | int]:
        """A dictionary that `json` can write."""
        return asdict(self)


class Digester:
    """Digests of bytes that arrive in pieces: `update` any number of times, then `digests`."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._size = 0

    def update(self, piece: bytes | memoryview) -> None:
        """Add the next bytes. For large pieces MD5 runs in parallel with SHA.

        hashlib releases the interpreter lock.
        """
        self._size += len(piece)
        if len(piece) < PARALLEL_BYTES:
            self._md5.update(piece)
            self._sha1.update(piece)
            self._sha256.update(piece)
            return
        md5 = _threads(os.getpid()).submit(self._md5.update, piece)
        self._sha1.update(piece)
        self._sha256.update(piece)
        md5.result()

    def digests(self) -> Digests:
        """The digests of everything taken so far."""
        return Digests(self._md5.hexdigest(), self._sha1.hexdigest(), self._sha256.hexdigest(), self._size)


def digest_bytes(data: bytes) -> Digests:
    """The digests of `data`."""
    digester = Digester()
    digester.update(data)
    return digester.digests()


def digest_stream(stream: Readable) -> Digests:
    """The digests of all that `stream` still holds, read a mebibyte at a time. Errors of the stream pass through."""
    digester = Digester()
    while piece := stream.read(CHUNK_BYTES):
        digester.update(piece)
    return digester.digests()


@lru_cache(maxsize=1)
def _threads(_pid: int) -> ThreadPoolExecutor:
    """One pool for each process: threads do not survive a fork."""
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="tutela-digest")
