"""PDQ: the perceptual hash, as text, as bytes and from pixels.

The hash of pixels is bit-exact with `pdqhash` 0.2.8 on the same array, quality included. Steps before the pixels
(scaling, colour, orientation) belong to the hasher, and are named by `HASHER_ID`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.media.kernels import pdq_kernel

# Stored with every hash: published hashes of one picture differ by up to 14 bits with the hasher's pre-resize.
HASHER_ID = "tutela-pdq/4"
PRE_RESIZE = (
    "JPEG: luminance of the displayed colours, squares of 2, 4 or 8 pixels averaged while the shorter side keeps at "
    "least 180 samples, blurred with the window of the full size; none where the bits lie too close; frame of a video: "
    "its luminance plane, none; more than 100 megapixels: squares of 2, 4 or 8 pixels averaged; every other format: "
    "none"
)
# Below this quality a picture has too little structure for its hash to mean anything (PDQ README: discard <= 49).
MINIMUM_QUALITY = 50
# Two hashes at most this far apart are the same picture (PDQ README).
MATCH_DISTANCE = 31
# A side below this has no hash in the reference.
SMALLEST_SIDE = 5
HASH_BYTES = 32
VARIANTS = ("original", "rotate90", "rotate180", "rotate270", "flipx", "flipy", "flipplus1", "flipminus1")

_TEXT = re.compile(r"[0-9a-fA-F]{64}")

type Pixels = NDArray[np.uint8] | NDArray[np.float32]


class InvalidPdq(ValueError):
    """A PDQ hash is exactly 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True, order=True)
class PdqHash:
    """256 bits, in the byte order of the reference's text: `PdqHash.parse(t).value.hex() == t.lower()`."""

    value: bytes

    def __post_init__(self) -> None:
        if len(self.value) != HASH_BYTES:
            raise InvalidPdq(f"A PDQ hash must have {HASH_BYTES} bytes, not {len(self.value)}.")

    @classmethod
    def parse(cls, text: str) -> PdqHash:
        """Read 64 hexadecimal digits, of either case, and nothing else: no space, no newline.

        Raises `InvalidPdq`. The whole string is checked, because one hash with a trailing newline let into a list
        stops the next index build.
        """
        if _TEXT.fullmatch(text) is None:
            raise InvalidPdq(f"A PDQ hash must be exactly 64 hexadecimal digits; this text has {len(text)} characters.")
        return cls(bytes.fromhex(text))

    def __str__(self) -> str:
        return self.value.hex()

    def distance(self, other: PdqHash) -> int:
        """The number of bits that differ, 0 to 256."""
        return (int.from_bytes(self.value) ^ int.from_bytes(other.value)).bit_count()


def hash_pixels(pixels: Pixels) -> tuple[bytes, int]:
    """Hash (32 bytes) and quality (0-100) of luminance (rows × columns) or RGB (rows × columns × 3, uint8).

    A side below 5 pixels answers the all-zero hash of quality 0, as the reference does. Raises `ValueError` for
    luminance that is not finite and `TypeError` for another type or shape.
    """
    return pdq_kernel.hash_once(pixels)


def hash_variants(pixels: Pixels) -> tuple[tuple[bytes, ...], int]:
    """The eight hashes of a picture turned and mirrored, in the order of `VARIANTS`, and its quality."""
    return pdq_kernel.dihedral(pixels)


@dataclass(frozen=True, slots=True)
class Look:
    """PDQ hashes of a picture in eight positions with their quality, and its `structure` hashes.

    `stretched` is the quality of a picture below 50 once its contrast is stretched to the full range, which turns no
    bit; 0 unless at least 225 bits hold against the rounding of its levels. `clearance` states how far the PDQ bits of
    a scaled picture are from flipping. Both: native/pdq/hash.cpp.
    """

    variants: tuple[bytes, ...]
    quality: int
    structures: tuple[bytes, ...]
    stretched: int = 0
    clearance: float = math.inf


def look_at(pixels: Pixels) -> Look:
    """PDQ (as `hash_variants`) and structure of the same pixels, from one reduction."""
    return Look(*pdq_kernel.describe(pixels))


def look_on_grounds(white: NDArray[np.uint8], alpha: NDArray[np.uint8], grounds: Sequence[float]) -> list[Look]:
    """Hash, as `look_at`, a picture with transparency on each of some grounds, in grey levels from 0 to 255.

    `white`: its RGB on white; `alpha`: its opacity. Raises `ValueError` if they differ in size.
    """
    return [Look(*one) for one in pdq_kernel.describe_on_grounds(white, alpha, grounds)]


def look_at_scaled(luma: NDArray[np.uint8], rows: int, cols: int, scale: int) -> Look:
    """Hash, as `look_at`, a picture of `rows` × `cols` pixels that was reduced to 1/`scale`, rounded up.

    The filter is that of the full size. Raises `ValueError` for an array of another size or a side below 5 pixels.
    """
    return Look(*pdq_kernel.describe_scaled(luma, rows, cols, scale))


def luminance(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """0.299 R + 0.587 G + 0.114 B of RGB (rows × columns × 3), weighed in 64 bits and rounded to 32 once."""
    return pdq_kernel.luminance(rgb)
