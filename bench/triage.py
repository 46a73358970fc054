"""Triage of disk images against `hashdeep` (digests alone) and Pillow + pdqhash + faiss, and memory that stays flat.

- Two ext4 images are made here: many files of noise, and pictures. Their folders are read by the peers.
- On bytes the quick pass, which reads digests alone, is compared with hashdeep on the files of noise. Both find the
  same digests, or nothing is measured.
- On pictures the complete pass, with a list of 100,000 hashes, is compared with Pillow, pdqhash and a flat index of
  faiss on as many processes as there are cores, over a part of the same pictures. Hashes differ by 10 bits at most,
  or nothing is measured. Ours also computes digests, turned and mirrored hashes and camera facts, in the sandbox.
- A stub reader hands out millions of entries whose files are empty: what grows with the number of files shows there.

Tools that are not installed are left out with a note.
"""

from __future__ import annotations

import csv
import io
import itertools
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, figure, machine, note, report, seconds
from tests.support.pictures import landscape
from tests.support.triage_world import authorisation, ext4_image

from tutela.forensics.authorisation import load_authorisation
from tutela.forensics.case_folder.case import Case
from tutela.forensics.lists.reference_list import ListRole, add_list
from tutela.forensics.pipeline.run import TriageRun
from tutela.forensics.pipeline.start import start_case
from tutela.forensics.sources.source_file import SourceFile
from tutela.matching import MIN_QUALITY, Record
from tutela.media import HasherPool

PICTURES, NOISE, SAMPLE = (20, 100, 10) if QUICK else (20_000, 180_000, 2_000)
# Different scenes; each picture of a scene has another brightness, and so other bytes.
SCENES = 20 if QUICK else 500
LISTED = 2_000 if QUICK else 100_000
STUB = (500, 2_000) if QUICK else (10_000, 1_000_000, 5_000_000)
JOBS = os.cpu_count() or 2
# A JPEG of quality 80 or more, reduced before it is hashed, stays within ten bits of its hash at full size.
RADIUS, MOST_DIFFERENT_BITS = 31, 10
NOW = datetime(2026, 11, 30, tzinfo=UTC)
NEVER = 10**9
faiss: Any = import_module("faiss") if find_spec("faiss") else None
pdqhash: Any = import_module("pdqhash") if find_spec("pdqhash") else None


class StubDevice:
    """So many files of no bytes."""

    def __init__(self, count: int) -> None:
        self._count = count

    def list_files(self) -> Iterator[SourceFile]:
        """Every file."""
        return (SourceFile(f"folder {number // 1000}/{number}.txt", b"", 0, 1.0) for number in range(self._count))

    def read_file(self, locator: bytes, most: int) -> bytes:
        """Nothing."""
        return b""

    def read_files(self, locators: Sequence[bytes], most: int) -> Iterator[bytes | None]:
        """Nothing, so many times."""
        return iter([b""] * len(locators))

    def read_pieces(self, locator: bytes) -> Iterator[bytes]:
        """Nothing."""
        return iter(())

    def close(self) -> None:
        """Nothing to close."""


def fill(root: Path) -> tuple[int, int]:
    """Files of noise, most of them small as on devices, and pictures; returns the bytes of both."""
    rng = np.random.default_rng(1)
    noise = sum(_write(root / "noise", number, "bin", rng.bytes(_noise_size(rng, number))) for number in range(NOISE))
    with ProcessPoolExecutor(JOBS) as workers:
        scenes = workers.map(_scene, itertools.repeat(root / "pictures", SCENES), range(SCENES), chunksize=4)
        return noise, sum(scenes)


def _noise_size(rng: np.random.Generator, number: int) -> int:
    return 5_000_000 if number % 1000 == 0 else int(rng.integers(1, 40_000))


def _scene(root: Path, scene: int) -> int:
    """Write the pictures of a scene; returns their bytes."""
    pixels, each = landscape(scene, 1200, 900).astype(np.int16), PICTURES // SCENES
    return sum(_write(root, scene * each + number, "jpg", _picture(pixels + number - 20)) for number in range(each))


def _picture(pixels: NDArray[np.int16]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=85)
    return out.getvalue()


