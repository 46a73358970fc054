"""TMK+PDQF: a video as one fingerprint of 263,344 bytes, read from lists and compared, never made.

The file, little-endian: `TMK1` `FVEC` `PDQF`; five int32: frames a second, periods P, coefficients m, dimensions d,
frames; P int32 periods; m float32 Fourier coefficients; d float32, the mean of the frames' features; P × m × d float32
cosine features; as many sine features.

Two are comparable if algorithm, rate, periods, coefficients (within a millionth) and dimensions agree. *Level 1* is the
cosine of their means, -1 to 1: it measures whether they show the same content. *Level 2* is the best agreement over all
offsets in time, 0 to 1: it measures whether they show it in the same order. Source: "The TMK+PDQF Video-Hashing
Algorithm and the PDQ Image-Hashing Algorithm" (2019), and its reference implementation.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.matching.errors import MatchingError

MAGIC = b"TMK1FVECPDQF"
# The thresholds of the reference; its authors advise 0.9 and more for exact copies.
LEVEL_1, LEVEL_2 = 0.7, 0.7
# The reference writes 4 periods, 32 coefficients, 256 dimensions. Beyond these a file is made to fill a memory.
_MOST_PERIODS, _MOST_COEFFICIENTS, _MOST_DIMENSIONS, _LONGEST_PERIOD = 16, 64, 256, 1 << 16
_HEAD = struct.Struct("<12s5i")
MAX_BYTES = _HEAD.size + 4 * (16 + 64 + 256 + 2 * 16 * 64 * 256)
_SAME_COEFFICIENT = 1e-6

type Floats = NDArray[np.float32]


class TmkError(MatchingError):
    """A file is no TMK+PDQF fingerprint, or cannot be compared with the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """A fingerprint. `mean` has d values; `cosines` and `sines` are periods × coefficients × d."""

    rate: int
    frames: int
    periods: tuple[int, ...]
    coefficients: Floats
    mean: Floats
    cosines: Floats
    sines: Floats


@dataclass(frozen=True, slots=True)
class Scores:
    """Agreement of two videos: in content (`level_1`) and in its order (`level_2`)."""

    level_1: float
    level_2: float

    @property
    def agree(self) -> bool:
        """Whether both levels reach the reference's thresholds. A candidate: unlike videos at times do."""
        return self.level_1 >= LEVEL_1 and self.level_2 >= LEVEL_2


def read(data: bytes) -> Fingerprint:
    """The fingerprint in a file's bytes. Raises TmkError, naming what is wrong; no size in it is believed."""
    if len(data) < _HEAD.size or data[:12] != MAGIC:
        raise TmkError("The file does not begin like a TMK+PDQF fingerprint.")
    _, rate, periods, coefficients, dimensions, frames = _HEAD.unpack_from(data)
    bounds = ((periods, _MOST_PERIODS), (coefficients, _MOST_COEFFICIENTS), (dimensions, _MOST_DIMENSIONS))
    if any(not 1 <= count <= most for count, most in bounds) or rate < 1 or frames < 0:
        raise TmkError("The sizes in its header are impossible.")
    features = periods * coefficients * dimensions
    if len(data) != _HEAD.size + 4 * (periods + coefficients + dimensions + 2 * features):
        raise TmkError("The length of the file does not match its header.")
    lengths = np.frombuffer(data, "<i4", periods, _HEAD.size)
    if not all(1 <= length <= _LONGEST_PERIOD for length in lengths):
        raise TmkError("A period is not valid.")
    floats = np.frombuffer(data, "<f4", offset=_HEAD.size + 4 * periods).astype(np.float32)
    if not np.isfinite(floats).all() or np.abs(floats).max() > 1e6:
        raise TmkError("A value is not a number.")
    series, mean, cosines, sines = np.split(floats, np.cumsum([coefficients, dimensions, features]))
    shape = (periods, coefficients, dimensions)
    return Fingerprint(
        rate, frames, tuple(int(one) for one in lengths), series, mean, cosines.reshape(shape), sines.reshape(shape)
    )


def compare(one: Fingerprint, other: Fingerprint) -> Scores:
    """Both levels. Raises TmkError for fingerprints that were made differently."""
    if (one.rate, one.periods, one.cosines.shape) != (other.rate, other.periods, other.cosines.shape):
        raise TmkError("The fingerprints have different rates, periods or sizes.")
    larger = np.maximum(np.abs(one.coefficients), np.abs(other.coefficients))
    if (np.abs(one.coefficients - other.coefficients) > _SAME_COEFFICIENT * larger).any():
        raise TmkError("The fingerprints have different coefficients.")
    return Scores(_cosine(one.mean, other.mean), _best(one, other))


def _cosine(one: Floats, other: Floats) -> float:
    lengths = float(np.linalg.norm(one.astype(np.float64)) * np.linalg.norm(other.astype(np.float64)))
    return float(np.dot(one.astype(np.float64), other.astype(np.float64))) / lengths if lengths else 0.0


def _best(one: Fingerprint, other: Fingerprint) -> float:
    """K(δ) = c₀c₀ + Σ cos(jδ)·(CC + SS) + sin(jδ)·(SC - CS), at its largest over periods and whole offsets."""
    a, b, c, d = (part.astype(np.float64) for part in (one.cosines, one.sines, other.cosines, other.sines))
    along = (a * c).sum(axis=2) + (b * d).sum(axis=2)
    across = (b * c).sum(axis=2) - (a * d).sum(axis=2)
    constant = (a[:, 0] * c[:, 0]).sum(axis=1)
    steps = np.arange(1, a.shape[1])
    best = -np.inf
    for place, period in enumerate(one.periods):
        angles = np.outer(2 * np.pi * np.arange(period) / period, steps)
        score = constant[place] + np.cos(angles) @ along[place, 1:] + np.sin(angles) @ across[place, 1:]
        best = max(best, float(score.max()))
    whole = float(one.coefficients[0]) + 2 * float(one.coefficients[1:].astype(np.float64).sum())
    return best / whole if whole > 0 else 0.0
