"""PNGs that are decoded at once: what Pillow gives, or nothing."""

from __future__ import annotations

import io
import random
import zlib
from collections.abc import Iterator
from itertools import pairwise
from struct import pack, unpack_from
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.fuzz.fuzz_decode import mutate, target
from tests.support.pictures import animation, encode, png, texture
from tutela.media.formats import png as ours
from tutela.media.kernels import _pdq
from tutela.media.pixels.colour import pixels_of
from tutela.media.results import Described, Refusal

MODES: dict[str, dict[str, Any]] = {
    "L": {},
    "RGB": {},
    "P": {},
    "LA": {},
    "RGBA": {},
    "L ": {"transparency": 9},
    "RGB ": {"transparency": (1, 2, 3)},
    "P ": {"transparency": bytes(range(0, 250, 10))},
    "P  ": {"transparency": 3},
}
BYTES = {"L": 1, "P": 1, "LA": 2, "RGB": 3, "RGBA": 4}
COLOURS = {"L": 0, "RGB": 2, "P": 3, "LA": 4, "RGBA": 6}


def picture(mode: str, width: int = 37, height: int = 23) -> Image.Image:
    image = Image.fromarray(texture(3, width, height)).convert(mode)
    if "A" in mode:
        image.putalpha(Image.fromarray(texture(4, width, height)).convert("L"))
    return image


def pillow(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return pixels_of(image)


def at_once(data: bytes) -> NDArray[np.uint8] | None:
    with Image.open(io.BytesIO(data)) as image:
        found = ours.usual(data, image)
        seen = found.seen() if found is not None else None
        return seen.pixels if seen is not None else None


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(data):
        length, kind = unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def joined(parts: list[tuple[bytes, bytes]]) -> bytes:
    made = (pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body)) for kind, body in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def filtered(pixels: NDArray[np.uint8], kinds: list[int], channels: int) -> bytes:
    """The rows as the specification filters them, byte by byte."""
    out, above = bytearray(), np.zeros(pixels.shape[1], np.int64)
    for row, kind in zip(pixels.astype(np.int64), kinds, strict=True):
        left = np.concatenate([np.zeros(channels, np.int64), row[:-channels]])
        corner = np.concatenate([np.zeros(channels, np.int64), above[:-channels]])
        guess = left + above - corner
        apart = np.abs(guess - np.stack([left, above, corner]))
        paeth = np.choose(apart.argmin(axis=0), [left, above, corner])
        expected = [np.zeros_like(row), left, above, (left + above) // 2, paeth][min(kind, 4)]
        out += bytes([kind]) + ((row - expected) % 256).astype(np.uint8).tobytes()
        above = row
    return bytes(out)


def written(mode: str, rows: bytes, width: int, height: int, *cuts: int) -> bytes:
    """A PNG of these filtered rows, its pixels cut into several chunks."""
    body = zlib.compress(rows)
    head = (b"IHDR", pack(">IIBBBBB", width, height, 8, COLOURS[mode], 0, 0, 0))
    palette = [(b"PLTE", bytes(range(256)) * 3)] if mode == "P" else []
    parts = [(b"IDAT", body[begin:end]) for begin, end in pairwise((0, *cuts, len(body)))]
    return joined([head, *palette, *parts, (b"IEND", b"")])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(1, 1), (2, 7), (7, 2), (37, 23), (256, 64)])
def test_every_colour_mode_is_what_pillow_gives(mode: str, size: tuple[int, int]) -> None:
    data = encode(picture(mode.strip(), *size), "PNG", **MODES[mode])
    found = at_once(data)
    assert found is not None
    assert np.array_equal(found, pillow(data))


@pytest.mark.parametrize("mode", BYTES)
@pytest.mark.parametrize("kind", range(5))
def test_every_filter_is_undone(mode: str, kind: int) -> None:
    channels, rng = BYTES[mode], np.random.default_rng(kind)
    for width in (1, 2, 3, 4, 5, 17, 100):
        pixels = rng.integers(0, 256, (9, width * channels), dtype=np.uint8)
        kinds = [kind, kind, *rng.integers(0, 5, 6).tolist(), kind]
        rows = filtered(pixels, kinds, channels)
        undone = _pdq.unfiltered(rows, 9, width * channels, channels)
        assert undone is not None
        assert np.array_equal(undone, pixels)
        data = written(mode, rows, width, 9, 3, 3, 10)
        found = at_once(data)
        assert found is not None
        assert np.array_equal(found, pillow(data))


