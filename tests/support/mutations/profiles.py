"""Pictures whose stored pixels are others, and that a colour profile turns into the original again."""

from __future__ import annotations

from functools import cache, partial
from struct import pack

import numpy as np
from PIL import Image

from tests.support.mutations.pieces import Kinds, picture
from tests.support.pictures import encode

# The primaries of sRGB as a profile states them, red, green and blue.
_PRIMARIES = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
_WHITE = (0.9642, 1.0, 0.8249)


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(pack(">i", round(one * 65536)) for one in values)


def _curve(values: np.ndarray) -> bytes:
    return b"curv\0\0\0\0" + pack(">I", len(values)) + np.round(values * 65535).astype(">u2").tobytes()


def profile(curve: np.ndarray, order: tuple[int, int, int] = (0, 1, 2)) -> bytes:
    """A profile whose light follows `curve` and whose colours are those of sRGB in another order."""
    tags = {b"wtpt": _xyz(_WHITE)}
    for name, place in zip((b"r", b"g", b"b"), order, strict=True):
        tags[name + b"XYZ"], tags[name + b"TRC"] = _xyz(_PRIMARIES[place]), _curve(curve)
    return _file(tags, b"RGB ")


def _file(tags: dict[bytes, bytes], space: bytes) -> bytes:
    tags = {**tags, b"cprt": b"text\0\0\0\0none\0", b"desc": b"desc\0\0\0\0\0\0\0\2x\0" + bytes(79)}
    table, body, at = pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        data += b"\0" * (-len(data) % 4)
        table += name + pack(">II", at + len(body), len(data))
        body += data
    head = pack(">I4sI4s4s4s", 0, b"none", 0x02100000, b"mntr", space, b"XYZ ") + bytes(12) + b"acsp"
    head = head.ljust(68, b"\0") + b"".join(pack(">i", round(one * 65536)) for one in _WHITE)
    whole = head.ljust(128, b"\0") + table + body
    return pack(">I", len(whole)) + whole[4:]


@cache
def _light() -> np.ndarray:
    """The curve of sRGB at 1024 places."""
    v = np.linspace(0, 1, 1024)
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def _stored(number: int) -> dict[str, tuple[Image.Image, bytes]]:
    """Name, stored pixels, and the profile that they are seen by."""
    rgb = picture(number)
    light = _light()
    kinds = {
        "turns light over": (255 - rgb, profile(light[::-1].copy())),
        "exchanges colours": (np.ascontiguousarray(rgb[..., [1, 2, 0]]), profile(light, (1, 2, 0))),
    }
    for power in (0.25, 0.4, 2.5, 4.0):
        there = np.round(255 * (rgb / 255.0) ** power).astype(np.uint8)
        kinds[f"has a curve of {power}"] = (
            there,
            profile(np.interp(np.linspace(0, 1, 1024) ** (1 / power), np.linspace(0, 1, 1024), light)),
        )
    kinds["is that of sRGB"] = (rgb, profile(light))
    return {name: (Image.fromarray(pixels), made) for name, (pixels, made) in kinds.items()}


def grey(curve: np.ndarray) -> bytes:
    """A profile of grey."""
    return _file({b"wtpt": _xyz(_WHITE), b"kTRC": _curve(curve)}, b"GRAY")


@cache
def turned_over() -> bytes:
    """The profile of a picture that is stored as its negative."""
    return profile(_light()[::-1].copy())


def negative(number: int, mode: str = "RGB") -> Image.Image:
    """What is stored then."""
    return Image.fromarray(255 - np.asarray(Image.fromarray(picture(number)).convert(mode)))


def kinds(number: int, form: str) -> Kinds:
    """Of a format that Pillow writes with a profile."""
    options = {
        "JPEG": {"quality": 95},
        "WEBP": {"lossless": True, "method": 0},
        "PNG": {},
        "AVIF": {"quality": 95, "speed": 10},
    }[form]
    found: Kinds = {}
    if form != "AVIF" and form != "WEBP":
        dark = partial(encode, negative(number, "L"), form, icc_profile=grey(_light()[::-1].copy()), **options)
        found["profile of grey that turns light over"] = lambda _: dark()
    for name, (pixels, made) in _stored(number).items():
        written = partial(encode, pixels, form, icc_profile=made, **options)
        found[f"profile that {name}"] = lambda _, written=written: written()
        if form in ("PNG", "JPEG"):
            found[f"profile that {name}, cut near its end"] = lambda rng, written=written: written()[
                : -rng.randint(3, 300)
            ]
    return found
