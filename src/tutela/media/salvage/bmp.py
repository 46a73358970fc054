"""Bitmaps that are cut or have false headers, and those of icons: rows as far as they go, on white.

Headers are read as browsers read them. Sizes of the file and of the pixels are ignored. Pixels begin after headers and
colours if the stated place is impossible.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from struct import unpack_from

import numpy as np
from numpy.typing import NDArray

from tutela.media.limits import Limits
from tutela.media.pixels.colour import blended
from tutela.media.pixels.colour_profile import DAYLIGHT, NOTHING_SAID, Colours
from tutela.media.results import Code, Refusal
from tutela.media.salvage.salvaged import Salvaged, nothing, require_size

_RAW, _RUNS_8, _RUNS_4, _MASKS, _ALPHA_MASKS = 0, 1, 2, 3, 6
_OLD, _USUAL, _MASKED, _ALPHA_MASKED, _OS2 = 12, 40, 52, 56, 64
_CALIBRATED, _PROFILED = 108, 124
_HEADERS = frozenset({_USUAL, _MASKED, _ALPHA_MASKED, _CALIBRATED, _PROFILED})
_CALIBRATED_KIND, _EMBEDDED_KIND, _NO_KIND = 0, 0x4D424544, -1
_DEPTHS = frozenset({1, 2, 4, 8, 16, 24, 32})
_FILE_HEADER = 14
# Rows that are unpacked at a time.
_STRIP = 256
_USUAL_MASKS = {16: (0x7C00, 0x3E0, 0x1F, 0), 32: (0xFF0000, 0xFF00, 0xFF, 0xFF000000)}


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Headers of a bitmap. `end`: the byte after them and the masks; `height` has no sign."""

    width: int
    height: int
    depth: int
    way: int
    colours: int
    entry: int
    masks: tuple[int, int, int, int]
    down: bool
    end: int

    @property
    def row(self) -> int:
        """The bytes of a row."""
        return (self.width * self.depth + 31) // 32 * 4


def salvage(data: bytes, limits: Limits) -> Salvaged:
    """Recover the rows of a damaged bitmap. Raises `Refusal` if there is no row."""
    about = read(data, _FILE_HEADER)
    require_size(about.width, about.height, limits)
    least = about.end + about.colours * about.entry
    stated = unpack_from("<I", data, 10)[0]
    begin = stated if about.end <= stated < len(data) else least
    rgba, rows = decoded(data, about, begin)
    if rows and not rgba[..., 3].any():
        # As `colour.seen_of`.
        rgba, rows = decoded(data, replace(about, masks=(*about.masks[:3], 0)), begin)
    if not rows:
        raise nothing(data)
    return Salvaged(seen=blended(rgba), colours=colours_of(data))


def colours_of(data: bytes) -> Colours:
    """Display of its colours, by the second header or by a profile that follows it."""
    size = unpack_from("<I", data, _FILE_HEADER)[0] if len(data) >= _FILE_HEADER + _CALIBRATED else 0
    kind = unpack_from("<I", data, _FILE_HEADER + 56)[0] if size in (_CALIBRATED, _PROFILED) else _NO_KIND
    if kind == _CALIBRATED_KIND:
        ends = [one / (1 << 30) for one in unpack_from("<9i", data, _FILE_HEADER + 60)]
        gamma = unpack_from("<I", data, _FILE_HEADER + 96)[0] / 65536
        pairs = (*ends[0:2], *ends[3:5], *ends[6:8])
        known = all(0 < one < 1 for one in pairs)
        return Colours(gamma=1 / gamma if gamma else 0.0, chromaticity=(*DAYLIGHT, *pairs) if known else ())
    if kind == _EMBEDDED_KIND and size == _PROFILED and len(data) >= _FILE_HEADER + _PROFILED:
        at, length = unpack_from("<II", data, _FILE_HEADER + 112)
        return Colours(data[_FILE_HEADER + at : _FILE_HEADER + at + length])
    return NOTHING_SAID


def read(data: bytes, at: int) -> Bitmap:
    """The header at a place. Raises `Refusal` for one of no known kind, or `struct.error`."""
    size = unpack_from("<I", data, at)[0]
    if size == _OLD:
        width, height, depth = unpack_from("<HH2xH", data, at + 4)
        return _checked(Bitmap(width, height, depth, _RAW, _count(0, depth), 3, _masks(depth), False, at + size))
    os2 = size not in _HEADERS and 16 <= size <= _OS2
    if size not in _HEADERS and not os2:
        raise Refusal(Code.CORRUPT, f"a bitmap header of {size} bytes")
    head = data[at : at + size].ljust(_USUAL, b"\0") if os2 else data[at : at + size]
    width, height, depth, way, used = unpack_from("<iixxHI12xI", head, 4)
    end, masks = at + size, _masks(depth)
    if way in (_MASKS, _ALPHA_MASKS) and not os2:
        stated = unpack_from("<3I", data, at + _USUAL)
        alpha = unpack_from("<I", data, at + _MASKED)[0] if size >= _ALPHA_MASKED or way == _ALPHA_MASKS else 0
        end += (16 if way == _ALPHA_MASKS else 12) if size == _USUAL else 0
        masks, way = (*stated, alpha), _RAW
    elif way == _RAW and depth == 32:
        masks = (*masks[:3], 0)
    return _checked(Bitmap(width, abs(height), depth, way, _count(used, depth), 4, masks, height < 0, end))


