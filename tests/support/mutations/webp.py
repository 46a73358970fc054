"""Mutants of WebPs: each chunk in each way, sizes, flags, cuts; lossy, lossless, with transparency, moving."""

from __future__ import annotations

from functools import cache, partial
from random import Random
from struct import pack, unpack_from

from tests.support.mutations import appearances, profiles
from tests.support.mutations.pieces import Format, Kinds, another, cuts, flipped, followed, image, picture, put
from tests.support.pictures import encode

type Chunk = tuple[bytes, bytes]
SAYINGS: dict[str, bytes] = {
    "ICCP": bytes(140),
    "EXIF": b"MM\0*\0\0\0\x08\0\0\0\0\0\0",
    "XMP ": b"<x/>",
    "ANIM": bytes(6),
    "ALPH": b"\0" + b"\xff" * 40,
    "ABCD": b"anything",
}


def chunks_of(data: bytes) -> list[Chunk]:
    """Kind and body of each chunk."""
    found, at = [], 12
    while at + 8 <= len(data):
        kind, length = unpack_from("<4sI", data, at)
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return found


def chunk(kind: bytes, body: bytes, length: int | None = None) -> bytes:
    """One chunk, of a length that may be a lie."""
    return kind + pack("<I", len(body) if length is None else length) + body + b"\0" * (len(body) % 2)


def riff(body: bytes, more: int = 0) -> bytes:
    """A file with these chunks; `more` is by how much its size is a lie."""
    return b"RIFF" + pack("<I", (len(body) + 4 + more) & 0xFFFFFFFF) + b"WEBP" + body


def extended(wide: int, high: int, flags: int = 0) -> bytes:
    """The chunk that says that there are others."""
    return chunk(b"VP8X", bytes([flags, 0, 0, 0]) + (wide - 1).to_bytes(3, "little") + (high - 1).to_bytes(3, "little"))


def _saying(kind: str, pixels: bytes, wide: int, high: int) -> Kinds:
    name, body = kind.encode(), SAYINGS[kind]
    head = extended(wide, high)
    flags = {"ICCP": 0x20, "EXIF": 0x08, "XMP ": 0x04, "ANIM": 0x02, "ALPH": 0x10}.get(kind, 0)

    def before(new: bytes, first: bytes = head) -> bytes:
        return riff(first + new + pixels)

    return {
        f"{kind}": lambda _: before(chunk(name, body)),
        f"{kind} announced": lambda _: before(chunk(name, body), extended(wide, high, flags)),
        f"{kind} announced and missing": lambda _: before(b"", extended(wide, high, flags)),
        f"{kind} behind": lambda _: riff(head + pixels + chunk(name, body)),
        f"{kind} behind, without a head": lambda _: riff(pixels + chunk(name, body)),
        f"{kind} before, without a head": lambda _: riff(chunk(name, body) + pixels),
        f"{kind} empty": lambda _: before(chunk(name, b"")),
        f"{kind} of noise": lambda rng: before(chunk(name, rng.randbytes(rng.randint(1, 400)))),
        f"{kind} behind, with a length past the file": lambda _: riff(head + pixels + chunk(name, body, 1 << 20)),
        f"{kind} twice": lambda _: before(chunk(name, body) * 2),
    }


def _sizes(data: bytes, pixels: bytes, wide: int, high: int) -> Kinds:
    body = data[12:]
    length = unpack_from("<I", pixels, 4)[0]
    kinds: Kinds = {
        f"size of the file {name}": lambda _, more=more: riff(body, more)
        for name, more in {
            "a byte less": -1,
            "two bytes less": -2,
            "much less": -len(body) // 2,
            "a byte more": 1,
            "more": 4000,
            "nothing": -len(body) - 4,
            "only a word": -len(body),
            "all ones": -len(body) - 5,
        }.items()
    }
    return kinds | {
        "pixels with a length too long": lambda rng: riff(put(pixels, 4, pack("<I", length + rng.randint(1, 3000)))),
        "pixels with a length a little short": lambda rng: riff(put(pixels, 4, pack("<I", length - rng.randint(1, 9)))),
        "pixels with a length of all ones": lambda _: riff(put(pixels, 4, b"\xff" * 4)),
        "canvas larger": lambda _: riff(extended(wide + 3, high + 2) + pixels),
        "canvas smaller": lambda _: riff(extended(wide - 3, high - 2) + pixels),
        "canvas of one": lambda _: riff(extended(1, 1) + pixels),
        "all flags": lambda _: riff(extended(wide, high, 0xFD) + pixels),
        "head twice": lambda _: riff(extended(wide, high) * 2 + pixels),
        "head behind": lambda _: riff(pixels + extended(wide, high)),
        "head short": lambda _: riff(chunk(b"VP8X", bytes(4)) + pixels),
        "head long": lambda _: riff(chunk(b"VP8X", extended(wide, high)[8:] + bytes(6)) + pixels),
        "pixels twice": lambda _: riff(pixels * 2),
        "pixels twice, with a head": lambda _: riff(extended(wide, high) + pixels * 2),
        "without its last byte and padded": lambda _: riff(body[:-1]) + b"\0",
        "a picture in a chunk": lambda _: riff(extended(wide, high) + chunk(b"ABCD", another()) + pixels),
    }


def _forms(number: int) -> Kinds:
    same = image(number)
    seen = same.copy()
    seen.putalpha(254)
    ways = {
        "lossless": partial(encode, same, "WEBP", lossless=True, method=0),
        "with transparency": partial(encode, seen, "WEBP", quality=90, method=0, alpha_quality=90),
        "lossless, with transparency": partial(encode, seen, "WEBP", lossless=True, method=0),
        "moving": partial(encode, same, "WEBP", save_all=True, append_images=[same] * 2, quality=90, method=0),
        "large": lambda: encode(same.resize((512, 384)), "WEBP", quality=90, method=0),
    }
    kinds: Kinds = {name: lambda _, make=make: make() for name, make in ways.items()}
    for name, make in ways.items():
        kinds[f"{name}, cut near its end"] = lambda rng, make=make: _cut(make(), rng, 1, 400)
        kinds[f"{name}, cut"] = lambda rng, make=make: _cut(make(), rng, 1, len(make()) // 2)
        kinds[f"{name}, size of the file less"] = lambda rng, make=make: riff(make()[12:], -rng.randint(1, 100))
    return kinds


def _cut(data: bytes, rng: Random, least: int, most: int) -> bytes:
    return data[: -rng.randint(least, most)]


def write(number: int) -> bytes:
    return encode(image(number), "WEBP", quality=92, method=0)


def kinds(data: bytes) -> Kinds:
    (kind, body), *_ = chunks_of(data)
    wide, high = unpack_from("<HH", body, 6)
    number = next(n for n in range(8) if picture(n).shape[1::-1] == (wide, high))
    pixels = chunk(kind, body)
    found: Kinds = {}
    for name in SAYINGS:
        found |= _saying(name, pixels, wide, high)
    found |= _sizes(data, pixels, wide, high) | _forms(number) | cuts(data) | followed(data)
    found |= profiles.kinds(number, "WEBP") | appearances.alpha(number, "WEBP", lossless=True, method=0)
    found |= appearances.times(number, "WEBP", quality=90, method=0)
    found |= appearances.sizes(number, "WEBP", (3, 9), quality=90, method=0)
    return found | flipped(data, 400, len(data), "the data") | flipped(data, 4, 30, "the head", (1,))


FORMAT = Format("webp", "image/webp", cache(write), kinds)
