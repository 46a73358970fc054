"""Frames between the reader of a disk image in its cage and the program that asks it.

A request is one line of JSON on stdin: `{"list": true}`, or `{"read": [LOCATOR, ...], "most": BYTES}`. An answer is
frames: one byte that names the kind, a length, and so many bytes. `END` or `FAILED` ends an answer. Files that are read
are answered one after the other, each with an end of its own that is sent before the next file is touched.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

from tutela.media.digests import Readable

HEADER = struct.Struct(">BI")
FILE, AREA, DATA, END, FAILED, READY = 1, 2, 3, 4, 5, 6
KINDS = frozenset((FILE, AREA, DATA, END, FAILED, READY))
# No frame is longer: a piece of a file, or one entry of a folder.
MOST_FRAME = 1 << 20
# Deeper folders are made by an attacker; the file systems that are read have no limit of their own.
LONGEST_PATH = 16 << 10


class BadImageFrame(Exception):
    """The reader of the image answered something that is no frame, or nothing."""


def send_frame(out: BinaryIO, kind: int, data: bytes) -> None:
    """Write one frame. A piece of a file may wait for the end of the file; all else is sent at once."""
    out.write(HEADER.pack(kind, len(data)))
    out.write(data)
    if kind != DATA:
        out.flush()


def receive_frame(source: Readable) -> tuple[int, bytes]:
    """Read one frame. Raises BadImageFrame for anything else."""
    header = source.read(HEADER.size)
    if len(header) < HEADER.size:
        raise BadImageFrame("the reader ended")
    kind, length = HEADER.unpack(header)
    if kind not in KINDS or length > MOST_FRAME:
        raise BadImageFrame("no frame")
    body = source.read(length)
    if len(body) < length:
        raise BadImageFrame("the reader ended")
    return kind, body


def entry_of(body: bytes) -> dict[str, Any]:
    """Check the members of a file's or an area's frame. Raises BadImageFrame."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise BadImageFrame("no JSON") from None
    if not isinstance(given, dict):
        raise BadImageFrame("no object")
    path, size = given.get("path"), given.get("size", 0)
    if not isinstance(path, str) or len(path) > LONGEST_PATH:
        raise BadImageFrame("path")
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size < 1 << 62:
        raise BadImageFrame("size")
    for name in ("modified", "created"):
        value = given.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 1 << 40):
            raise BadImageFrame(name)
    if not isinstance(given.get("code", ""), str) or len(given.get("code", "")) > 40:
        raise BadImageFrame("code")
    if not isinstance(given.get("at", []), list) or not isinstance(given.get("deleted", False), bool):
        raise BadImageFrame("at")
    return given
