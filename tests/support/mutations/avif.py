"""Mutants of AVIFs: boxes of each kind in each place, sizes and brands, moving ones, cuts."""

from __future__ import annotations

from functools import cache, partial
from struct import pack, unpack_from

import numpy as np
from PIL import Image

from tests.support.mutations import appearances, profiles
from tests.support.mutations.pieces import Format, Kinds, another, cuts, flipped, followed, image, picture, put
from tests.support.pictures import encode

KINDS = ("free", "skip", "wide", "uuid", "moov", "abcd", "meta", "mdat", "ftyp", "styp", "jumb", "\xa9xyz")


def box(kind: bytes, body: bytes) -> bytes:
    return pack(">I", 8 + len(body)) + kind + body


def boxes_of(data: bytes) -> list[bytes]:
    """The boxes of the file, whole."""
    found, at = [], 0
    while at < len(data):
        size = unpack_from(">I", data, at)[0]
        found.append(data[at : at + size])
        at += size
    return found


def moved(data: bytes, more: int) -> bytes:
    """The places of pixels in the index, moved along."""
    at = data.index(b"iloc") + 4
    (version,) = unpack_from(">B", data, at)
    sizes = data[at + 4] >> 4
    assert sizes == 4, (version, sizes)
    count, place = unpack_from(">H", data, at + 6)[0], at + 8
    base = data[at + 5] >> 4
    for _ in range(count):
        place += (4 if version else 2) + 2 + base
        extents = unpack_from(">H", data, place)[0]
        place += 2
        for _ in range(extents):
            data = put(data, place, pack(">I", unpack_from(">I", data, place)[0] + more))
            place += 8
    return data


def _inserted(data: bytes, at: int, new: bytes) -> bytes:
    parts = boxes_of(moved(data, len(new)))
    return b"".join([*parts[:at], new, *parts[at:]])


def _put_in(data: bytes, kind: str) -> Kinds:
    name = kind.encode("latin-1")
    count = len(boxes_of(data))
    body = bytes(4) if kind == "meta" else b"anything"
    return {
        f"{kind} behind": lambda _: data + box(name, body),
        f"{kind} before the pixels": lambda _: _inserted(data, count - 1, box(name, body)),
        f"{kind} before the index": lambda _: _inserted(data, 1, box(name, body)),
        f"{kind} behind, with a size past the file": lambda _: data + pack(">I", 5000) + name + b"anything",
        f"{kind} behind, of no size": lambda _: data + pack(">I", 0) + name + b"anything",
        f"{kind} behind, of noise": lambda rng: data + box(name, rng.randbytes(rng.randint(1, 500))),
    }


def _sizes(data: bytes) -> Kinds:
    *ahead, pixels = boxes_of(data)
    front = b"".join(ahead)
    brand = ahead[0]

    def branded(*brands: bytes, major: bytes = b"avif") -> bytes:
        new = box(b"ftyp", major + bytes(4) + b"".join(brands))
        return moved(new + b"".join(ahead[1:]) + pixels, len(new) - len(brand))

    large = moved(front + pixels, 8)[: len(front)] + pack(">I4sQ", 1, b"mdat", len(pixels) + 8) + pixels[8:]
    return {
        "pixels to the end": lambda _: front + pack(">I", 0) + pixels[4:],
        "size of the pixels in eight bytes": lambda _: large,
        "size of the pixels too large": lambda rng: front + pack(">I", len(pixels) + rng.randint(1, 900)) + pixels[4:],
        "size of the pixels too small": lambda rng: front + pack(">I", len(pixels) - rng.randint(1, 90)) + pixels[4:],
        "brand alone": lambda _: branded(),
        "brands of both": lambda _: branded(b"avif", b"mif1", b"miaf", b"heic"),
        "brand of another, this among those it is like": lambda _: branded(b"avif", b"mif1", major=b"mif1"),
        "brand of a video, this among those it is like": lambda _: branded(b"avif", b"mif1", major=b"isom"),
        "brand unknown, this among those it is like": lambda _: branded(b"avif", major=b"abcd"),
        "brand of a moving one": lambda _: branded(b"avif", b"avis", major=b"avis"),
        "brands without end": lambda _: branded(*[b"abcd"] * 80, b"avif"),
        "brands of length three": lambda _: branded(b"avif", b"abc"),
        "pixels twice": lambda _: data + pixels,
        "a picture in a box": lambda _: data + box(b"free", another()),
        "index twice": lambda _: data + b"".join(ahead[1:]),
    }


def _by_curve(number: int) -> Kinds:
    """Pixels that are stored by another curve, and what says so."""

    def made(transfer: int, power: float) -> bytes:
        stored = np.round(255 * (picture(number) / 255.0) ** power).astype(np.uint8)
        data = encode(Image.fromarray(stored), "AVIF", quality=95, speed=10)
        return put(data, data.index(b"colrnclx") + 10, pack(">H", transfer))

    return {
        f"transfer {transfer}, pixels so": lambda _, by=(transfer, power): made(*by)
        for transfer, power in ((8, 2.2), (5, 2.2 / 2.8), (4, 1.0))
    }


