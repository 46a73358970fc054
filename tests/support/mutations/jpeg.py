"""Mutants of JPEGs: each marker in each way, tables, the coded data, cuts, several pictures in one file."""

from __future__ import annotations

import io
from functools import cache
from random import Random
from struct import pack, unpack_from

import numpy as np
from PIL import Image

from tests.support.mutations import appearances, profiles
from tests.support.mutations.pieces import Format, Kinds, another, cuts, flipped, followed, image, paler, picture, put
from tests.support.pictures import encode

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
# Quantization of a picture in dots: so many times what is stored are the levels that are displayed, if a screen can.
_LEVELS = 16
# Markers whose segments say nothing about the pixels, with a body as writers make it.
SAYINGS: dict[str, tuple[int, bytes]] = {
    "JFIF": (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
    "JFXX": (0xE0, b"JFXX\0\x10"),
    "Exif": (0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\1\0\0\0\0\0\0"),
    "XMP": (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
    "profile": (0xE2, b"ICC_PROFILE\0\1\1" + bytes(140)),
    "index of pictures": (0xE2, b"MPF\0MM\0*\0\0\0\x08\0\0\0\0\0\0"),
    "APP5": (0xE5, b"anything"),
    "Photoshop": (0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\0"),
    "Adobe": (0xEE, b"Adobe\0\x64\0\0\0\0\1"),
    "APP15": (0xEF, b"anything"),
    "comment": (0xFE, b"a picture"),
    "restart interval": (0xDD, b"\0\0"),
    "JPG0": (0xF0, b"extension"),
}


def segments(data: bytes) -> tuple[list[bytes], bytes]:
    """Everything between SOI and the first scan's data, marker by marker; and the rest."""
    found, at = [], 2
    while True:
        size = unpack_from(">H", data, at + 2)[0]
        found.append(data[at : at + 2 + size])
        at += 2 + size
        if found[-1][1] == 0xDA:
            return found, data[at:]


def segment(code: int, body: bytes, length: int | None = None) -> bytes:
    """One segment, of a length that may be a lie."""
    return bytes([0xFF, code]) + pack(">H", (len(body) + 2 if length is None else length) & 0xFFFF) + body


def _saying(name: str, parts: list[bytes], rest: bytes) -> Kinds:
    code, body = SAYINGS[name]

    def with_(*new: bytes, at: int = 1) -> bytes:
        return SOI + b"".join([*parts[:at], *new, *parts[at:]]) + rest

    last = len(parts) - 1
    return {
        f"{name}": lambda _: with_(segment(code, body)),
        f"{name} first": lambda _: with_(segment(code, body), at=0),
        f"{name} last": lambda _: with_(segment(code, body), at=last),
        f"{name} empty": lambda _: with_(segment(code, b"")),
        f"{name} short": lambda rng: with_(segment(code, body[: rng.randrange(len(body))])),
        f"{name} long": lambda rng: with_(segment(code, body + rng.randbytes(rng.randint(1, 900)))),
        f"{name} of noise": lambda rng: with_(segment(code, rng.randbytes(len(body)))),
        f"{name} of length zero": lambda _: with_(segment(code, b"", 0)),
        f"{name} of length one": lambda _: with_(segment(code, b"", 1)),
        f"{name} with a length too short": lambda _: with_(segment(code, body, len(body))),
        f"{name} with a length too long": lambda rng: with_(segment(code, body, len(body) + 2 + rng.randint(1, 4))),
        f"{name} forty times": lambda _: with_(*[segment(code, body)] * 40),
        f"{name} behind the pixels": lambda _: SOI + b"".join(parts) + rest[:-2] + segment(code, body) + EOI,
    }


def _order(data: bytes, parts: list[bytes], rest: bytes) -> Kinds:
    tables = [one for one in parts if one[1] in (0xDB, 0xC4)]
    frame = next(one for one in parts if one[1] in (0xC0, 0xC1, 0xC2))
    scan = parts[-1]
    all_ = b"".join(parts)
    wide = unpack_from(">H", frame, 7)[0]

    def turned(new: bytes) -> bytes:
        return SOI + all_.replace(frame, new) + rest

    return {
        "without sayings": lambda _: SOI + b"".join([*tables, frame, scan]) + rest,
        "frame before tables": lambda _: SOI + b"".join([frame, *tables, scan]) + rest,
        "tables twice": lambda _: SOI + b"".join([*tables, *parts]) + rest,
        "fill bytes before markers": lambda rng: (
            SOI + b"".join(b"\xff" * rng.randint(1, 9) + one for one in parts) + rest
        ),
        "noise before a marker": lambda rng: (
            SOI + parts[0] + bytes(rng.randrange(255) for _ in range(rng.randint(1, 30))) + b"".join(parts[1:]) + rest
        ),
        "zeros before a marker": lambda _: SOI + parts[0] + bytes(9) + b"".join(parts[1:]) + rest,
        "without an end": lambda _: data[:-2],
        "half an end": lambda _: data[:-1],
        "two ends": lambda _: data + EOI,
        "a start again at the end": lambda _: data[:-2] + SOI + EOI,
        "an end that is another marker": lambda rng: data[:-2] + bytes([0xFF, rng.choice((0xD0, 0xD7, 0x01, 0xE0))]),
        "two starts": lambda _: SOI + data,
        "height zero and told behind": lambda _: turned(put(frame, 5, b"\0\0"))[:-2] + segment(0xDC, frame[5:7]) + EOI,
        "height more than there is": lambda rng: turned(put(frame, 5, pack(">H", _high(frame) + rng.randint(1, 8)))),
        "height less than there is": lambda rng: turned(put(frame, 5, pack(">H", _high(frame) - rng.randint(1, 8)))),
        "width more than there is, a little": lambda _: turned(put(frame, 7, pack(">H", wide + (-wide) % 8))),
        "frame of another kind": lambda _: turned(put(frame, 1, b"\xc1")),
        "components numbered otherwise": lambda _: _numbered(data, frame, scan, (0, 1, 2)),
        "components numbered by letters": lambda _: _numbered(data, frame, scan, (82, 71, 66)),
        "components numbered strangely": lambda _: _numbered(data, frame, scan, (7, 9, 11)),
        "scan of other bounds": lambda _: data.replace(scan, scan[:-3] + b"\0\0\0"),
        "frame with a length too long": lambda _: turned(put(frame, 2, pack(">H", len(frame) + 3)) + bytes(5)),
        "a table of noise in addition": lambda rng: SOI + segment(0xDB, b"\3" + rng.randbytes(64)) + all_ + rest,
        "a table of twelve bits": lambda _: SOI + segment(0xDB, b"\x13" + b"\0\1" * 64) + all_ + rest,
        "coded table of noise in addition": lambda _: SOI + segment(0xC4, b"\x03\1" + bytes(15) + b"\0") + all_ + rest,
    }


def _high(frame: bytes) -> int:
    return int(unpack_from(">H", frame, 5)[0])


def _numbered(data: bytes, frame: bytes, scan: bytes, numbers: tuple[int, int, int]) -> bytes:
    new, other = bytearray(frame), bytearray(scan)
    for k, number in enumerate(numbers):
        new[10 + 3 * k] = number
        other[5 + 2 * k] = number
    return data.replace(frame, bytes(new)).replace(scan, bytes(other))


def _data(parts: list[bytes], rest: bytes) -> Kinds:
    head = SOI + b"".join(parts)
    body = rest[:-2]

    def spliced(rng: Random, new: bytes, drop: int = 0) -> bytes:
        at = rng.randrange(len(body) * 9 // 10, len(body))
        return head + body[:at] + new + body[at + drop :] + EOI

    return {
        "restarts that are not due": lambda rng: spliced(rng, b"\xff" + bytes([0xD0 + rng.randrange(8)])),
        "an end within the data": lambda rng: spliced(rng, EOI),
        "a comment within the data": lambda rng: spliced(rng, segment(0xFE, b"text")),
        "bytes left out": lambda rng: spliced(rng, b"", rng.randint(1, 20)),
        "bytes put in": lambda rng: spliced(rng, rng.randbytes(rng.randint(1, 20))),
        "zeros put in": lambda rng: spliced(rng, bytes(rng.randint(1, 90))),
        "data followed by zeros": lambda _: head + body + bytes(4000) + EOI,
        "data followed by noise": lambda rng: head + body + rng.randbytes(4000).replace(b"\xff", b"") + EOI,
        "fill bytes in the data": lambda _: head + body + b"\xff" * 60 + EOI,
    }


def _forms(number: int) -> Kinds:
    ways = {
        "in scans": lambda: encode(image(number), "JPEG", quality=90, progressive=True),
        "grey": lambda: encode(image(number, "L"), "JPEG", quality=90),
        "ink": lambda: encode(image(number, "CMYK"), "JPEG", quality=90),
        "with restarts": lambda: encode(image(number), "JPEG", quality=90, restart_marker_rows=1),
        "without chroma left out": lambda: encode(image(number), "JPEG", quality=90, subsampling=0),
        "large": lambda: encode(image(number).resize((812, 604)), "JPEG", quality=90),
        "large, in scans": lambda: encode(image(number).resize((812, 604)), "JPEG", quality=90, progressive=True),
        "in dots": lambda: in_dots(number),
        "several in one": lambda: several(number),
    }
    kinds: Kinds = {name: lambda _, make=make: make() for name, make in ways.items()}
    for name, make in ways.items():
        kinds[f"{name}, without an end"] = lambda _, make=make: make()[:-2]
        kinds[f"{name}, cut near its end"] = lambda rng, make=make: make()[: -rng.randint(3, 500)]
        kinds[f"{name}, cut"] = lambda rng, make=make: make()[: rng.randrange(len(make()) // 2, len(make()))]
    kinds["another first, this behind it"] = lambda _: several(number) + another()
    return kinds


def in_dots(number: int) -> bytes:
    """A grey JPEG that displays one picture in dots, in blocks whose means before the cut are those of another one."""
    hidden, other = (np.asarray(image(one, "L").resize((96, 64))).astype(np.float64) for one in (number, number + 1))
    share = np.clip(np.rint(hidden / 255 * 64), 8, 56)
    order = np.random.default_rng(1).permutation(64).reshape(8, 8)
    white = np.kron(share, np.ones((8, 8))) > np.tile(order, share.shape)
    part, mean = (np.kron(one, np.ones((8, 8))) for one in (share / 64, other))
    bright = np.maximum(255, mean / part)
    dark = (mean - part * bright) / (1 - part)
    stored = 128 + (np.where(white, bright, dark) - 128) / _LEVELS
    small = Image.fromarray(np.clip(np.rint(stored), 0, 255).astype(np.uint8))
    data = bytearray(encode(small, "JPEG", quality=100))
    table = data.index(b"\xff\xdb") + 5
    return put(bytes(data), table, bytes([_LEVELS] * 64))


@cache
def several(number: int) -> bytes:
    """A file of two pictures with an index, as cameras write it."""
    out = io.BytesIO()
    image(number).save(out, "MPO", save_all=True, append_images=[image((number + 1) % 4)], quality=90)
    return out.getvalue()


def write(number: int) -> bytes:
    return encode(Image.fromarray(picture(number)), "JPEG", quality=90)


def kinds(data: bytes) -> Kinds:
    parts, rest = segments(data)
    frame = next(one for one in parts if one[1] == 0xC0)
    number = next(n for n in range(8) if picture(n).shape[:2] == unpack_from(">HH", frame, 5))
    found: Kinds = {}
    for name in SAYINGS:
        found |= _saying(name, parts, rest)
    found |= _order(data, parts, rest) | _data(parts, rest) | _forms(number) | cuts(data) | followed(data)
    begin = len(data) - len(rest)
    found |= profiles.kinds(number, "JPEG") | paler(number, "JPEG", quality=88)
    found |= appearances.sizes(number, "JPEG", quality=85)
    return found | flipped(data, begin, len(data) - 2, "the data") | flipped(data, 2, begin, "the head", (1,))


FORMAT = Format("jpeg", "image/jpeg", cache(write), kinds)
