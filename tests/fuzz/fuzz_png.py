"""PNGs that are decoded at once, beside Pillow: `python -m tests.fuzz.fuzz_png [seconds]`; a crash prints its seed.

Half of the files hold random rows under any filters, well packed, so that all of them are undone; the others are
mutated as a whole. Whatever is taken at once must be what Pillow makes of it, to the byte.
"""

from __future__ import annotations

import io
import os
import random
import zlib
from struct import pack

import numpy as np
from PIL import Image

from tests.fuzz.fuzz_decode import mutate
from tests.fuzz.running import run
from tutela.media.formats import png
from tutela.media.formats.picture_formats import inspect
from tutela.media.pixels.colour import pixels_of
from tutela.media.results import Refusal

# Colour type and bytes a pixel.
_KINDS = ((0, 1), (2, 3), (3, 1), (4, 2), (6, 4))


def _made(rng: random.Random) -> bytes:
    """Some picture of random rows, now and then with a filter that is none or a byte too many or too few."""
    (colour, channels), width, height = rng.choice(_KINDS), rng.randint(1, 40), rng.randint(1, 20)
    rows = bytearray()
    for _ in range(height):
        rows += bytes([rng.choice((0, 1, 2, 3, 4) if rng.random() < 0.99 else (5, 255))])
        rows += rng.choice((rng.randbytes(width * channels), bytes([rng.randrange(256)]) * (width * channels)))
    rows = rows if rng.random() < 0.9 else rng.choice((rows + b"\0", rows[:-1]))
    body = zlib.compress(bytes(rows), rng.randint(0, 9))
    cut = rng.randint(0, len(body))
    parts = [(b"IHDR", pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))]
    parts += [(b"PLTE", rng.randbytes(3 * rng.randint(1, 256)))] if colour == 3 else []
    parts += [(b"tRNS", rng.randbytes({0: 2, 2: 6}.get(colour, rng.randint(1, 9))))] if rng.random() < 0.2 else []
    parts += [(b"IDAT", body[:cut]), (b"IDAT", body[cut:])]
    parts += [(rng.choice((b"tEXt", b"tIME", b"eXIf")), b"Comment\0x")] if rng.random() < 0.2 else []
    made = (pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body)) for kind, body in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(made) + b"\0\0\0\0IEND\xaeB`\x82"


def one(seed: int) -> bool:
    """One file; True if it was taken at once."""
    rng = random.Random(seed)
    data = _made(rng) if rng.random() < 0.5 else mutate(rng, _made(rng), _made(rng))
    try:
        about = inspect(data)
        if about.cut:
            return False
        end = about.end
        with Image.open(io.BytesIO(data[:end]), formats=["PNG"]) as image:
            found = png.usual(data, image)
            quick = None if found is None else found.seen()
        if quick is None:
            return False
    except (Refusal, OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return False
    with Image.open(io.BytesIO(data[:end]), formats=["PNG"]) as image:
        image.load()
        assert np.array_equal(quick.pixels, pixels_of(image))
    return True


if __name__ == "__main__":
    run(one, int.from_bytes(os.urandom(4)))
