"""Find what makes a picture's display unclear: statements that one decoder reads and another does not.

A browser takes the first of two profiles, another decoder the last. Writers state each once and before the pixels, so a
file that does not is hashed and called incomplete.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import error as struct_error
from struct import unpack_from

from tutela.media.salvage.jpeg import FRAME_HEADERS

_ONCE = frozenset({b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"tRNS", b"PLTE"})
_LAST_INTENT = 3
_OVER, _CLEAR = 1, 2
_PROFILE = b"ICC_PROFILE\0"


def unclear(data: bytes, format_name: str) -> str:
    """Why browsers may display this picture otherwise than it is decoded here; empty if nothing is unclear."""
    try:
        return _READERS[format_name](data) if format_name in _READERS else ""
    except (struct_error, IndexError):
        return ""  # a damaged file has a note of its own


def _png(data: bytes) -> str:
    seen, depth, colour, at = set[bytes](), data[24], data[25], 8
    while at + 8 <= len(data):
        length, kind = unpack_from(">I4s", data, at)
        if kind == b"IEND":
            break
        if kind in _ONCE and (kind in seen or b"IDAT" in seen):
            return f"{kind.decode()} stands twice or after the pixels"
        if kind == b"sRGB" and data[at + 8] > _LAST_INTENT:
            return "its sRGB chunk names no intent"
        if kind == b"tRNS" and depth > 8:
            return "one of its colours of 16 bits is transparent"
        if kind == b"fcTL" and data[at + 8 + 25] == _OVER and (colour in (4, 6) or b"tRNS" in seen):
            return "its frames are blended with transparency"
        seen.add(kind)
        at += 12 + length
    return ""


def _jpeg(data: bytes) -> str:
    parts, framed = list[tuple[int, int]](), False
    for marker, begin, end in _segments(data):
        if marker in FRAME_HEADERS:
            framed = True
        if marker == 0xE2 and data[begin : begin + len(_PROFILE)] == _PROFILE:
            if framed:
                return "its colour profile stands after the frame header"
            parts.append((data[begin + 12], data[begin + 13]) if end - begin > 13 else (0, 0))
    if parts and parts != [(number, len(parts)) for number in range(1, len(parts) + 1)]:
        return "the parts of its colour profile are not in order"
    return ""


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, begin and end of each segment before the first scan."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xDA:
            return
        size = 0 if marker == 1 or 0xD0 <= marker <= 0xD8 else unpack_from(">H", data, at + 2)[0]
        yield marker, at + 4, at + 2 + size
        at += 2 + size


def _gif(data: bytes) -> str:
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    while at < len(data) and data[at] != 0x3B:
        if data[at] == 0x21:
            if data[at + 1] == 0xF9 and data[at + 3] >> 2 & 7 == _CLEAR and not data[at + 3] & 1:
                return "a frame without transparency is cleared"
            at += 2
        elif data[at] == 0x2C:
            at += 11 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0)
        else:
            return ""
        while data[at]:
            at += 1 + data[at]
        at += 1
    return ""


def _webp(data: bytes) -> str:
    found, at = 0, 12
    while at + 8 <= len(data):
        kind, size = unpack_from("<4sI", data, at)
        found += kind == b"ICCP"
        at += 8 + size + size % 2
    return "it has several colour profiles" if found > 1 else ""


_READERS = {"PNG": _png, "JPEG": _jpeg, "GIF": _gif, "WEBP": _webp}
