"""Mutants whole and undamaged: the picture in its alpha, for a moment among others, enlarged, or in a film with others.

The kinds' names tell a browser how to look: `ON_BLACK` on a black page, `TIMED` at what is shown longest. Pixels of
alpha are derived from what a page is to show: a sample of colour `c` and opacity `a` shows `c a + g (1 - a)` on a
ground `g`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support.mutations.pieces import Kinds, image
from tests.support.pictures import encode, texture
from tests.support.videos import usual_priority

ON_BLACK, TIMED = "on black: ", "timed: "
# Times for which another picture is shown, in milliseconds: around those from which browsers and viewers take them.
MOMENTS = (10, 12, 15, 19, 20, 30, 50)
LONG, FILM_RATE, FILM_SECONDS = 3000, 20, 3
# Factors of enlargement; the last gives more than a hundred megapixels.
LARGER = (3, 9, 58)

type Levels = NDArray[np.float64]


def alpha(number: int, format_name: str, **options: Any) -> Kinds:
    """The picture in the alpha channel alone, and with another one that a white page shows."""
    levels = np.asarray(image(number, "L")).astype(np.float64)
    also = texture(70 + number, *levels.shape[::-1]).mean(axis=2)

    def made(colour: Levels, opacity: Levels) -> bytes:
        planes = [np.clip(np.rint(one), 0, 255).astype(np.uint8) for one in (colour, colour, colour, opacity)]
        return encode(Image.fromarray(np.stack(planes, axis=2)), format_name, **options)

    def same(colour: float) -> Levels:
        return np.full(levels.shape, colour)

    def both(ours: Levels, others: Levels) -> bytes:
        opacity = 255 - (others - ours)
        return made(255 * ours / np.maximum(opacity, 1), opacity)

    dark, light = levels / 2, 128 + levels / 2
    return {
        f"{ON_BLACK}white, opacity of the picture": lambda _: made(same(255), levels),
        f"{ON_BLACK}light grey, opacity of the picture": lambda _: made(same(230), levels),
        f"{ON_BLACK}grain, opacity of the picture": lambda rng: made(
            np.random.default_rng(rng.getrandbits(32)).uniform(235, 255, levels.shape), levels
        ),
        f"{ON_BLACK}another picture on white": lambda _: both(dark, 128 + also / 2),
        "black, opacity of the negative": lambda _: made(same(0), 255 - levels),
        "dark grey, opacity of the negative": lambda _: made(same(20), 255 - levels),
        "another picture on black": lambda _: both(also / 2, light),
    }


def sizes(number: int, format_name: str, larger: Sequence[int] = LARGER, **options: Any) -> Kinds:
    """The picture enlarged and reduced, and with sides in another proportion."""
    whole = image(number)
    wide, high = whole.size

    def resized(across: float, down: float) -> Callable[[Random], bytes]:
        size = (round(wide * across), round(high * down))
        return lambda _: encode(whole.resize(size, Image.Resampling.BILINEAR), format_name, **options)

    kinds: Kinds = {f"enlarged {by} times": resized(by, by) for by in larger}
    kinds |= {f"reduced to {share}": resized(share, share) for share in (0.3, 0.5, 0.8)}
    return kinds | {
        f"{across} times as wide, {down} times as high": resized(across, down)
        for across, down in ((2, 0.5), (0.5, 2), (4, 1), (1, 4))
    }


def times(number: int, format_name: str, **options: Any) -> Kinds:
    """The picture in an animation with others that are shown for less."""
    ours = image(number)
    others = [Image.fromarray(texture(50 + k, *ours.size)) for k in range(8)]

    def moving(frames: Sequence[Image.Image], durations: Sequence[int], loop: int | None = 0) -> bytes:
        given = dict(options, loop=loop) if loop is not None else options
        return encode(
            frames[0], format_name, save_all=True, append_images=frames[1:], duration=list(durations), **given
        )

    kinds: Kinds = {}
    for ms in MOMENTS:
        kinds[f"{TIMED}another for {ms} ms first"] = lambda _, ms=ms: moving([others[0], ours], [ms, LONG])
        kinds[f"{TIMED}others for {ms} ms between"] = lambda _, ms=ms: moving(
            [one for k in range(4) for one in (others[k], ours)], [ms, LONG // 4] * 4
        )
        kinds[f"{TIMED}eight for {ms} ms, then the picture"] = lambda _, ms=ms: moving(
            [*others, ours], [ms] * 8 + [LONG]
        )
    kinds[f"{TIMED}last of one turn"] = lambda _: moving([*others, ours], [40] * 9, 1 if format_name != "GIF" else None)
    kinds[f"{TIMED}longest of many"] = lambda rng: moving([*others[:4], ours, *others[4:]] * 3, _mixed(rng))
    return kinds


def _mixed(rng: Random) -> list[int]:
    """Times of three turns of nine pictures, of which the fifth is shown longest in all."""
    return [rng.randint(150, 250) if place % 9 == 4 else rng.choice((20, 60, 100)) for place in range(27)]


def films(number: int, container: str, codec: str, codec_options: dict[str, str]) -> Kinds:
    """A film of the picture in which others are shown for a frame or two."""
    whole = FILM_RATE * FILM_SECONDS

    def at(*places: int) -> Callable[[Random], bytes]:
        return lambda _: _film(number, frozenset(places), container, codec, codec_options)

    marks = range(0, whole, FILM_RATE)
    ways = {
        "another first": at(0),
        "others in the first fifth of a second": at(0, 1, 2, 3),
        "another at each second": at(*marks),
        "another around each second": at(*(one + by for one in marks for by in (-1, 0, 1) if one + by >= 0)),
        "another behind each second": at(*(one + 1 for one in marks)),
        "another at each half second": at(*range(0, whole, FILM_RATE // 2)),
        "another in each middle of a second": at(*(one + FILM_RATE // 2 for one in marks)),
        "another at each fifth frame": at(*range(0, whole, 5)),
        "another last": at(whole - 1),
        "none": at(),
    }
    return {f"{TIMED}{name}": make for name, make in ways.items()}


def _film(number: int, others: frozenset[int], container: str, codec: str, codec_options: dict[str, str]) -> bytes:
    width, height = 224, 160
    ours = image(number).resize((width, height))
    out = io.BytesIO()
    with usual_priority(), av.open(out, "w", format=container) as opened:
        stream = opened.add_stream(codec, rate=FILM_RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.options = codec_options
        stream.codec_context.thread_count = 1
        for at in range(FILM_RATE * FILM_SECONDS):
            shown = Image.fromarray(texture(60 + at % 8, width, height)) if at in others else ours
            frame = av.VideoFrame.from_image(shown)
            frame.pts = at
            opened.mux(stream.encode(frame))
        opened.mux(stream.encode())
    return out.getvalue()
