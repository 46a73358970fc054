"""A small twin of `tutela.media` for tests: pictures are tokens, hashes are what the token says.

A "picture" is `FAKE` + quality (1 byte) + 32 bytes of PDQ + anything; everything else is refused as no picture.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

HASHER_ID = "fake-1"


@dataclass(frozen=True)
class Limits:
    max_bytes: int = 1 << 20


@dataclass(frozen=True)
class Digests:
    md5: str
    sha1: str
    sha256: str
    size: int


@dataclass(frozen=True)
class FrameHash:
    index: int
    pdq: bytes
    quality: int
    variants: tuple[bytes, ...]


@dataclass(frozen=True)
class Hashed:
    digests: Digests
    format: str
    width: int
    height: int
    frames: tuple[FrameHash, ...]
    notes: tuple[str, ...]
    matchable: bool = True


@dataclass(frozen=True)
class Refused:
    digests: Digests | None
    code: str
    message: str


def picture(pdq: bytes, *, quality: int = 90, tail: bytes = b"") -> bytes:
    return b"FAKE" + bytes([quality]) + pdq + tail


def digests_of(data: bytes) -> Digests:
    md5, sha1 = hashlib.md5(data).hexdigest(), hashlib.sha1(data).hexdigest()
    return Digests(md5, sha1, hashlib.sha256(data).hexdigest(), len(data))


def real(name: str) -> Any:
    """The class that the Edge tests for: the real one once it is there, else the twin."""
    return getattr(sys.modules["tutela.media"], name)


class HasherPool:
    def __init__(self, workers: int = 2, limits: Any = None, isolation: str = "auto") -> None:
        self.seen: list[bytes] = []
        self.isolation = "fake"

    def __enter__(self) -> HasherPool:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        pass

    def close(self) -> None:
        pass

    def hash_bytes(self, data: bytes, *, tenant: str, listed: bool = False) -> Any:
        self.seen.append(data)
        digests = real("Digests")(**vars(digests_of(data)))
        if not data.startswith(b"FAKE") or len(data) < 37:
            code = _code()
            return real("Refused")(digests, code, "The bytes are not a picture.")
        pdq = data[5:37]
        variants = (pdq, *(hashlib.sha256(bytes([i]) + pdq).digest() for i in range(7)))
        values = (digests, "FAKE", 8, 8, (real("FrameHash")(0, pdq, data[4], variants),), ())
        return real("Hashed")(*values)

    def hash_file(self, path: Path, *, tenant: str, listed: bool = False) -> Any:
        return self.hash_bytes(Path(path).read_bytes(), tenant=tenant, listed=listed)


def _code() -> Any:
    try:
        return importlib.import_module("tutela.media.results").Code("not_a_picture")
    except ImportError:
        return "not_a_picture"


def install() -> None:
    """Stand in for the media package wherever the real one is not there."""
    if importlib.util.find_spec("tutela.media") is None:
        sys.modules["tutela.media"] = sys.modules[__name__]
