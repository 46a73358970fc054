"""An Edge over HTTP: look-ups against a long list, and pictures hashed and matched beside python-threatexchange.

Look-ups: a list of ten million entries, each with SHA-256, MD5 and PDQ; every tenth question is for a listed item. wrk
asks from a process of its own on the same cores. Pictures: the same files through the Edge (upload, cage, digests,
eight forms, answer) and through the published hashing and index of python-threatexchange, without any HTTP and in as
many processes; same list of PDQ hashes. Beside HMA itself, over HTTP, where its source is (`edge_against_hma`).
Pictures are those of the tests, and of `corpus/` (TUTELA_CORPUS) where it is.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import edge_against_hma
import edge_lists
import edge_load
from figures import QUICK, ROUNDS, figure, machine, note, report
from tests.support.pictures import photos

from tutela.matching import MatchList, Snapshot, simd_level
from tutela.media import digest_bytes
from tutela.media.images import decode
from tutela.media.limits import Level, Limits

COUNT, MATCHED, SECONDS = (10_000, 2_000, 1) if QUICK else (10_000_000, 1_000_000, 6)
PICTURES = 2 if QUICK else 240
CORES = len(os.sched_getaffinity(0))
CORPUS = Path(os.environ.get("TUTELA_CORPUS", "corpus"))
KINDS = {"sha256": ("single", "batch"), "pdq": ("pdq_single", "pdq_batch")}


def item(kind: str, value: NDArray[np.uint8]) -> dict[str, Any]:
    text = value.tobytes().hex()
    return {"sha256": text} if kind == "sha256" else {"pdq": [{"hash": text, "quality": 90}]}


def questions(folder: Path, kind: str, listed: NDArray[np.uint8], rng: np.random.Generator) -> list[list[bool]]:
    """Write single questions and batches of 100 for one kind of hash; answers which items of each batch are listed."""
    single, batch = KINDS[kind]
    singles, batches = (2000, 50) if QUICK else (20_000, 400)
    chosen = rng.integers(0, len(listed), singles + 100 * batches)
    strangers = rng.integers(1, 256, (len(chosen), 32), dtype=np.uint8)
    known = np.arange(len(chosen)) % 10 == 3
    values = np.where(known[:, None], listed[chosen], strangers)
    items = [item(kind, value) for value in values]
    (folder / single).write_text("\n".join(json.dumps({"items": [one]}) for one in items[:singles]))
    cut = [slice(at, at + 100) for at in range(singles, len(items), 100)]
    (folder / batch).write_text("\n".join(json.dumps({"items": items[part]}) for part in cut))
    return [known[part].tolist() for part in cut]


def check(folder: Path, kind: str, expected: list[list[bool]]) -> None:
    """Every listed item is answered and no other, before anything is timed."""
    for line, known in zip((folder / KINDS[kind][1]).read_bytes().splitlines()[:20], expected, strict=False):
        answer = edge_load.ask(line).raise_for_status().json()
        assert [bool(one["matches"]) for one in answer["items"]] == known, "an answer is wrong"


def look_ups(folder: Path) -> None:
    rng, wrk = np.random.default_rng(1), edge_load.require_wrk()
    pdq = rng.integers(0, 256, (COUNT, 32), dtype=np.uint8)
    sha256 = edge_lists.make(folder / "list", COUNT, pdq, rng)
    expected = {"sha256": questions(folder, "sha256", sha256, rng), "pdq": questions(folder, "pdq", pdq, rng)}
    del pdq, sha256
    with edge_load.edge(folder, folder / "list", CORES):
        for kind in KINDS:
            check(folder, kind, expected[kind])
        rates: dict[str, list[float]] = {name: [] for names in KINDS.values() for name in names}
        load: list[float] = []
        for number in range(ROUNDS + 1):
            for name, kept in rates.items():
                rate, used = edge_load.requests_per_second(wrk, folder / name, SECONDS)
                if number:
                    kept.append(rate * (100 if name.endswith("batch") else 1))
                    load.append(used)
    note(f"list of {COUNT:,} entries, {CORES} cores, {ROUNDS} rounds of {SECONDS} s, 16 connections; answers checked")
    note(f"wrk took {statistics.median(load):.0%} of one of the same cores; load {os.getloadavg()[0]:.1f}")
    for name, kept in rates.items():
        note(f"{name}: {statistics.median(kept):,.0f} look-ups/s (from {min(kept):,.0f} to {max(kept):,.0f})")
    for kind, name in (("pdq_batch", "edge_batch_pdq"), ("pdq_single", "edge_single_pdq")):
        figure(name, statistics.median(rates[kind]), "look-ups/s", "none")
    figure("edge_batch", statistics.median(rates["batch"]), "look-ups/s", ">=25000")
    figure("edge_single", statistics.median(rates["single"]), "look-ups/s", ">=6000")


def plain(path: Path, *, photograph: bool) -> bool:
    """Upright colour or grey: what the peer hashes as it is meant to (palettes, transparency and turns it does not).

    `photograph`: a JPEG of a megapixel or more as well, what telephones and cameras make.
    """
    try:
        with Image.open(path) as image:
            large = image.format == "JPEG" and image.width * image.height >= 1_000_000
            return image.mode in ("RGB", "L") and image.getexif().get(274, 1) == 1 and (large or not photograph)
    except (OSError, ValueError, Image.DecompressionBombError):
        return False


def pictures(*, photograph: bool) -> list[bytes]:
    found = photos()
    if CORPUS.is_dir():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        more = [p for p in sorted(CORPUS.rglob("*")) if p.suffix.lower() in (".jpg", ".jpeg", ".png")]
        random.Random(3).shuffle(more)
        found += more
    chosen = (path for path in found if plain(path, photograph=photograph))
    return [path.read_bytes() for path in itertools.islice(chosen, PICTURES)]


_index: Any = None


def _begin(path: str) -> None:
    """In a process of the peer: its index over the same hashes."""
    global _index
    from threatexchange.signal_type.pdq.signal import PdqSignal

    hashes = np.load(path)
    _index = PdqSignal.get_index_cls().build((bytes(one).hex(), number) for number, one in enumerate(hashes))


def _peer(data: bytes) -> tuple[str, int]:
    """Its hash of a picture (empty if it gives none) and how many entries its index answers."""
    from threatexchange.signal_type.pdq.signal import PdqSignal

    try:
        value = PdqSignal.hash_from_bytes(data)
    except Exception:  # noqa: BLE001 - what it cannot read it says in many ways
        return "", 0
    return value, len(_index.query(value)) if value else 0


def agree(ours: list[dict[str, Any]], theirs: list[tuple[str, int]]) -> int:
    """Pictures that both hash, whose hashes are within the rule; more than one in fifty apart ends the bench."""
    both = far = 0
    for answer, (value, _) in zip(ours, theirs, strict=True):
        if not value or not answer["picture"]:
            continue
        both += 1
        mine = int(answer["picture"]["frames"][0]["pdq"], 16)
        far += (mine ^ int(value, 16)).bit_count() > 31
    assert far * 50 <= both, f"{far} of {both} hashes differ by more than 31 bits"
    return both


def with_windows(data: bytes) -> object:
    """What the cage does with an upload, as an Edge is set up."""
    return decode.describe(data, Limits())


def without_windows(data: bytes) -> object:
    """What the peer does: the whole picture alone, though in eight positions."""
    return decode.describe(data, Limits(windows=Level.OFF))


def decoded(data: bytes) -> object:
    """The least: the pixels, of a JPEG its luminance and colours as they are stored."""
    with Image.open(io.BytesIO(data)) as image:
        image.draft("YCbCr", image.size)
        image.load()
        return image.size


def cost[T](data: Sequence[T], run: Callable[[T], object]) -> float:
    """Milliseconds of processor time a picture, in all threads of this process."""
    start = time.process_time()
    for one in data:
        run(one)
    return (time.process_time() - start) / len(data) * 1e3


def hash_and_match(folder: Path) -> None:
    """Photographs, and then whatever the corpus holds: a few photographs and mostly small pictures."""
    rng = np.random.default_rng(2)
    pdq = rng.integers(0, 256, (MATCHED, 32), dtype=np.uint8)
    np.save(folder / "pdq.npy", pdq)
    edge_lists.make(folder / "matched", MATCHED, pdq, rng)
    pool: Pool = get_context("spawn").Pool(CORES, _begin, (str(folder / "pdq.npy"),))
    with edge_load.edge(folder / "second", folder / "matched", CORES), pool:
        versions = ", ".join(f"{name} {version(name)}" for name in ("threatexchange", "pdqhash", "faiss-cpu"))
        note(f"list of {MATCHED:,} PDQ hashes; {versions}; SIMD {simd_level()}")
        note(f"{CORES} processes each, theirs without HTTP")
        known = MatchList.load(Snapshot.open(folder / "matched" / "snapshot"), list_id="bench", version=1)
        compared("edge_hma_ratio", "photographs", pictures(photograph=True), pool, known)
        compared("edge_hma_ratio_mixed", "pictures of all kinds", pictures(photograph=False), pool, known)


def compared(name: str, what: str, data: list[bytes], pool: Pool, known: MatchList) -> None:
    """Uploads of some pictures beside the peer, in alternating rounds; and where the time of ours goes."""
    answers = [json.loads(one) for one in edge_load.scan_all(data, 4 * CORES)]
    both = agree(answers, pool.map(_peer, data, 1))
    used, times = Counter[str](), list[tuple[float, float]]()
    for _ in range(ROUNDS):
        used.subtract(edge_load.spent())
        began = time.perf_counter()
        edge_load.scan_all(data, 4 * CORES)
        between = time.perf_counter()
        used.update(edge_load.spent())
        pool.map(_peer, data, 1)
        times.append((between - began, time.perf_counter() - between))
    ours, theirs = (len(data) / statistics.median(column) for column in zip(*times, strict=True))
    size = sum(map(len, data)) / len(data) / 1e6
    note(
        f"{len(data)} {what}, {size:.2f} MB on average, {both} hashed alike by both: Edge {ours:.1f}/s, "
        f"threatexchange {theirs:.1f}/s"
    )
    parts = ", ".join(f"{part} {1e3 * one / ROUNDS / len(data):.1f} ms" for part, one in used.items())
    note(f"processor time of an upload: {parts}, of {1e3 * CORES / ours:.1f} ms that {CORES} cores have for it")
    whole, bare, alone = (cost(data, run) for run in (with_windows, without_windows, decoded))
    note(
        f"of the decoders', in one process: {whole:.1f} ms a picture, {bare:.1f} ms without the windows that find "
        f"crops and borders"
    )
    note(f"Pillow decodes a picture alone in {alone:.1f} ms")
    found = [(None, decode.describe(one, Limits()).frames) for one in data]
    digests, matching = cost(data, digest_bytes), cost(found, lambda item: known.match(*item))
    note(
        f"of the servers', in one process: digests {digests:.1f} ms, the look-up of all forms and windows "
        f"{matching:.1f} ms"
    )
    figure(name, statistics.median(b / a for a, b in times), "×", ">=10", ("threatexchange", theirs, "pictures/s"))


def main() -> None:
    machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "second").mkdir()
        look_ups(folder)
        hash_and_match(folder)
        edge_against_hma.compare(folder, pictures(photograph=True), CORES)
    report()


if __name__ == "__main__":
    main()
