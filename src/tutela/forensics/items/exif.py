"""Camera facts out of a picture's EXIF: make, model, serial number, moment, and the size that the camera wrote.

A few tags are read, each with a limit; nothing is decoded. Damaged EXIF gives what was read before the damage.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

# EXIF lies in front of a JPEG's pixels and in the first boxes of HEIC.
HEAD_BYTES = 256 << 10
_MOST_TAGS = 500
_LONGEST = 64
_MAKE, _MODEL, _EXIF = 0x010F, 0x0110, 0x8769
_TAKEN, _SERIAL, _WIDTH, _HEIGHT = 0x9003, 0xA431, 0xA002, 0xA003
_MARKS = (b"Exif\0\0", b"eXIf", b"EXIF")
_TIFF = (b"II*\0", b"MM\0*")
# With the first directory directly behind the header, as every camera writes it.
_HEADERS = (b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08")
_MOMENT = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """Facts that a camera wrote. `taken` is its own clock, as ISO 8601 without a zone. Empty or 0: not stated."""

    make: str = ""
    model: str = ""
    serial: str = ""
    taken: str = ""
    width: int = 0
    height: int = 0


def camera_facts(data: bytes) -> CameraFacts:
    """Read the camera facts of a picture. Never raises for its contents."""
    start = _tiff_start(data)
    if start < 0:
        return CameraFacts()
    tags = dict[int, str | int]()
    # What stands before a damage counts.
    with suppress(struct.error, IndexError):
        _read_tags(memoryview(data)[start : start + HEAD_BYTES], tags)
    return CameraFacts(
        _text(tags.get(_MAKE)),
        _text(tags.get(_MODEL)),
        _text(tags.get(_SERIAL)),
        _moment(_text(tags.get(_TAKEN))),
        _number(tags.get(_WIDTH)),
        _number(tags.get(_HEIGHT)),
    )


def _tiff_start(data: bytes) -> int:
    """Where the TIFF header of the EXIF is; -1 without."""
    if data.startswith(_TIFF):
        return 0
    if data[4:8] == b"ftyp":
        # HEIC and AVIF keep it among the pictures' data, without a mark.
        return min((at for one in _HEADERS if (at := data.find(one)) >= 0), default=-1)
    # WebP has it behind the pixels.
    head = data if data[8:12] == b"WEBP" else data[:HEAD_BYTES]
    for mark in _MARKS:
        at = head.find(mark)
        if at < 0:
            continue
        found = [place for one in _TIFF if (place := head.find(one, at, at + 32)) >= 0]
        if found:
            return min(found)
    return -1


def _read_tags(data: memoryview, tags: dict[int, str | int]) -> None:
    order = "<" if bytes(data[:2]) == b"II" else ">"
    (first,) = struct.unpack_from(order + "I", data, 4)
    for directory in (first, None):
        at = directory if directory is not None else tags.get(_EXIF)
        if isinstance(at, int):
            tags.update(_directory(data, at, order))


def _directory(data: memoryview, at: int, order: str) -> Iterator[tuple[int, str | int]]:
    (count,) = struct.unpack_from(order + "H", data, at)
    for number in range(min(count, _MOST_TAGS)):
        place = at + 2 + 12 * number
        tag, kind, amount = struct.unpack_from(order + "HHI", data, place)
        if kind == 2:
            here = place + 8 if amount <= 4 else struct.unpack_from(order + "I", data, place + 8)[0]
            yield tag, bytes(data[here : here + min(amount, _LONGEST)]).partition(b"\0")[0].decode("latin-1")
        elif kind == 3:
            yield tag, int(struct.unpack_from(order + "H", data, place + 8)[0])
        elif kind == 4:
            yield tag, int(struct.unpack_from(order + "I", data, place + 8)[0])


def _text(value: object) -> str:
    return "".join(one for one in value if one.isprintable()).strip() if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _moment(text: str) -> str:
    found = _MOMENT.fullmatch(text)
    return "{}-{}-{}T{}:{}:{}".format(*found.groups()) if found else ""