def with_property(data: bytes, new: bytes, essential: bool = True) -> bytes:
    """The picture with one more property, at the end of the list, and everything behind it moved along."""
    ipco, ipma = data.index(b"ipco") - 4, data.index(b"ipma") - 4
    size = unpack_from(">I", data, ipco)[0]
    number, at = 1, ipco + 8
    while at < ipco + size:
        at += unpack_from(">I", data, at)[0]
        number += 1
    # Version and flags, one entry, its item of two bytes, how many, then a byte for each.
    many = data[ipma + 18]
    link = bytes([number | (0x80 if essential else 0)])
    grown = moved(data, len(new) + 1)
    for name, more in ((b"meta", len(new) + 1), (b"iprp", len(new) + 1), (b"ipco", len(new)), (b"ipma", 1)):
        place = grown.index(name) - 4
        grown = put(grown, place, pack(">I", unpack_from(">I", grown, place)[0] + more))
    grown = put(grown, ipma + 18, bytes([many + 1]))
    end = ipma + 19 + many
    return grown[: ipco + size] + new + grown[ipco + size : end] + link + grown[end:]


def _in_more(number: int) -> Kinds:
    """A picture that is cut out of a larger one, turned or mirrored where it is shown."""
    rgb = picture(number)
    high, wide = rgb.shape[0] // 2 * 2, rgb.shape[1] // 2 * 2
    noise = np.random.default_rng(number).integers(0, 256, (high * 2, wide * 2, 3), np.uint8)
    noise[:high, :wide] = rgb[:high, :wide]

    def cut(left: int, top: int) -> bytes:
        data = encode(Image.fromarray(np.roll(noise, (top, left), (0, 1))), "AVIF", quality=85, speed=10)
        across, down = 2 * left + wide - 2 * wide, 2 * top + high - 2 * high
        body = pack(">IIIIiIiI", wide, 1, high, 1, across, 2, down, 2)
        return with_property(data, box(b"clap", body))

    turned = encode(Image.fromarray(np.ascontiguousarray(np.rot90(rgb, -1))), "AVIF", quality=90, speed=10)
    other = encode(Image.fromarray(rgb[:, ::-1].copy()), "AVIF", quality=90, speed=10)
    return {
        "cut out of a corner": lambda _: cut(0, 0),
        "cut out of the middle": lambda _: cut(wide // 2, high // 2),
        "turned": lambda _: with_property(turned, box(b"irot", b"\1")),
        "mirrored": lambda _: with_property(other, box(b"imir", b"\1")),
    }


def _forms(number: int) -> Kinds:
    same = image(number)
    seen = same.copy()
    seen.putalpha(250)
    ways = {
        "moving": partial(encode, same, "AVIF", save_all=True, append_images=[same] * 2, quality=90, speed=10),
        "with transparency": partial(encode, seen, "AVIF", quality=90, speed=10),
        "grey": partial(encode, image(number, "L"), "AVIF", quality=90, speed=10),
        "without chroma left out": partial(encode, same, "AVIF", quality=90, speed=10, subsampling="4:4:4"),
        "with Exif": partial(encode, same, "AVIF", quality=90, speed=10, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"),
        "with XMP": partial(encode, same, "AVIF", quality=90, speed=10, xmp=b"<x/>"),
        "in tiles": partial(encode, same, "AVIF", quality=90, speed=10, tile_rows=1, tile_cols=1),
    }
    kinds: Kinds = {}
    for name, make in ways.items():
        made = cache(make)
        kinds[name] = lambda _, made=made: made()
        kinds[f"{name}, cut near its end"] = lambda rng, made=made: made()[: -rng.randint(1, 99)]
        kinds[f"{name}, followed by noise"] = lambda rng, made=made: made() + rng.randbytes(99)
    return kinds


def write(number: int) -> bytes:
    return encode(image(number), "AVIF", quality=90, speed=10)


def kinds(data: bytes) -> Kinds:
    at = data.index(b"ispe") + 8
    number = next(n for n in range(8) if picture(n).shape[1::-1] == unpack_from(">II", data, at))
    found: Kinds = {}
    for kind in KINDS:
        found |= _put_in(data, kind)
    found |= _sizes(data) | _forms(number) | cuts(data) | followed(data)
    begin = data.index(b"mdat") + 20
    found |= profiles.kinds(number, "AVIF") | _by_curve(number) | _in_more(number)
    found |= appearances.alpha(number, "AVIF", quality=95, speed=10)
    found |= appearances.sizes(number, "AVIF", (3, 9), quality=90, speed=10)
    return found | flipped(data, begin, len(data), "the data") | flipped(data, 32, begin, "the index", (1,))


FORMAT = Format("avif", "image/avif", cache(write), kinds)
