"""Mutants of bitmaps: each field of both headers with each value, depths, directions, tables, cuts."""

from __future__ import annotations

from functools import cache
from random import Random
from struct import pack, unpack_from

import numpy as np

from tests.support.mutations import profiles
from tests.support.mutations.pieces import Format, Kinds, cuts, flipped, followed, image, picture, put
from tests.support.pictures import encode

# Fields and what they may say instead; (place, struct code, values).
FIELDS: dict[str, tuple[int, str, tuple[int, ...]]] = {
    "size of the file": (2, "<I", (0, 1, 54, 1 << 20, 0xFFFFFFFF)),
    "reserved": (6, "<I", (1, 0xFFFFFFFF)),
    "place of the pixels": (10, "<I", (0, 1, 14, 40, 55, 58)),
    "size of the header": (14, "<I", (0, 12, 16, 39, 41, 52, 56, 64, 108, 124, 1000)),
    "planes": (26, "<H", (0, 2, 0xFFFF)),
    "compression": (30, "<I", (1, 2, 3, 4, 5, 6, 11, 99)),
    "size of the pixels": (34, "<I", (0, 1, 1 << 20, 0xFFFFFFFF)),
    "resolution": (38, "<I", (0, 1, 0xFFFFFFFF)),
    "colours": (46, "<I", (1, 2, 255, 256, 257, 0xFFFF, 0xFFFFFFFF)),
    "important colours": (50, "<I", (1, 0xFFFFFFFF)),
}


def _fields(data: bytes) -> Kinds:
    kinds: Kinds = {}
    for name, (at, code, values) in FIELDS.items():
        for value in values:
            kinds[f"{name}: {value}"] = lambda _, at=at, code=code, value=value: put(data, at, pack(code, value))
    return kinds


def file(header: bytes, table: bytes, pixels: bytes) -> bytes:
    """A file with these parts, its own header as it should be."""
    begin = 14 + len(header) + len(table)
    return b"BM" + pack("<IHHI", begin + len(pixels), 0, 0, begin) + header + table + pixels


def header(wide: int, high: int, depth: int, way: int = 0, size: int = 40) -> bytes:
    """The second header, as long as asked."""
    return (pack("<IiiHHIIiiII", size, wide, high, 1, depth, way, 0, 2835, 2835, 0, 0) + bytes(84))[:size]


def rows_of(samples: np.ndarray, down: bool = False) -> bytes:
    """Rows padded to four bytes, the last one first unless `down`."""
    flat = samples.reshape(len(samples), -1).view(np.uint8)
    padded = np.pad(flat, ((0, 0), (0, -flat.shape[1] % 4)))
    return (padded if down else padded[::-1]).tobytes()