def _write(root: Path, number: int, ending: str, data: bytes) -> int:
    folder = root / str(number // 500)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number}.{ending}").write_bytes(data)
    return len(data)


def begin(root: Path, name: str, device: Path) -> Case:
    """A case that was started."""
    allowed = load_authorisation(authorisation(root / f"{name}.json", device))
    return start_case(root / name, allowed, now=NOW, writable_source=True)


def against_hashdeep(root: Path, pool: HasherPool, image: Path, size: int) -> None:
    """Digests alone of the files of noise, and then their complete pass."""
    with begin(root, "noise", image) as case:
        took = seconds(lambda: TriageRun(case, pool, JOBS, quick_seconds=NEVER).run(complete=False))
        ours = {row["sha256"] for row in case.each("SELECT sha256 FROM quick")}
        whole = seconds(TriageRun(case, pool, JOBS).run)
    figure("triage_quick_bytes", size / took / 1e6, "MB/s", "none")
    figure("triage_noise_files", NOISE / whole, "files/s", "none")
    if not shutil.which("hashdeep"):
        note("hashdeep is not installed")
        return
    command = ["hashdeep", "-c", "md5,sha1,sha256", "-r", str(root / "source" / "noise")]
    began = time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    other = time.monotonic() - began
    lines = (line for line in done.stdout.splitlines() if not line.startswith(("%", "#")))
    if {row[3] for row in csv.reader(lines)} != ours:
        sys.exit("hashdeep found other digests")
    figure("triage_bytes_ratio", other / took, "times", ">=1")


def against_pdqhash(root: Path, pool: HasherPool, image: Path) -> None:
    """Pictures, hashed and looked up in a list."""
    listed = np.random.default_rng(2).integers(0, 256, (LISTED, 32), dtype=np.uint8)
    records = (Record(UUID(int=n), pdq=((one.tobytes().hex(), MIN_QUALITY),)) for n, one in enumerate(listed, 1))
    with begin(root, "pictures", image) as case:
        add_list(case, ListRole.KNOWN, root / "list", records)
        took = seconds(TriageRun(case, pool, JOBS).run)
        rows = case.rows("SELECT name, pdq FROM item")
        ours = {Path(row["name"]).name: row["pdq"] for row in rows}
    figure("triage_pictures", PICTURES / took, "pictures/s", "none")
    if faiss is None or pdqhash is None:
        note("faiss or pdqhash is not installed")
        return
    paths = sorted((root / "source" / "pictures").rglob("*.jpg"))[:: PICTURES // SAMPLE]
    np.save(root / "listed.npy", listed)
    with ProcessPoolExecutor(JOBS, initializer=_open_index, initargs=(root / "listed.npy",)) as workers:
        list(workers.map(_peer, paths[: 2 * JOBS]))
        began = time.monotonic()
        found = list(workers.map(_peer, paths, chunksize=8))
        other = (time.monotonic() - began) / len(paths)
    bits = [_bits(ours[path.name], looks) for path, looks in zip(paths, found, strict=True)]
    apart = max(bits)
    note(f"{len(paths)} pictures of the peer; hashes {statistics.median(bits):g} bits apart, at most {apart}")
    if apart > MOST_DIFFERENT_BITS:
        sys.exit("pdqhash found other hashes")
    figure("triage_pictures_ratio", other / (took / PICTURES), "times", ">=8")


_index: list[Any] = []


def _open_index(path: Path) -> None:
    faiss.omp_set_num_threads(1)
    index = faiss.IndexBinaryFlat(256)
    index.add(np.load(path))
    _index.append(index)


def _peer(path: Path) -> bytes:
    """Decode, hash, look up; returns the hash."""
    with Image.open(path) as opened:
        bits, _quality = pdqhash.compute(np.asarray(opened.convert("RGB")))
    looks = np.packbits(bits.astype(np.uint8))
    _index[0].range_search(looks[None, :], RADIUS + 1)
    return looks.tobytes()


def _bits(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def flat(root: Path) -> None:
    """Memory of a run over more and more files of a stub reader, each run in a process of its own."""
    held = []
    for count in STUB:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
            took, most = own.submit(_stub_run, root, count).result()
        held.append(most)
        figure(f"triage_stub_{count}", count / took, "files/s", "none")
    figure("triage_memory_growth", held[-1] / held[0], "times", "<=1.2")


def _stub_run(root: Path, count: int) -> tuple[float, int]:
    """Seconds of a run, and the most bytes that its process has held."""
    opener = lambda *_: StubDevice(count)  # noqa: E731
    with HasherPool(workers=JOBS) as pool, begin(root, f"stub-{count}", root / "source") as case:
        took = seconds(TriageRun(case, pool, JOBS, opener=opener).run)
    return took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    machine()
    with tempfile.TemporaryDirectory() as folder, HasherPool(workers=JOBS) as pool:
        root = Path(folder)
        noise, pictures = fill(root / "source")
        note(f"{NOISE} files of noise, {noise / 1e9:.1f} GB; {PICTURES} pictures, {pictures / 1e9:.1f} GB")
        against_hashdeep(root, pool, _image(root, "noise", noise, NOISE), noise)
        against_pdqhash(root, pool, _image(root, "pictures", pictures, PICTURES))
        flat(root)
    report()


def _image(root: Path, name: str, size: int, files: int) -> Path:
    """An ext4 image of a folder, with room for the file system."""
    return ext4_image(root / f"{name}.img", root / "source" / name, (size + files * 8192) * 5 // 4 // (1 << 20) + 64)


if __name__ == "__main__":
    main()
