"""The Edge beside HMA, both over HTTP on the same cores, with the same pictures and the same list of 100,000 hashes.

Every tenth picture is listed. Before anything is timed both answer exactly the listed pictures, and their hashes of the
same picture are near. HMA has no sign-in, no sandbox, no digests, no turned or cut forms; its users compare all the
same, so ours does all of them, as it is configured by default.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import edge_lists
import edge_load
import hma_peer
import numpy as np
from figures import QUICK, ROUNDS, figure, note
from numpy.typing import NDArray
from PIL import Image
from tests.support.pictures import landscape

LISTED, SECONDS, QUESTIONS = (2_000, 1, 200) if QUICK else (100_000, 6, 20_000)
SMALL = 40 if QUICK else 400
LUA = Path(__file__).with_name("hma.lua")


def small_pictures() -> list[bytes]:
    """Pictures of 640 pixels, no two of one scene: most uploads are as small. HMA answers 400 where it has no hash."""
    found = (_jpeg(landscape(seed)) for seed in itertools.count())
    return list(itertools.islice((one for one in found if _hash(one)), SMALL))


def _hash(picture: bytes) -> str:
    """HMA's hash; empty for a picture with too little structure."""
    from threatexchange.signal_type.pdq.signal import PdqSignal

    return str(PdqSignal.hash_from_bytes(picture))


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=85)
    return out.getvalue()


def compare(folder: Path, photographs: Sequence[bytes], cores: int) -> None:
    """All three comparisons; or a note that they are skipped."""
    source = hma_peer.source()
    if source is None:
        note("skipped: HMA (its source is not at HMA_SRC)")
        return
    sets = {"edge_http_small": small_pictures(), "edge_http_photographs": [one for one in photographs if _hash(one)]}
    listed = _list(folder, [one for data in sets.values() for one in data[::10]])
    with hma_peer.hma(source, folder, listed), edge_load.edge(folder / "hma-edge", folder / "hma-list", cores):
        for name, target in (("edge_http_small", ">=5"), ("edge_http_photographs", ">=20")):
            _pictures(name, target, sets[name], 4 * cores)
        _look_ups(folder, listed)


def _list(folder: Path, known: Sequence[bytes]) -> NDArray[np.uint8]:
    """The list: hashes of nothing, and at its end those of the known pictures."""
    rng = np.random.default_rng(5)
    hashes = [bytes.fromhex(_hash(one)) for one in known]
    listed = rng.integers(0, 256, (LISTED, 32), dtype=np.uint8)
    listed[-len(hashes) :] = np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32)
    edge_lists.make(folder / "hma-list", LISTED, listed, rng)
    (folder / "hma-edge").mkdir()
    return listed


def _pictures(name: str, target: str, data: list[bytes], clients: int) -> None:
    """Uploads to both in alternating rounds."""
    ours = [json.loads(one) for one in edge_load.scan_all(data, clients)]
    theirs = hma_peer.look_up(data, clients)
    known = [bool(one["matches"]) for one in ours]
    assert known == [bool(one) for one in theirs], "the Edge and HMA answer different pictures"
    assert known == [number % 10 == 0 for number in range(len(data))], "not exactly the listed pictures are answered"
    _near(ours, hma_peer.hash_all(data[:50], clients))
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        edge_load.scan_all(data, clients)
        between = time.perf_counter()
        hma_peer.look_up(data, clients)
        times.append((between - began, time.perf_counter() - between))
    edge, hma = (len(data) / statistics.median(column) for column in zip(*times, strict=True))
    size = sum(map(len, data)) / len(data) / 1e3
    note(f"{name}: {len(data)} pictures of {size:.0f} kB on average: Edge {edge:.1f}/s, HMA {hma:.1f}/s")
    figure(name, statistics.median(b / a for a, b in times), "×", target, ("HMA", hma, "pictures/s"))


def _near(ours: Sequence[dict[str, object]], theirs: Sequence[str]) -> None:
    for answer, value in zip(ours, theirs, strict=False):
        mine = int(answer["picture"]["frames"][0]["pdq"], 16)  # type: ignore[index]
        assert (mine ^ int(value, 16)).bit_count() <= 31, "a hash differs from HMA's by more than 31 bits"


def _look_ups(folder: Path, listed: NDArray[np.uint8]) -> None:
    """Single questions by one hash, every tenth of them listed."""
    rng, wrk = np.random.default_rng(6), edge_load.require_wrk()
    asked = rng.integers(0, 256, (QUESTIONS, 32), dtype=np.uint8)
    asked[::10] = listed[rng.integers(0, len(listed), len(asked[::10]))]
    values = [bytes(one).hex() for one in asked]
    (folder / "hma-asked").write_text("\n".join(values))
    items = [{"items": [{"pdq": [{"hash": one, "quality": 90}]}]} for one in values]
    (folder / "edge-asked").write_text("\n".join(map(json.dumps, items)))
    for number in range(40):
        ours = edge_load.ask(json.dumps(items[number]).encode()).raise_for_status().json()
        assert bool(ours["items"][0]["matches"]) == bool(hma_peer.ask(values[number])) == (number % 10 == 0)
    rates = []
    for number in range(ROUNDS + 1):
        edge, _ = edge_load.requests_per_second(wrk, folder / "edge-asked", SECONDS)
        hma, _ = edge_load.requests_per_second(wrk, folder / "hma-asked", SECONDS, LUA, hma_peer.URL)
        if number:
            rates.append((edge, hma))
    edge, hma = (statistics.median(column) for column in zip(*rates, strict=True))
    note(f"single look-ups: Edge {edge:,.0f}/s, HMA {hma:,.0f}/s; load {os.getloadavg()[0]:.1f}")
    ratio = statistics.median(a / b for a, b in rates)
    figure("edge_http_lookups", ratio, "×", ">=10", ("HMA", hma, "look-ups/s"))
