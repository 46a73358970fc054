"""The kernels on another processor: NEON, built for aarch64 and run in an emulator, answers what this machine answers.

Nothing else ever runs that code on a machine without it. The programs are `native/checks`; they need no Python.
Functions and searches are compared with the scalar level of the same processor, PDQ with the kernel loaded here.
"""

from __future__ import annotations

import platform
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.pictures import landscape, texture
from tutela.matching.kernels import _hamming
from tutela.media.kernels import _pdq

NATIVE = Path(__file__).resolve().parents[2] / "native"
# As CMakeLists.txt has them.
FLAGS = ("-std=c++20", "-O3", "-Wall", "-Wextra", "-ffp-contract=off", "-static")
COMPILER, EMULATOR = shutil.which("aarch64-linux-gnu-g++") or "", shutil.which("qemu-aarch64") or ""
elsewhere = pytest.mark.skipif(
    not (COMPILER and EMULATOR) or platform.machine() == "aarch64",
    reason="no aarch64 to emulate (g++-aarch64-linux-gnu, qemu-user)",
)
RGB, LUMA, FLOATS, SCALED, TURNED, PLANE, WINDOW, LUMINANCE, REDUCED = range(9)

type Run = Callable[..., list[str]]
type Request = tuple[bytes, str]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Builds a check with a kernel's sources and runs it; the lines that it prints."""
    folder = tmp_path_factory.mktemp("checks")

    def run(check: str, kernel: str, compiler: str, emulator: Sequence[str] = (), given: bytes = b"") -> list[str]:
        sources = [NATIVE / "checks" / f"{check}.cpp", *(NATIVE / kernel).glob("*.cpp")]
        sources = [source for source in sources if source.name != "module.cpp"]
        subprocess.run([compiler, *FLAGS, *map(str, sources), "-o", str(folder / check)], check=True)
        ran = subprocess.run([*emulator, str(folder / check)], input=given, capture_output=True, timeout=300)
        assert ran.returncode == 0, ran.stdout.decode() + ran.stderr.decode()
        return ran.stdout.decode().splitlines()

    return run


def test_every_level_of_this_processor_does_what_the_scalar_one_does(program: Run) -> None:
    assert [line.split(":")[0] for line in program("hamming_levels", "hamming", "g++")] == _hamming.simd_levels()


@elsewhere
def test_neon_does_what_the_scalar_level_does(program: Run) -> None:
    scalar, neon = program("hamming_levels", "hamming", COMPILER, [EMULATOR])
    assert (scalar.split(":")[0], neon.split(":")[0]) == ("scalar", "neon")
    assert not neon.endswith(" 0 hits")


@elsewhere
def test_pictures_have_the_hashes_on_aarch64_that_they_have_here(program: Run) -> None:
    requests, answers = zip(*asked(), strict=True)
    level, *found = program("pdq_answers", "pdq", COMPILER, [EMULATOR], b"".join(requests))
    assert level == "neon"
    assert found == list(answers)


def request(kind: int, samples: NDArray[np.generic], *given: int) -> bytes:
    rows, cols = samples.shape[:2]
    return struct.pack("<7I", kind, rows, cols, *given, *[0] * (4 - len(given))) + samples.tobytes()


def said(
    variants: Sequence[bytes], quality: int, structures: Sequence[bytes], stretched: int = 0, *clearance: float
) -> str:
    words = [b"".join(variants).hex(), str(quality), b"".join(structures).hex(), str(stretched)]
    return " ".join([*words, *(struct.pack("<f", one).hex() for one in clearance)])


def asked() -> Iterator[Request]:
    """Every function of the kernel, on pictures of even and uneven sizes, long, flat and of noise alone."""
    rng = np.random.default_rng(9)
    noise = rng.integers(0, 256, (131, 77, 3), np.uint8)
    flat = np.full((70, 90, 3), 200, np.uint8)
    pictures = [landscape(1, 403, 301), texture(2, 128, 128), texture(3, 65, 530), noise, flat, texture(4, 9, 7)]
    pictures += [texture(5, 300, 200) // 8 + 90, texture(6, 120, 90) // 5]
    for rgb in pictures:
        luma = np.ascontiguousarray(rgb[..., 1])
        floats = _pdq.luminance(rgb)
        for kind, samples in ((RGB, rgb), (LUMA, luma), (FLOATS, floats)):
            yield request(kind, samples), said(*_pdq.describe(samples))
        yield request(LUMINANCE, rgb), floats.tobytes().hex()
        for limited in (False, True):
            yield request(PLANE, luma, limited), said(*_pdq.describe_plane(luma, limited))
        for scale in (2, 4, 8):
            less = _pdq.reduced(luma, scale)
            yield request(REDUCED, luma, scale), less.tobytes().hex()
            rows, cols = luma.shape
            given, bytes_ = (rows, cols, scale), np.rint(less).astype(np.uint8)
            yield request(SCALED, bytes_, *given), said(*_pdq.describe_scaled(bytes_, *given))
            yield request(TURNED, less, *given), said(*_pdq.describe_turned(less, *given))
        for left, top in ((0, 0), (1, 2)):
            box = (left, top, luma.shape[1] - 2 * left, luma.shape[0] - top)
            hashes, structures, qualities, stretched = _pdq.windows(floats, np.array([box], np.float64), True)
            answer = ([*map(bytes, hashes[0])], int(qualities[0]), [*map(bytes, structures[0])], int(stretched[0]))
            yield request(WINDOW, floats, *box), said(*answer)
