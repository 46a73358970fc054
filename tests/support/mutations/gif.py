"""Mutants of GIFs: each extension in each way, frames, tables, the coded data, cuts."""

from __future__ import annotations

from functools import cache
from random import Random
from struct import pack, unpack_from

import numpy as np
from PIL import Image

from tests.support.mutations import appearances
from tests.support.mutations.pieces import Format, Kinds, another, cuts, flipped, followed, image, picture, put
from tests.support.pictures import encode

TRAILER = b";"
SAYINGS: dict[str, tuple[int, bytes]] = {
    "control": (0xF9, b"\0\5\0\0"),
    "comment": (0xFE, b"a picture"),
    "plain text": (0x01, bytes(12)),
    "application": (0xFF, b"NETSCAPE2.0"),
    "unknown": (0x77, b"anything"),
}


def extension(label: int, *blocks: bytes, end: bytes = b"\0") -> bytes:
    """One extension of data blocks."""
    return b"!" + bytes([label]) + b"".join(bytes([len(one)]) + one for one in blocks) + end


def parts_of(data: bytes) -> tuple[bytes, bytes]:
    """Header with its table of colours, and what follows."""
    table = 3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0
    return data[: 13 + table], data[13 + table :]


def _saying(name: str, head: bytes, rest: bytes) -> Kinds:
    label, body = SAYINGS[name]

    def with_(new: bytes) -> bytes:
        return head + new + rest

    return {
        f"{name}": lambda _: with_(extension(label, body)),
        f"{name} empty": lambda _: with_(extension(label)),
        f"{name} short": lambda rng: with_(extension(label, body[: rng.randrange(1, len(body))])),
        f"{name} long": lambda rng: with_(extension(label, body + rng.randbytes(rng.randint(1, 200)))),
        f"{name} of many blocks": lambda rng: with_(extension(label, *[rng.randbytes(255)] * 40)),
        f"{name} of noise": lambda rng: with_(extension(label, rng.randbytes(len(body)))),
        f"{name} thirty times": lambda _: with_(extension(label, body) * 30),
        f"{name} behind the picture": lambda _: head + rest[:-1] + extension(label, body) + TRAILER,
        f"{name} without its end": lambda _: head + rest[:-1] + extension(label, body, end=b""),
    }


def _screen(data: bytes, head: bytes, rest: bytes) -> Kinds:
    at = data.index(b",", len(head))
    wide, high = unpack_from("<HH", data, 6)
    kinds: Kinds = {
        "version 87": lambda _: put(data, 0, b"GIF87a"),
        "version unknown": lambda _: put(data, 0, b"GIF88a"),
        "screen of no size": lambda _: put(data, 6, bytes(4)),
        "screen smaller than the frame": lambda _: put(data, 6, pack("<HH", wide - 7, high - 5)),
        "screen larger than the frame": lambda rng: put(data, 6, pack("<HH", wide + rng.randint(1, 5), high + 3)),
        "screen much larger": lambda _: put(data, 6, pack("<HH", wide * 2, high * 2)),
        "background beyond the table": lambda _: put(data, 11, b"\xff"),
        "aspect stated": lambda _: put(data, 12, b"\x31"),
        "table of the frame's own": lambda _: _own_table(data, head, at),
        "table of half the colours": lambda _: put(head, 10, bytes([head[10] - 1]))[: 13 + len(head[13:]) // 2] + rest,
        "no table": lambda _: put(head, 10, bytes([head[10] & 0x7F]))[:13] + rest,
        "frame a little off": lambda _: put(data, at + 1, pack("<HH", 2, 1)),
        "frame taller than its data": lambda rng: put(put(data, 8, pack("<H", high + 4)), at + 7, pack("<H", high + 4)),
        "frame lower than its data": lambda rng: put(data, at + 7, pack("<H", high - rng.randint(1, 5))),
        "frame of no size behind": lambda _: data[:-1] + b"," + bytes(9) + b"\2\1\x44\0" + TRAILER,
        "zeros between blocks": lambda _: head + bytes(5) + rest,
        "noise behind the picture": lambda rng: data[:-1] + b"\x99" + rng.randbytes(40),
        "zeros behind the picture": lambda _: data[:-1] + bytes(40) + TRAILER,
        "without a trailer": lambda _: data[:-1],
        "trailers": lambda _: data + TRAILER * 9,
        "a trailer first": lambda _: head + TRAILER + rest,
        "sorted and reserved flags": lambda _: put(data, at + 9, bytes([data[at + 9] | 0x38])),
        "size of codes one more": lambda _: put(data, _code_at(data, at), bytes([data[_code_at(data, at)] + 1])),
        "a picture in a comment": lambda _: head + extension(0xFE, another()[:255]) + rest,
    }
    return kinds


def _code_at(data: bytes, at: int) -> int:
    flags = data[at + 9]
    return at + 10 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)


