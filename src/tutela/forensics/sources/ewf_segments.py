"""Segments of an E01 image: whether all are there, by the chain of sections in each. Runs inside the cage.

Each segment states its number, and ends with a section `next`, or `done` if it is the last one. The library
reads what it can and does not say what is missing.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Protocol

SIGNATURE = b"EVF\x09\x0d\x0a\xff\x00"
MISSING, TRUNCATED = "missing_segment", "truncated"
_START = 13
# Type, offset of the next section, size; padding and a checksum follow.
_SECTION = struct.Struct("<16sQQ")
_MOST_SECTIONS = 1_000_000


class _Segment(Protocol):
    @property
    def size(self) -> int: ...
    def read_at(self, offset: int, size: int) -> bytes: ...


def segment_fault(segments: Sequence[_Segment]) -> str:
    """`missing_segment` or `truncated` for an image without one of its parts; empty if it is whole."""
    last = b""
    for number, one in enumerate(segments, 1):
        head = one.read_at(0, _START)
        if len(head) < _START or not head.startswith(SIGNATURE):
            return TRUNCATED
        if int.from_bytes(head[9:11], "little") != number:
            return MISSING
        last = _last_section(one)
        if last not in (b"next", b"done"):
            return TRUNCATED
    return "" if last == b"done" else MISSING


def _last_section(segment: _Segment) -> bytes:
    """The type of the section that ends a segment; empty if the chain leads out of the file."""
    at = _START
    for _ in range(_MOST_SECTIONS):
        section = segment.read_at(at, _SECTION.size)
        if len(section) < _SECTION.size:
            return b""
        kind, following, _size = _SECTION.unpack(section)
        name: bytes = kind.rstrip(b"\0")
        if name in (b"next", b"done"):
            return name
        if following <= at or following + _SECTION.size > segment.size:
            return b""
        at = following
    return b""