def _made(number: int) -> Kinds:
    rgb = picture(number)
    high, wide = rgb.shape[:2]
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    four = np.ascontiguousarray(np.dstack([bgr, np.full((high, wide), 255, np.uint8)]))
    wide_ = rgb.astype(np.uint16) >> 3
    five = np.ascontiguousarray(wide_[..., 0] << 10 | wide_[..., 1] << 5 | wide_[..., 2]).astype("<u2")
    six = (wide_[..., 0] << 11 | (rgb[..., 1].astype(np.uint16) >> 2) << 5 | wide_[..., 2]).astype("<u2")
    quantized = image(number).quantize(250)
    index = np.asarray(quantized)
    colours = np.asarray(quantized.getpalette()[:750], np.uint8).reshape(-1, 3)[:, ::-1]
    table = np.pad(colours, ((0, 256 - len(colours)), (0, 1))).tobytes()
    masks = {"555": (0x7C00, 0x3E0, 0x1F), "565": (0xF800, 0x7E0, 0x1F), "888": (0xFF0000, 0xFF00, 0xFF)}
    three = {name: pack("<3I", *one) for name, one in masks.items()}
    ways: dict[str, bytes] = {
        "downwards": file(header(wide, -high, 24), b"", rows_of(bgr, down=True)),
        "32 bits": file(header(wide, high, 32), b"", rows_of(four)),
        "32 bits, nothing in the fourth": file(header(wide, high, 32), b"", rows_of(four & [255, 255, 255, 0])),
        "32 bits by masks": file(header(wide, high, 32, 3), three["888"], rows_of(four)),
        "32 bits by masks, longer header": file(_masked(wide, high, 32, three["888"], 56), b"", rows_of(four)),
        "16 bits": file(header(wide, high, 16), b"", rows_of(five)),
        "16 bits by masks": file(header(wide, high, 16, 3), three["565"], rows_of(six.copy())),
        "16 bits by masks of the usual kind": file(header(wide, high, 16, 3), three["555"], rows_of(five)),
        "palette": file(header(wide, high, 8), table, rows_of(index)),
        "palette, cut short": file(put(header(wide, high, 8), 32, pack("<I", 250)), table[:1000], rows_of(index)),
        "palette, old header": file(
            pack("<IHHHH", 12, wide, high, 1, 8), np.pad(colours, ((0, 6), (0, 0))).tobytes(), rows_of(index)
        ),
        "old header": file(pack("<IHHHH", 12, wide, high, 1, 24), b"", rows_of(bgr)),
        "run lengths": file(header(wide, high, 8, 1), table, _runs(index)),
        "run lengths without an end": file(header(wide, high, 8, 1), table, _runs(index)[:-2]),
        "header of 52": file(_masked(wide, high, 24, bytes(12), 52, 0), b"", rows_of(bgr)),
        "header of 64": file(header(wide, high, 24, 0, 64), b"", rows_of(bgr)),
        "header of 108": file(header(wide, high, 24, 0, 108), b"", rows_of(bgr)),
        "header of 124": file(header(wide, high, 24, 0, 124), b"", rows_of(bgr)),
        "pixels farther behind": put(file(header(wide, high, 24), bytes(77), rows_of(bgr)), 10, pack("<I", 54 + 77)),
        "two colours": encode(image(number, "1"), "BMP"),
    }
    kinds: Kinds = {name: lambda _, made=made: made for name, made in ways.items()}
    for name, made in ways.items():
        kinds[f"{name}, cut near its end"] = lambda rng, made=made: made[: len(made) - rng.randint(1, 900)]
    for name in ("downwards", "32 bits", "16 bits", "palette", "run lengths"):
        kinds[f"{name}, cut"] = lambda rng, made=ways[name]: made[: rng.randrange(len(made) // 2, len(made))]
    return kinds


def _managed(number: int) -> Kinds:
    """Bitmaps that say how their colours are to be shown, and whose pixels are so."""
    high, wide = picture(number).shape[:2]

    def made(stored: np.ndarray, kind: int, gamma: float, profile: bytes = b"") -> bytes:
        rows = rows_of(np.ascontiguousarray(stored[..., ::-1]))
        head = bytearray(header(wide, high, 24, 0, 124))
        head[56:60] = pack("<I", kind)
        ends = (0.64, 0.33, 0.03, 0.3, 0.6, 0.1, 0.15, 0.06, 0.79)
        head[60:96] = b"".join(pack("<i", round(one * (1 << 30))) for one in ends)
        head[96:108] = pack("<I", round(gamma * 65536)) * 3
        head[112:120] = pack("<II", 124 + len(rows), len(profile))
        return file(bytes(head), b"", rows) + profile

    found: Kinds = {}
    for gamma in (1.0, 4.5):
        stored = np.round(255 * (picture(number) / 255.0) ** (2.2 / gamma)).astype(np.uint8)
        found[f"calibrated by {gamma}, pixels so"] = lambda _, by=stored, gamma=gamma: made(by, 0, gamma)
    negative = np.asarray(profiles.negative(number))
    found["profile that turns light over"] = lambda _: made(negative, 0x4D424544, 0, profiles.turned_over())
    return found


def _masked(wide: int, high: int, depth: int, masks: bytes, size: int, way: int = 3) -> bytes:
    return put(header(wide, high, depth, way, size), 40, masks)


def _runs(index: np.ndarray) -> bytes:
    """Every row as runs of one colour."""
    out = bytearray()
    for row in index[::-1]:
        edges = np.flatnonzero(np.diff(row)) + 1
        for some in np.split(row, edges):
            for begin in range(0, len(some), 255):
                out += bytes([len(some[begin : begin + 255]), some[0]])
        out += b"\0\0"
    return bytes(out) + b"\0\1"


def write(number: int) -> bytes:
    return encode(image(number), "BMP")


def kinds(data: bytes) -> Kinds:
    number = next(n for n in range(8) if picture(n).shape[1::-1] == unpack_from("<ii", data, 18))
    high = picture(number).shape[0]

    def taller(rng: Random) -> bytes:
        return put(data, 22, pack("<i", high + rng.randint(1, 6)))

    found: Kinds = {"higher than its data": taller}
    found["lower than its data"] = lambda rng: put(data, 22, pack("<i", high - rng.randint(1, 4)))
    found |= _managed(number) | _fields(data) | _made(number) | cuts(data) | followed(data)
    return found | flipped(data, 54, len(data), "the pixels") | flipped(data, 2, 54, "the head", (1,))


FORMAT = Format("bmp", "image/bmp", cache(write), kinds)
