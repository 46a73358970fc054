"""Pictures near the hundred megapixels that are admitted are hashed within the memory and the time of one picture."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from struct import pack

import numpy as np
import pytest
from PIL import Image

from tests.support.mutations.png import IEND, SIGNATURE, chunk
from tests.support.pictures import encode, texture
from tutela.media import Hashed, HasherPool
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels

SMALL = texture(3, 500, 500)
TRUE = PdqHash(hash_pixels(SMALL)[0])


def png(side: int, depth: int, colour: int) -> bytes:
    """Every sample of the small picture as a square of many, and a transparency that hides nothing where asked for."""
    places = np.arange(side) * len(SMALL) // side
    samples = SMALL if colour == 2 else np.dstack([SMALL, np.full(SMALL.shape[:2], 255, np.uint8)])
    rows = samples[:, places].astype(">u2") * 257 if depth == 16 else samples[:, places]
    packed = zlib.compressobj(1)
    body = b"".join(packed.compress(b"\0" + rows[place].tobytes()) for place in places) + packed.flush()
    head = pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(*IEND)


def webp() -> bytes:
    wide = Image.fromarray(SMALL).resize((16383, 6000), Image.Resampling.NEAREST)
    return encode(wide, "WEBP", quality=60, method=0)


LARGE: dict[str, Callable[[], bytes]] = {
    "PNG of 9999 × 9999": lambda: png(9999, 8, 2),
    "PNG of 9999 × 9999 with transparency": lambda: png(9999, 8, 6),
    "PNG of 9000 × 9000 and 16 bits": lambda: png(9000, 16, 2),
    "WebP of 16383 × 6000": webp,
}


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=1, limits=Limits(seconds=120)) as pool:
        yield pool


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_picture_near_the_limit_is_hashed(pool: HasherPool, name: str) -> None:
    answer = pool.hash_bytes(LARGE[name](), tenant="house")
    assert isinstance(answer, Hashed), answer
    assert TRUE.distance(PdqHash(answer.frames[0].pdq)) <= MATCH_DISTANCE
    assert not answer.notes
