"""Damaged pictures of every format, changed once more: `python -m tests.fuzz.fuzz_salvage [seconds]`.

What is salvaged is described or refused, whatever the bytes are, and icons, SVGs and data URIs likewise; a crash prints
its seed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from functools import cache
from itertools import islice

from tests.fuzz.fuzz_decode import mutate, target
from tests.fuzz.running import run
from tests.support.mutations import FORMATS
from tests.support.mutations.pieces import Kinds
from tutela.media.formats import icons
from tutela.media.images import embedded
from tutela.media.limits import Limits
from tutela.media.results import Described, Refusal
from tutela.media.salvage import bmp

LIMITS = Limits(max_pixels=1_000_000, max_frames=50)


@cache
def _kinds(place: int) -> Kinds:
    return FORMATS[place].kinds(FORMATS[place].write(0))


def _file(rng: random.Random) -> bytes:
    kinds = _kinds(rng.randrange(len(FORMATS)))
    return kinds[rng.choice(list(kinds))](rng)


def one(seed: int) -> bool:
    """One file; True if it was described."""
    rng = random.Random(seed)
    data = mutate(rng, _file(rng), _file(rng))
    return isinstance(target(data, LIMITS), Described)


def icon(seed: int) -> bool:
    """An icon's directory and its bitmaps; True if any gave pixels."""
    rng = random.Random(seed)
    kinds = _kinds([form.name for form in FORMATS].index("ico"))
    data = mutate(rng, kinds[rng.choice(list(kinds))](rng), bytes(64))
    return any(_bitmaps(picture) for picture in icons.pictures(data))


def _bitmaps(data: bytes) -> bool:
    try:
        if not icons.is_bitmap(data):
            return False
        about = bmp.read(data.ljust(64, b"\0"), 0)
        return about.width * about.height < LIMITS.max_pixels and any(True for _ in icons.bitmaps(data, LIMITS))
    except Refusal:
        return False


def texts(seed: int) -> bool:
    """An SVG or a data URI; True if it held anything."""
    rng = random.Random(seed)
    kinds = _kinds([form.name for form in FORMATS].index("svg"))
    data = mutate(rng, kinds[rng.choice(list(kinds))](rng)[:6000], b"\"&<>'()#%;,data:image/png;base64," * 4)
    return any(True for _ in _held(data))


def _held(data: bytes) -> Iterator[bytes]:
    yield from islice(embedded.pictures(data, LIMITS).pictures, 8)
    yield from islice(embedded.of_uri(data, LIMITS).pictures, 8)
    embedded.is_svg(data)
    embedded.is_data_uri(data)


if __name__ == "__main__":
    run(lambda seed: (one(seed), icon(seed), texts(seed)), int.from_bytes(os.urandom(4)))
