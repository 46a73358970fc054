"""Mutants of icons and cursors: pictures of both kinds in them, each field of the directory with each value, cuts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random
from struct import pack

import numpy as np

from tests.support.mutations.bmp import header, rows_of
from tests.support.mutations.pieces import Format, Kinds, cuts, flipped, followed, image, put
from tests.support.pictures import encode

ENTRY = 16
# Of an entry: place, struct code, values.
FIELDS: dict[str, tuple[int, str, tuple[int, ...]]] = {
    "width": (6, "<B", (0, 1, 16, 255)),
    "height": (7, "<B", (0, 1, 16, 255)),
    "colours": (8, "<B", (1, 16, 255)),
    "reserved": (9, "<B", (1, 255)),
    "planes": (10, "<H", (0, 2, 0xFFFF)),
    "depth": (12, "<H", (0, 1, 8, 24, 0xFFFF)),
    "size": (14, "<I", (0, 1, 100, 1 << 20, 0xFFFFFFFF)),
    "count": (4, "<H", (2, 3, 9)),
}
SIDES = {0: (203, 151), 1: (213, 157), 2: (223, 163), 3: (233, 169)}


def directory(pictures: list[bytes], cursor: bool = False, count: int | None = None) -> bytes:
    """An icon of these pictures."""
    many = len(pictures)
    out, at = pack("<HHH", 0, 2 if cursor else 1, many if count is None else count), 6 + ENTRY * many
    for one in pictures:
        wide, high = size_of(one)
        out += pack("<BBBBHHII", wide & 255, high & 255, 0, 0, 1, 32, len(one), at)
        at += len(one)
    return out + b"".join(pictures)


def size_of(one: bytes) -> tuple[int, int]:
    if one.startswith(b"\x89PNG"):
        return int.from_bytes(one[16:20]), int.from_bytes(one[20:24])
    return int.from_bytes(one[4:8], "little"), int.from_bytes(one[8:12], "little") // 2


@cache
def bitmap(number: int, depth: int = 32, small: int = 1) -> bytes:
    """The picture as a bitmap with a mask behind it."""
    same = image(number)
    same = same.resize((same.width // small, same.height // small))
    rgb = np.asarray(same)
    high, wide = rgb.shape[:2]
    bgr = rgb[..., ::-1]
    mask = bytes((wide + 31) // 32 * 4 * high)
    if depth == 8:
        quantized = same.quantize(250)
        colours = np.asarray(quantized.getpalette()[:750], np.uint8).reshape(-1, 3)[:, ::-1]
        table = np.pad(colours, ((0, 256 - len(colours)), (0, 1))).tobytes()
        return header(wide, 2 * high, 8) + table + rows_of(np.asarray(quantized)) + mask
    seen = np.full((high, wide, 1), 255, np.uint8)
    pixels = np.concatenate([bgr, seen], axis=2) if depth == 32 else bgr
    return header(wide, 2 * high, depth) + rows_of(np.ascontiguousarray(pixels)) + mask


def _forms(number: int) -> Kinds:
    packed = encode(image(number), "PNG")
    ways: dict[str, Callable[[], bytes]] = {
        "a cursor": lambda: directory([bitmap(number)], cursor=True),
        "a PNG": lambda: directory([packed]),
        "a PNG in a cursor": lambda: directory([packed], cursor=True),
        "24 bits": lambda: directory([bitmap(number, 24)]),
        "palette": lambda: directory([bitmap(number, 8)]),
        "several sizes": lambda: directory([bitmap(number, 32, 8), bitmap(number, 32, 2), bitmap(number)]),
        "several sizes, the largest first": lambda: directory([packed, bitmap(number, 32, 4)]),
        "several depths": lambda: directory([bitmap(number, 8), bitmap(number, 24), bitmap(number)]),
        "height not doubled": lambda: directory([_plain(bitmap(number))]),
        "nothing in the fourth": lambda: directory([_unseen(bitmap(number))]),
        "without a mask": lambda: directory([bitmap(number)[: 40 + 4 * _area(number)]]),
        "a PNG without an end": lambda: directory([packed[:-12]]),
        "a PNG with a wrong checksum": lambda: directory([packed[:-16] + b"\0\0\0\0" + packed[-12:]]),
        "size of the pixels stated": lambda: directory([put(bitmap(number), 20, pack("<I", 99))]),
        "planes of no number": lambda: directory([put(bitmap(number), 12, pack("<H", 0))]),
        "another picture behind": lambda: directory([bitmap(number), encode(image(number).resize((20, 20)), "PNG")]),
    }
    kinds: Kinds = {name: lambda _, make=make: make() for name, make in ways.items()}
    for name, make in ways.items():
        kinds[f"{name}, cut near its end"] = lambda rng, make=make: make()[: -rng.randint(1, 900)]
        kinds[f"{name}, cut"] = lambda rng, make=make: make()[: rng.randrange(len(make()) // 2, len(make()))]
        kinds[f"{name}, noise between"] = lambda rng, make=make: _apart(make(), rng)
    return kinds


def _area(number: int) -> int:
    same = image(number)
    return same.width * same.height


def _plain(one: bytes) -> bytes:
    return put(one, 8, pack("<i", size_of(one)[1]))


def _unseen(one: bytes) -> bytes:
    wide, high = size_of(one)
    out = bytearray(one)
    out[43 : 40 + 4 * wide * high : 4] = bytes(wide * high)
    return bytes(out)


def _apart(data: bytes, rng: Random) -> bytes:
    """Bytes between directory and pictures, the places moved along."""
    count, more = int.from_bytes(data[4:6], "little"), rng.randint(1, 99)
    out, end = bytearray(data), 6 + ENTRY * count
    for k in range(count):
        at = 6 + ENTRY * k + 12
        out[at : at + 4] = pack("<I", int.from_bytes(out[at : at + 4], "little") + more)
    return bytes(out[:end]) + rng.randbytes(more) + bytes(out[end:])


def write(number: int) -> bytes:
    return directory([bitmap(number)])


def kinds(data: bytes) -> Kinds:
    number = next(k for k, (wide, _) in SIDES.items() if wide == data[6])
    found: Kinds = {}
    for name, (at, code, values) in FIELDS.items():
        for value in values:
            found[f"{name}: {value}"] = lambda _, at=at, code=code, value=value: put(data, at, pack(code, value))
    found |= _forms(number) | cuts(data) | followed(data)
    return found | flipped(data, 62, len(data), "the pixels") | flipped(data, 4, 62, "the head", (1,))


FORMAT = Format("ico", "image/x-icon", cache(write), kinds)