def test_what_is_unusual_is_left_to_pillow() -> None:
    rgb = texture(3, 40, 30)
    whole = list(chunks(png(rgb)))
    deep = encode(Image.fromarray(rgb).convert("I;16"), "PNG")
    turns = b"XML:com.adobe.xmp\0" + b'<x tiff:Orientation="6"/>'
    left = {
        "an animation": animation("PNG", 2, 24),
        "sixteen bits": deep,
        "one bit": encode(Image.fromarray(rgb).convert("1"), "PNG"),
        "a remark that turns it": joined([*whole[:-1], (b"tEXt", turns), whole[-1]]),
        "EXIF behind it": joined([*whole[:-1], (b"eXIf", b"MM\0*\0\0\0\x08"), whole[-1]]),
        "pixels apart": joined([*whole[:-1], (b"tIME", bytes(7)), (b"IDAT", b""), whole[-1]]),
        "a long remark": joined([*whole[:-1], (b"tEXt", b"Comment\0" + bytes(5000)), whole[-1]]),
        "an unknown filter": written("L", b"\5" + bytes(4), 4, 1),
        "a row too many": written("L", bytes(5) + b"\0", 4, 1),
        "a row too few": written("L", bytes(5), 4, 2),
    }
    for what, data in left.items():
        assert at_once(data) is None, what


def test_remarks_behind_the_pixels_are_usual() -> None:
    whole = list(chunks(png(texture(3, 40, 30))))
    remarks = [(b"tEXt", b"date:create\0yesterday"), (b"tIME", bytes(7)), (b"tEXt", b"Software\0x")]
    data = joined([*whole[:-1], *remarks, whole[-1]])
    assert np.array_equal(at_once(data), pillow(data))


def test_orientation_is_applied_wherever_it_stands() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    rgb = texture(3, 80, 64)
    plain, before = png(rgb), encode(Image.fromarray(rgb), "PNG", exif=turned)
    parts = list(chunks(before))
    exif = [part for part in parts if part[0] == b"eXIf"]
    behind = joined([*(part for part in parts if part[0] not in (b"eXIf", b"IEND")), *exif, (b"IEND", b"")])
    seen = [target(data) for data in (plain, before, behind)]
    assert all(isinstance(one, Described) for one in seen)
    assert [(one.width, one.height) for one in seen if isinstance(one, Described)] == [(80, 64), (64, 80), (64, 80)]
    assert seen[1] == seen[2]


def test_pixels_too_many_to_hold_three_times_are_left_to_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "MOST_BYTES", 30 * (1 + 3 * 40) - 1)
    assert at_once(png(texture(3, 40, 30))) is None


def test_a_broken_file_is_judged_as_pillow_judges_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(5)
    seeds = [encode(picture(mode.strip(), 40, 30), "PNG", **options) for mode, options in MODES.items()]
    files = [mutate(rng, rng.choice(seeds), rng.choice(seeds)) for _ in range(400)] + seeds
    body = zlib.compress(bytes(31 * 40))
    head = (b"IHDR", pack(">IIBBBBB", 30, 40, 8, 0, 0, 0, 0))
    files += [joined([head, (b"IDAT", body[:-2] + b"xx"), (b"IEND", b"")])]
    files += [joined([head, (b"IDAT", body[:end]), (b"IEND", b"")]) for end in range(0, len(body), 3)]
    quick = [said(target(one)) for one in files]
    monkeypatch.setattr(ours, "usual", lambda *_: None)
    assert quick == [said(target(one)) for one in files]


def test_pixels_that_break_off_are_refused_and_not_hashed_as_far_as_they_go() -> None:
    body = zlib.compress(texture(3, 30, 40).tobytes())
    for interlaced in (0, 1):
        head = (b"IHDR", pack(">IIBBBBB", 30, 40, 8, 2, 0, 0, interlaced))
        answer = target(joined([head, (b"IDAT", body[:-90] + b"x" * 90), (b"IEND", b"")]))
        assert isinstance(answer, Refusal), "Pillow tells it once, to whoever asks first"


def said(answer: Described | Refusal) -> object:
    return answer if isinstance(answer, Described) else (answer.code, answer.message)


def test_rows_that_do_not_add_up_are_refused() -> None:
    for given in ((bytes(8), 2, 3, 2), (bytes(9), 2, 3, 3), (bytes(8), 2, 3, 5), (bytes(8), 8, 0, 1)):
        with pytest.raises(ValueError, match=r"no whole pixels|not as many rows"):
            _pdq.unfiltered(*given)


@pytest.mark.parametrize(
    "ways", [(8, 2, 0, 0, 1), (16, 2, 0, 0, 0), (8, 2, 0, 0, 0)], ids=["interlaced", "16 bits", "same"]
)
def test_a_second_head_is_left_to_pillow(ways: tuple[int, ...]) -> None:
    parts = list(chunks(encode(picture("RGB"), "PNG")))
    head = pack(">IIBBBBB", 37, 23, *ways)
    data = joined([parts[0], (b"IHDR", head), *parts[1:]])
    with Image.open(io.BytesIO(data)) as image:
        assert ours.usual(data, image) is None