def _own_table(data: bytes, head: bytes, at: int) -> bytes:
    new = put(head, 10, bytes([head[10] & 0x7F]))[:13]
    frame = data[at : at + 9] + bytes([0x80 | (head[10] & 7)]) + head[13:]
    return new + data[len(head) : at] + frame + data[at + 10 :]


def _data(data: bytes, head: bytes) -> Kinds:
    start = _code_at(data, data.index(b",", len(head))) + 1
    coded, at = b"", start
    while data[at]:
        coded += data[at + 1 : at + 1 + data[at]]
        at += data[at] + 1
    end = data[at + 1 :]

    def blocks(new: bytes, size: int = 255) -> bytes:
        return b"".join(bytes([len(one)]) + one for one in (new[k : k + size] for k in range(0, len(new), size)))

    def made(new: bytes, size: int = 255, close: bytes = b"\0") -> bytes:
        return data[:start] + blocks(new, size) + close + end

    return {
        "blocks of seven bytes": lambda _: made(coded, 7),
        "blocks of one byte": lambda _: made(coded, 1),
        "data without its end": lambda rng: made(coded[: -rng.randint(1, 60)]),
        "data without its end nor a trailer": lambda rng: data[:start] + blocks(coded[: -rng.randint(1, 60)]),
        "data followed by noise": lambda rng: made(coded + rng.randbytes(300)),
        "data followed by itself": lambda _: made(coded + coded),
        "no end of blocks": lambda _: made(coded, close=b""),
        "last block longer than the file": lambda _: data[:start] + blocks(coded[:-9]) + b"\xff" + coded[-9:],
        "data with an end inside": lambda rng: made(_spliced(coded, rng)),
    }


def _spliced(coded: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(coded) * 9 // 10, len(coded))
    return coded[:at] + rng.randbytes(3) + coded[at:]


def _forms(number: int) -> Kinds:
    ways = {
        "interlaced": lambda: encode(image(number).quantize(256), "GIF", interlace=1),
        "not interlaced": lambda: encode(image(number).quantize(256), "GIF", interlace=0),
        "few colours": lambda: encode(image(number).quantize(60), "GIF", interlace=0),
        "seen through": lambda: encode(image(number).quantize(220), "GIF", transparency=255, interlace=0),
        "moving": lambda: encode(image(number), "GIF", save_all=True, append_images=[image(number)] * 2, duration=90),
    }
    kinds: Kinds = {name: lambda _, make=make: make() for name, make in ways.items()}
    for name, make in ways.items():
        kinds[f"{name}, without a trailer"] = lambda _, make=make: make()[:-1]
        kinds[f"{name}, cut near its end"] = lambda rng, make=make: make()[: -rng.randint(2, 700)]
        kinds[f"{name}, cut"] = lambda rng, make=make: make()[: rng.randrange(len(make()) // 2, len(make()))]
    return kinds


def _in_more(number: int) -> Kinds:
    """The picture in a corner of a frame that is larger than the screen, or on a screen that is larger."""
    rgb = picture(number)
    high, wide = rgb.shape[:2]
    noise = np.random.default_rng(number).integers(0, 256, (high * 2, wide * 2, 3), np.uint8)
    noise[:high, :wide] = rgb
    large = encode(Image.fromarray(noise).quantize(256), "GIF", interlace=0)
    return {
        "frame of twice the size, at the corner": lambda _: put(large, 6, pack("<HH", wide, high)),
        "frame of twice the size, screen of none": lambda _: put(large, 6, bytes(4)),
    }


def write(number: int) -> bytes:
    return encode(image(number), "GIF", interlace=0)


def kinds(data: bytes) -> Kinds:
    head, rest = parts_of(data)
    number = next(n for n in range(8) if picture(n).shape[1::-1] == unpack_from("<HH", data, 6))
    found: Kinds = {}
    for name in SAYINGS:
        found |= _saying(name, head, rest)
    found |= (
        _in_more(number) | _screen(data, head, rest) | _data(data, head) | _forms(number) | cuts(data) | followed(data)
    )
    found |= appearances.times(number, "GIF") | appearances.sizes(number, "GIF", (3, 9))
    return found | flipped(data, len(head) + 30, len(data) - 1, "the data") | flipped(data, 6, 13, "the head", (1,))


FORMAT = Format("gif", "image/gif", cache(write), kinds)
