"""Call the PDQ kernel with any array. Only this module imports the kernel.

The kernel reads rows that follow one another. Decoders, slices and turned pictures give other layouts: padded rows,
columns first, negative steps. They are copied here, and an array that holds no picture raises a `TypeError` that names
the type and shape it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tutela.media.kernels import _pdq

type Pixels = NDArray[np.uint8] | NDArray[np.float32]
type Bits = tuple[bytes, ...]


class _Form(NamedTuple):
    """A type and shape that the kernel takes; `last` is the length of the last axis, if it has one."""

    kind: np.dtype[Any]
    axes: int
    last: int | None
    said: str


_BYTES = _Form(np.dtype(np.uint8), 2, None, "uint8 rows × columns")
_FLOATS = _Form(np.dtype(np.float32), 2, None, "float32 rows × columns")
_COLOURS = _Form(np.dtype(np.uint8), 3, 3, "uint8 rows × columns × 3")
_BOXES = _Form(np.dtype(np.float64), 2, 4, "float64 boxes × 4")


def hash_once(pixels: Pixels) -> tuple[bytes, int]:
    """PDQ and quality of luminance (float32 or uint8) or RGB (uint8)."""
    return _pdq.hash(_made(pixels, _BYTES, _FLOATS, _COLOURS))


def dihedral(pixels: Pixels) -> tuple[Bits, int]:
    """PDQ in eight positions, and quality."""
    return _pdq.dihedral(_made(pixels, _BYTES, _FLOATS, _COLOURS))


def describe(pixels: Pixels) -> tuple[Bits, int, Bits, int]:
    """PDQ in eight positions, quality, structure in eight positions, and quality once the contrast is stretched.

    The last is 0 of a quality of 50 and above, and where rounding to whole levels decides too many bits.
    """
    return _pdq.describe(_made(pixels, _BYTES, _FLOATS, _COLOURS))


def describe_on_grounds(
    white: NDArray[np.uint8], alpha: NDArray[np.uint8], grounds: Sequence[float]
) -> list[tuple[Bits, int, Bits, int]]:
    """As `describe`, of a picture with transparency on each of some grounds. It is given on white, with its opacity."""
    return _pdq.describe_on_grounds(_made(white, _COLOURS), _made(alpha, _BYTES), list(grounds))


def describe_scaled(luma: NDArray[np.uint8], rows: int, cols: int, scale: int) -> tuple[Bits, int, Bits, int, float]:
    """As `describe`, and the clearance, of a picture of `rows` × `cols` that was reduced to 1/`scale`."""
    return _pdq.describe_scaled(_made(luma, _BYTES), rows, cols, scale)


def describe_turned(luma: NDArray[np.float32], rows: int, cols: int, scale: int) -> tuple[Bits, int, Bits]:
    """As `describe` without stretching, of a picture of `rows` × `cols` that was reduced to 1/`scale`.

    It is turned before it is hashed.
    """
    return _pdq.describe_turned(_made(luma, _FLOATS), rows, cols, scale)


def describe_plane(luma: NDArray[np.uint8], *, limited: bool) -> tuple[Bits, int, Bits, int]:
    """As `describe`, of a luminance plane. Padded rows are read where they are."""
    return _pdq.describe_plane(luma if _readable(luma) else _made(luma, _BYTES).copy(), limited)


def windows(
    luma: NDArray[np.float32], boxes: NDArray[np.float64], *, turned: bool
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """PDQ, structure, quality, and quality once stretched (`describe`) of each box of a plane.

    The boxes are upright or, `turned`, in eight positions.
    """
    return _pdq.windows(_made(luma, _FLOATS), _made(boxes, _BOXES), turned)


def luminance(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The luminance of RGB."""
    return _pdq.luminance(_made(rgb, _COLOURS))


def reduced(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.float32]:
    """Mean luminance of squares of `factor` pixels a side."""
    return _pdq.reduced(_made(pixels, _BYTES, _COLOURS), factor)


def steps(luma: NDArray[np.float32], least: float) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The number of steps of more than `least` levels between each two rows, and between each two columns."""
    return _pdq.steps(_made(luma, _FLOATS), least)


def next_marker(data: bytes, at: int) -> int:
    """The place of the next JPEG marker's code from `at` on; -1 without."""
    return _pdq.next_marker(data, at)


def unfiltered(data: bytes, rows: int, width: int, pixel_bytes: int) -> NDArray[np.uint8] | None:
    """Rows of a PNG without their filters; None for a filter that does not exist."""
    return _pdq.unfiltered(data, rows, width, pixel_bytes)


def simd_level() -> str:
    """The instruction set in use."""
    return _pdq.simd_level()


def _readable(luma: Any) -> bool:
    """Whether the kernel can read a plane in place: bytes of a row side by side, rows in order."""
    plane = isinstance(luma, np.ndarray) and luma.dtype == np.uint8 and luma.ndim == 2 and len(luma) > 1
    return plane and luma.strides[1] == 1 and luma.strides[0] >= luma.shape[1]


def _made(array: Any, *forms: _Form) -> Any:
    """The array in C order, aligned, in this machine's byte order; itself if it is so already. Raises TypeError."""
    given = np.asarray(array)
    kind = given.dtype.newbyteorder("=")
    for form in forms:
        if (kind, given.ndim) == form[:2] and form.last in (None, given.shape[-1]):
            return np.require(given, kind, ["C", "A"])
    raise TypeError(f"Give {' or '.join(form.said for form in forms)}, not {given.dtype} {list(given.shape)}.")
