"""TMK+PDQF fingerprints: read in full or refused, and scored as the reference scores them."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tutela.matching.video.tmk import MAGIC, Fingerprint, TmkError, compare, read

SAMPLES = Path(__file__).parents[3] / "fixtures" / "threatexchange"
# What the reference's tmk-two-level-score prints of them.
SCORES = {
    ("chair-20-sd-bar", "chair-22-sd-grey-bar"): (0.985930, 0.988437),
    ("chair-20-sd-bar", "pattern-sd-grey-bar"): (-0.050602, 0.022605),
    ("chair-22-sd-grey-bar", "pattern-sd-grey-bar"): (-0.047302, 0.018991),
}


def sample(name: str) -> Fingerprint:
    return read((SAMPLES / f"{name}.tmk").read_bytes())


def series(count: int, beta: float = 32.0) -> NDArray[np.float64]:
    """Poullot's coefficients, from the integral that defines the Bessel functions."""
    angle = (np.arange(4000) + 0.5) * np.pi / 4000
    bessel = np.array([np.mean(np.exp(beta * np.cos(angle)) * np.cos(j * angle)) for j in range(count)])
    out = bessel / np.sinh(beta)
    out[0] = (bessel[0] - np.exp(-beta)) / (2 * np.sinh(beta))
    return out


def made(frames: NDArray[np.float64], periods: tuple[int, ...] = (97, 131), count: int = 8, rate: int = 15) -> bytes:
    """The fingerprint of a video, written from the definition alone: frames are their features, one a row."""
    coefficients = series(count)
    unit = frames / np.linalg.norm(frames, axis=1, keepdims=True)
    shape = (len(periods), count, frames.shape[1])
    cosines, sines = np.zeros(shape), np.zeros(shape)
    for i, period in enumerate(periods):
        for j in range(count):
            angle = 2 * np.pi * j * np.arange(len(frames)) / period
            for out, wave in ((cosines, np.cos(angle)), (sines, np.sin(angle) * (j > 0))):
                total = wave @ unit
                length = np.linalg.norm(total)
                out[i, j] = total / (length or 1) * np.sqrt(coefficients[j])
    head = struct.pack("<12s5i", MAGIC, rate, len(periods), count, frames.shape[1], len(frames))
    floats = np.concatenate([coefficients, frames.mean(axis=0), cosines.ravel(), sines.ravel()]).astype("<f4")
    return head + np.array(periods, "<i4").tobytes() + floats.tobytes()


FRAMES = np.cumsum(np.random.default_rng(3).normal(size=(90, 24)), axis=0)
FILE = made(FRAMES)


@pytest.mark.parametrize("pair", SCORES)
def test_the_references_own_files_are_scored_as_the_reference_scores_them(pair: tuple[str, str]) -> None:
    one, other = (sample(name) for name in pair)
    scores = compare(one, other)
    assert (scores.level_1, scores.level_2) == pytest.approx(SCORES[pair], abs=2e-6)
    assert scores.agree is (SCORES[pair][0] > 0.9)
    assert (one.rate, one.periods, one.mean.shape) == (15, (2731, 4391, 9767, 14653), (256,))


def test_a_video_agrees_wholly_with_itself_and_with_itself_later() -> None:
    same = compare(read(FILE), read(FILE))
    assert (same.level_1, same.level_2) == pytest.approx((1.0, 1.0), abs=1e-5)
    later = compare(read(FILE), read(made(np.concatenate([FRAMES[-6:], FRAMES[:-6]]))))
    assert later.level_1 == pytest.approx(1.0, abs=1e-5)
    assert later.level_2 > 0.7
    assert later.agree


def test_another_video_does_not_agree() -> None:
    other = np.cumsum(np.random.default_rng(8).normal(size=(90, 24)), axis=0)
    assert not compare(read(FILE), read(made(other))).agree


def test_comparing_is_symmetric() -> None:
    one, other = read(FILE), read(made(FRAMES[::-1].copy()))
    forwards, backwards = compare(one, other), compare(other, one)
    assert (forwards.level_1, forwards.level_2) == pytest.approx((backwards.level_1, backwards.level_2))


def test_an_empty_mean_agrees_with_nothing() -> None:
    silent = bytearray(FILE)
    at = 32 + 4 * 2 + 4 * 8
    silent[at : at + 4 * 24] = bytes(4 * 24)
    assert compare(read(bytes(silent)), read(FILE)).level_1 == 0.0


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (made(FRAMES, rate=30), "rates"),
        (made(FRAMES, (97, 133)), "periods"),
        (made(FRAMES, count=9), "sizes"),
        (made(FRAMES[:, :20]), "sizes"),
    ],
)
def test_what_was_made_differently_is_not_compared(other: bytes, reason: str) -> None:
    with pytest.raises(TmkError, match=reason):
        compare(read(FILE), read(other))


def test_other_coefficients_are_not_compared() -> None:
    changed = bytearray(FILE)
    struct.pack_into("<f", changed, 32 + 8, float(series(8)[0]) * 1.001)
    with pytest.raises(TmkError, match="coefficients"):
        compare(read(FILE), read(bytes(changed)))


@pytest.mark.parametrize("cut", [0, 5, 12, 31, 32, 100, len(FILE) - 1])
def test_a_file_that_is_cut_is_refused(cut: int) -> None:
    with pytest.raises(TmkError):
        read(FILE[:cut])


@pytest.mark.parametrize("value", [0, -1, 1 << 30, 0x7FFFFFFF])
@pytest.mark.parametrize("place", range(5))
def test_no_size_in_a_file_is_believed(place: int, value: int) -> None:
    changed = bytearray(FILE)
    struct.pack_into("<i", changed, 12 + 4 * place, value)
    if place in (0, 4) and value > 0:
        assert read(bytes(changed))
        return
    if place == 4 and value == 0:
        assert read(bytes(changed)).frames == 0
        return
    with pytest.raises(TmkError):
        read(bytes(changed))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30])
def test_a_value_that_is_no_number_is_refused(value: float) -> None:
    changed = bytearray(FILE)
    struct.pack_into("<f", changed, len(FILE) - 400, value)
    with pytest.raises(TmkError, match="number"):
        read(bytes(changed))


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=6), st.integers(0, 40))
def test_any_bytes_are_read_or_refused(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(FILE)
    for at, value in changes:
        data[at] = value
    with contextlib.suppress(TmkError):
        found = read(bytes(data[: len(data) - cut]))
        assert np.isfinite(compare(found, found).level_2)
