"""GIFs that are cut or damaged: whole frames are written again without the data between them.

If not even the first frame is whole, its rows are taken as far as they go, on white.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack, unpack_from

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tutela.media.limits import Limits
from tutela.media.pixels.colour import Pixels, varied
from tutela.media.results import Code, Refusal
from tutela.media.salvage.salvaged import Salvaged, nothing, require_size

_INTERLACED = 0x40


@dataclass(frozen=True, slots=True)
class _Frame:
    """Its control block, its head with its table of colours, and its data as they lie in the file."""

    control: bytes
    head: bytes
    code: int
    blocks: bytes
    whole: bool

    @property
    def box(self) -> tuple[int, int, int, int]:
        left, top, width, height = unpack_from("<4H", self.head, 1)
        return left, top, width, height


def salvage(data: bytes, limits: Limits) -> Salvaged:
    """Recover the frames or rows of a damaged GIF. Raises `Refusal` if there is no row."""
    table = 3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0
    frames = [one for one in _frames(data, 13 + table, limits) if one.box[2] and one.box[3]]
    if not frames or len(data) < 13 + table:
        raise nothing(data)
    first = frames[0]
    width, height = _screen(data, first)
    require_size(width, height, limits)
    seen = _seen(data[13 : 13 + table], first, (width, height))
    if len(frames) == 1 and not first.whole:
        return Salvaged(seen=seen)
    head = data[:6] + pack("<HH", width, height) + data[10 : 13 + table]
    whole = [one for one in frames if one.whole]
    part = _written(head, whole) if len(whole) < len(frames) else b""
    return Salvaged(seen=seen, file=_written(head, frames), part=part, moves=len(frames) > 1)


def _written(head: bytes, frames: list[_Frame]) -> bytes:
    """Write a GIF of these frames; blocks of a truncated frame end where its data end."""
    return head + b"".join(one.control + one.head + bytes([one.code]) + _all_there(one.blocks) for one in frames) + b";"


def _screen(data: bytes, first: _Frame) -> tuple[int, int]:
    left, top, width, height = first.box
    stated = unpack_from("<HH", data, 6)
    return max(stated[0], left + width), max(stated[1], top + height)


def _frames(data: bytes, at: int, limits: Limits) -> Iterator[_Frame]:
    control, count = b"", 0
    while at < len(data) and data[at] != 0x3B:
        if count > limits.max_frames:
            raise Refusal(Code.TOO_MANY_FRAMES, f"more than {limits.max_frames} frames")
        if data[at] == 0x2C and at + 10 < len(data):
            table = 3 << ((data[at + 9] & 7) + 1) if data[at + 9] & 0x80 else 0
            begin = at + 10 + table
            if begin >= len(data):
                return
            at, ended = _blocks(data, begin + 1)
            yield _Frame(control, data[begin - 10 - table : begin], data[begin], data[begin + 1 : at], ended)
            control, count = b"", count + 1
        elif data[at] == 0x21:
            begin = at
            at, _ = _blocks(data, at + 2)
            if data[begin + 1 : begin + 3] == b"\xf9\x04":
                control = data[begin : begin + 7] + b"\0"
        elif count:
            return
        else:
            at += 1


def _blocks(data: bytes, at: int) -> tuple[int, bool]:
    """End of a row of blocks, and whether it is terminated."""
    while at < len(data):
        size = data[at]
        at += size + 1
        if not size:
            return at, True
    return len(data), False


def _seen(table: bytes, frame: _Frame, screen: tuple[int, int]) -> Pixels:
    flags = frame.head[9]
    left, top, width, height = frame.box
    if flags & 0x80:
        table = frame.head[10:]
    index, there = _decoded(frame, width, height, bool(flags & _INTERLACED))
    if not there.any():
        raise nothing(frame.blocks)
    colours = np.zeros((256, 3), np.uint8)
    known = np.frombuffer(table, np.uint8).reshape(-1, 3)
    colours[: len(known)] = known
    rgb = colours[index]
    if len(frame.control) == 8 and frame.control[3] & 1:
        there = there & (index != frame.control[6])
    rgb[~there] = 255
    canvas = np.full((screen[1], screen[0], 3), 255, np.uint8)
    canvas[top : top + height, left : left + width] = rgb
    alpha = np.zeros(canvas.shape[:2], np.uint8)
    alpha[top : top + height, left : left + width] = there * np.uint8(255)
    return Pixels(canvas, alpha=varied(alpha))


def _decoded(frame: _Frame, width: int, height: int, interlaced: bool) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Colours by number, and which of them there are: those that do not depend on what was there before."""
    on_zeros, on_ones = (_on(fill, frame, width, height, interlaced) for fill in (0, 255))
    there = on_zeros == on_ones
    if interlaced:
        rows = there.any(axis=1)
        last = np.maximum.accumulate(np.where(rows, np.arange(height), 0))
        on_zeros, there = on_zeros[last], there[last]
    return on_zeros, there


def _on(fill: int, frame: _Frame, width: int, height: int, interlaced: bool) -> NDArray[np.uint8]:
    canvas = Image.new("P", (width, height), fill)
    decoder = Image._getdecoder("P", "gif", (frame.code, int(interlaced), -1), ())
    try:
        decoder.setimage(canvas.im, (0, 0, width, height))
        decoder.decode(_all_there(frame.blocks))
    finally:
        decoder.cleanup()
    return np.array(canvas, dtype=np.uint8)


def _all_there(blocks: bytes) -> bytes:
    """Rewrite the blocks as whole blocks; the last one may be cut."""
    out, at = bytearray(), 0
    while at < len(blocks) and blocks[at]:
        some = blocks[at + 1 : at + 1 + blocks[at]]
        out += bytes([len(some)]) + some if some else b""
        at += blocks[at] + 1
    return bytes(out) + b"\0"
