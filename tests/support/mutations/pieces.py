"""What the generators of all formats share: cuts, what is put behind or in front, and a format's description."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from tests.support.pictures import Rgb, encode, landscape, texture

type Kinds = dict[str, Callable[[Random], bytes]]
CUTS = 20


@dataclass(frozen=True, slots=True)
class Format:
    """`write` makes the file of a picture by its number, `kinds` the ways to change it."""

    name: str
    mime: str
    write: Callable[[int], bytes]
    kinds: Callable[[bytes], Kinds]


@cache
def picture(number: int) -> Rgb:
    """Textures and landscapes in turn, of sizes that no block size divides."""
    make = texture if number % 2 else landscape
    return make(40 + number, 203 + 10 * number, 151 + 6 * number)


def image(number: int, mode: str = "RGB") -> Image.Image:
    """The same as an image."""
    return Image.fromarray(picture(number)).convert(mode)


@cache
def another() -> bytes:
    """A picture that is none of those: a small GIF."""
    return encode(Image.fromarray(texture(99, 48, 40)), "GIF")


def cuts(data: bytes) -> Kinds:
    """The file cut at twenty points, from a twentieth on; and without its last bytes."""
    at = {f"cut {k}/{CUTS}": len(data) * k // CUTS for k in range(1, CUTS)}
    at |= {f"without the last {k}": len(data) - k for k in (1, 2, 3, 4, 8, 12, 16, 64)}
    return {name: lambda rng, end=end: data[: max(1, end - rng.randrange(2))] for name, end in at.items()}


def followed(data: bytes) -> Kinds:
    """Something behind the picture."""
    return {f"followed by {name}": lambda _, rest=rest: data + rest for name, rest in _rests().items()} | {
        "followed by noise": lambda rng: data + rng.randbytes(rng.randint(1, 4000)),
        "followed by itself": lambda _: data + data,
        "followed by a cut of itself": lambda rng: data + data[: rng.randrange(len(data))],
    }


@cache
def _rests() -> dict[str, bytes]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("page.html", "<html></html>")
    return {
        "a zip": packed.getvalue(),
        "a page": b"<html><body></body></html>",
        "zeros": bytes(3000),
        "a line": b"\r\n",
        "a picture": another(),
        "ones": b"\xff" * 777,
    }


def flipped(data: bytes, begin: int, end: int, name: str, times: tuple[int, ...] = (1, 4)) -> Kinds:
    """Single bits turned over between two places."""

    def flip(rng: Random, many: int) -> bytes:
        out = bytearray(data)
        for _ in range(many):
            out[rng.randrange(begin, min(end, len(out)))] ^= 1 << rng.randrange(8)
        return bytes(out)

    return {f"{many} bits of {name} flipped": lambda rng, many=many: flip(rng, many) for many in times}


def paler(number: int, format_name: str, **options: Any) -> Kinds:
    """The picture with less contrast, around the middle grey and towards black, and with hardly any."""

    def made(contrast: float, ground: int) -> Callable[[Random], bytes]:
        pixels = np.rint(picture(number) * contrast + ground * (1 - contrast)).astype(np.uint8)
        return lambda _: encode(Image.fromarray(pixels), format_name, **options)

    each = [(share, ground) for share in (50, 40, 30, 20, 3) for ground in (128, 0)]
    return {f"{share} % of the contrast on {ground}": made(share / 100, ground) for share, ground in each}


def put(data: bytes, at: int, new: bytes) -> bytes:
    """Some bytes overwritten."""
    return data[:at] + new + data[at + len(new) :]
