"""Remove scans of a progressive JPEG that a grey picture at a fraction of its size does not need.

A progressive JPEG sends its frequencies in ten scans or so, and a decoder reads all of them before it shows anything.
At 1/8 of the size a sample is the mean of 8 × 8 pixels, which the first scan alone has; at any size grey needs no
colour. So those scans are left out and libjpeg gets the rest: the samples are the same to the bit.

1. Segments stay in their order. A scan is left out if it holds no means and is of a colour, or the size is 1/8.
2. Where a scan was left out, libjpeg would guess its content and smooth the picture. So each such component gets an
   additional last scan that says "zero, all of them": a run of blocks that end at once, some bytes long.
3. A picture that is not plainly of this kind is left unchanged: another coding, ink, colours that are no luminance and
   chroma, a component that is never sent to its last bit.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from struct import pack, unpack_from

from tutela.media.kernels import _pdq

_FRAMES = frozenset({*range(0xC0, 0xD0)}) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE, _END, _SCAN, _ADOBE = 0xC2, 0xD9, 0xDA, 0xEE
_LUMINANCE = 1
# Luminance and two of chroma, numbered as JFIF does.
_COMPONENTS = (1, 2, 3)
# One code, of one bit: the symbol for a run of 2^14 blocks and more, its remainder in 14 bits.
_RUN_TABLE = b"\xff\xc4" + pack(">HB", 20, 0x10) + bytes([1, *[0] * 15, 0xE0])
_NO_RESTARTS = b"\xff\xdd\x00\x04\x00\x00"
_RUN_BITS, _RUN = "0" + "1" * 14, (1 << 15) - 1


class _Other(Exception):
    """Signal that the picture is not of the kind this module handles."""


@dataclass(slots=True)
class _Walk:
    """State of the walk through a file. `missing`: low bits not sent yet, of each frequency of each component."""

    scale: int
    blocks: dict[int, int] = field(default_factory=dict)
    missing: dict[int, list[int | None]] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)


def lightened(data: bytes, scale: int) -> bytes:
    """The JPEG in `data` as far as grey at 1/`scale` of its size needs it; `data` itself where that is all of it."""
    try:
        return _lightened(data, scale)
    except (_Other, IndexError, struct.error):
        return data


def _lightened(data: bytes, scale: int) -> bytes:
    walk, kept, start, at = _Walk(scale), list[bytes](), 0, 2
    while (place := _pdq.next_marker(data, at)) >= 0:
        code, begin, body = data[place], place - 1, place + 1
        if code == _END:
            kept.append(data[start:begin])
            return b"".join((*kept, *_closing(walk), b"\xff\xd9")) if walk.left_out else data
        at = body + unpack_from(">H", data, body)[0]
        if code in _FRAMES:
            _frame(walk, code, data[body:at])
        elif code == _ADOBE and data[body + 2 : body + 7] == b"Adobe" and data[at - 1] != 1:
            raise _Other
        elif code == _SCAN and not _needed(walk, data[body:at]):
            kept.append(data[start:begin])
            start = at = _pdq.next_marker(data, at) - 1
            if at < 0:
                raise _Other
    raise _Other


def _frame(walk: _Walk, code: int, body: bytes) -> None:
    if code != _PROGRESSIVE or walk.blocks:
        raise _Other
    precision, height, width, count = unpack_from(">BHHB", body, 2)
    told = [unpack_from(">BBB", body, 8 + 3 * k) for k in range(count)]
    if precision != 8 or not height or tuple(number for number, _, _ in told) != _COMPONENTS:
        raise _Other
    if not all(one >> 4 and one & 15 for _, one, _ in told):
        raise _Other
    across, down = max(one >> 4 for _, one, _ in told), max(one & 15 for _, one, _ in told)
    for number, sampling, _ in told:
        wide, high = -(-width * (sampling >> 4) // (8 * across)), -(-height * (sampling & 15) // (8 * down))
        walk.blocks[number] = wide * high
        walk.missing[number] = [None] * 64


def _needed(walk: _Walk, body: bytes) -> bool:
    count = body[2]
    numbers = [body[3 + 2 * k] for k in range(count)]
    first, last, bits = body[3 + 2 * count], body[4 + 2 * count], body[5 + 2 * count] & 15
    if not count or first > last or last > 63 or not set(numbers) <= set(walk.blocks):
        raise _Other
    for number in numbers:
        walk.missing[number][first : last + 1] = [bits] * (last + 1 - first)
    if first == 0 or (walk.scale < 8 and numbers == [_LUMINANCE]):
        return True
    walk.left_out.update(numbers)
    return False


def _closing(walk: _Walk) -> list[bytes]:
    """The scans that say zero. Raises _Other where the picture itself left something open, which libjpeg smooths."""
    if any(bits != 0 for known in walk.missing.values() for bits in known):
        raise _Other
    scans = [
        b"\xff\xda" + pack(">HBBBBBB", 8, 1, number, 0x00, 1, 63, 0) + _zeros(walk.blocks[number])
        for number in sorted(walk.left_out)
    ]
    return [_NO_RESTARTS, _RUN_TABLE, *scans]


def _zeros(blocks: int) -> bytes:
    text = _RUN_BITS * -(-blocks // _RUN)
    text += "1" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8).replace(b"\xff", b"\xff\x00")
