"""Small generated lists: random numbers, no picture anywhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from tutela.matching import MatchList, Record, Snapshot, snapshot_bytes


@dataclass(frozen=True)
class Digests:
    md5: str = ""
    sha1: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Window:
    part: bool
    quality: int
    variants: tuple[bytes, ...]
    structures: tuple[bytes, ...] = ()
    restored: bool = False
    stretched: bool = False


@dataclass(frozen=True)
class Frame:
    index: int
    quality: int
    variants: tuple[bytes, ...]
    structures: tuple[bytes, ...] = ()
    windows: tuple[Window, ...] = ()
    time_ms: int | None = None


def entry_id(number: int) -> UUID:
    return UUID(int=(number + 1) << 64)


def digests(number: int) -> Digests:
    token = f"item-{number}".encode()
    return Digests(hashlib.md5(token).hexdigest(), hashlib.sha1(token).hexdigest(), hashlib.sha256(token).hexdigest())


def pdq(number: int) -> bytes:
    return np.random.default_rng(number).integers(0, 256, 32, dtype=np.uint8).tobytes()


def flipped(value: bytes, bits: list[int]) -> bytes:
    out = bytearray(value)
    for bit in bits:
        out[bit // 8] ^= 1 << (bit % 8)
    return bytes(out)


def frame(
    value: bytes, *, variant: int = 0, quality: int = 90, index: int = 0, windows: tuple[Window, ...] = ()
) -> Frame:
    """A frame whose hash appears in one of its eight forms; the other forms are far from everything."""
    forms = [pdq(10_000_000 + i) for i in range(8)]
    forms[variant] = value
    return Frame(index, quality, tuple(forms), windows=windows)


def record(number: int, *, quality: int = 90) -> Record:
    d = digests(number)
    return Record(entry_id(number), (d.sha256,), (d.sha1,), (d.md5,), ((pdq(number).hex(), quality),))


def match_list(count: int, version: int = 1) -> MatchList:
    data, report = snapshot_bytes(record(i) for i in range(count))
    assert report.entries == count
    return MatchList.load(Snapshot(data), list_id="list-a", version=version)