def _masks(depth: int) -> tuple[int, int, int, int]:
    return _USUAL_MASKS.get(depth, (0xFF0000, 0xFF00, 0xFF, 0))


def _count(used: int, depth: int) -> int:
    most = 1 << depth if depth <= 8 else 0
    return min(used or most, most)


def _checked(about: Bitmap) -> Bitmap:
    runs = {_RUNS_8: 8, _RUNS_4: 4}
    if about.depth not in _DEPTHS or (about.way != _RAW and runs.get(about.way) != about.depth):
        raise Refusal(Code.CORRUPT, f"a bitmap of {about.depth} bits per pixel, compression {about.way}")
    return about


def decoded(data: bytes, about: Bitmap, begin: int) -> tuple[NDArray[np.uint8], int]:
    """Rows × columns × RGBA, what is missing without colour and wholly transparent; and how many rows there are."""
    out = np.zeros((about.height, about.width, 4), np.uint8)
    if about.way == _RAW:
        raw = np.frombuffer(data, np.uint8, offset=min(begin, len(data)))
        rows = min(len(raw) // max(about.row, 1), about.height)
        table = _table(data, about)
        for first in range(0, rows, _STRIP):
            some = raw[first * about.row : min(first + _STRIP, rows) * about.row].reshape(-1, about.row)
            _samples(some, about, table, out[first : first + len(some)])
    else:
        index, there = _runs(data, begin, about)
        out[..., :3], out[..., 3] = _table(data, about)[index], there * np.uint8(255)
        rows = int(there.any(axis=1).sum())
    return (out if about.down else out[::-1]), rows


def _table(data: bytes, about: Bitmap) -> NDArray[np.uint8]:
    """256 colours, those that are not there black."""
    stated = np.frombuffer(data[about.end : about.end + about.colours * about.entry], np.uint8)
    stated = stated[: len(stated) // about.entry * about.entry].reshape(-1, about.entry)[:, 2::-1]
    table = np.zeros((256, 3), np.uint8)
    table[: len(stated)] = stated
    return table


def _samples(raw: NDArray[np.uint8], about: Bitmap, table: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Some rows, in the file's order."""
    rows, wide = len(raw), about.width
    out[..., 3] = 255
    if about.depth <= 8:
        bits = np.unpackbits(raw, axis=1).reshape(rows, -1, about.depth)
        weights = (1 << np.arange(about.depth)[::-1]).astype(np.uint8)
        out[..., :3] = table[(bits @ weights)[:, :wide] if about.depth < 8 else raw[:, :wide]]
    elif about.depth == 24:
        out[..., :3] = raw[:, : 3 * wide].reshape(rows, wide, 3)[..., ::-1]
    else:
        words = np.ascontiguousarray(raw[:, : wide * about.depth // 8]).view(f"<u{about.depth // 8}")
        for channel, mask in enumerate(about.masks):
            if mask:
                out[..., channel] = _scaled(words, mask)
            elif channel < 3:
                out[..., channel] = 0


def _scaled(words: NDArray[np.uint32], mask: int) -> NDArray[np.uint8]:
    """Scale the bits that a mask selects to 0-255."""
    shift = (mask & -mask).bit_length() - 1
    most = mask >> shift
    picked = (words.astype(np.uint64) & np.uint64(mask)) >> np.uint64(shift)
    return (picked * 255 // most).astype(np.uint8)


def _runs(data: bytes, at: int, about: Bitmap) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Colours by number, and which were written, in the file's order."""
    index = np.zeros((about.height, about.width), np.uint8)
    there = np.zeros((about.height, about.width), np.bool_)
    x = y = 0
    while y < about.height and at + 1 < len(data):
        count, value = data[at], data[at + 1]
        at += 2
        if count:
            x = _run(index, there, (x, y), _numbers(bytes([value]) * count, about.depth, count))
        elif value == 0:
            x, y = 0, y + 1
        elif value == 1:
            break
        elif value == 2:
            if at + 1 >= len(data):
                break
            x, y, at = x + data[at], y + data[at + 1], at + 2
        else:
            size = (value * about.depth + 7) // 8
            x = _run(index, there, (x, y), _numbers(data[at : at + size], about.depth, value))
            at += size + size % 2
    return index, there


def _run(index: NDArray[np.uint8], there: NDArray[np.bool_], at: tuple[int, int], numbers: NDArray[np.uint8]) -> int:
    x, y = at
    some = numbers[: max(0, index.shape[1] - x)]
    index[y, x : x + len(some)], there[y, x : x + len(some)] = some, True
    return x + len(numbers)


def _numbers(packed: bytes, depth: int, count: int) -> NDArray[np.uint8]:
    each = np.frombuffer(packed, np.uint8)
    return each[:count] if depth == 8 else np.stack([each >> 4, each & 15], axis=1).reshape(-1)[:count]
