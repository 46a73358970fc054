"""A list of any length for the Edge's bench, made in bulk: random digests and PDQ hashes, no picture behind them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutela.exchange.register.release import ReleaseManifest, SourceKind
from tutela.matching.files.layout import ENTRY, ROW
from tutela.matching.files.snapshot_writer import assembled, write_atomically
from tutela.matching.kernels import _hamming


def make(folder: Path, count: int, pdq: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Write a list of `count` entries, each with a SHA-256, an MD5 and a PDQ hash; answers the SHA-256, a row each."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = np.zeros(count, ENTRY)
    ids = np.zeros((count, 2), ">u8")
    ids[:, 0] = np.arange(1, count + 1)
    entries["id"] = ids.view("S16").reshape(-1)
    sha256, md5 = (rng.integers(1, 256, (count, size), dtype=np.uint8) for size in (32, 16))
    order = _hamming.order(pdq)
    rows = np.arange(count, dtype=ROW) if order is None else order.astype(ROW)
    nothing = np.zeros(0, ROW)
    columns = {
        "entries": entries,
        **_digests("sha256", sha256),
        **_digests("md5", md5),
        "sha1": np.zeros(0, "S20"),
        "sha1.rows": nothing,
        "pdq": pdq if order is None else pdq[order],
        "pdq.quality": np.full(count, 90, np.uint8),
        "pdq.rows": rows,
        "pdq.structure": np.zeros((count, 32), np.uint8),
        "pdq.part": np.zeros(count, np.uint8),
    }
    whole = assembled(columns, "bench")
    write_atomically(folder / "snapshot", whole)
    now = datetime.now(UTC)
    manifest = ReleaseManifest(
        list_id="bench",
        list_name="bench",
        source_kind=SourceKind.PROVIDER_SOURCE,
        version=1,
        created=now,
        expires=now + timedelta(days=30),
        entries=count,
        snapshot_sha256=hashlib.sha256(whole).hexdigest(),
        snapshot_size=len(whole),
        policy="bench",
    )
    write_atomically(folder / "manifest.json", manifest.to_bytes())
    return sha256


def _digests(kind: str, values: NDArray[np.uint8]) -> dict[str, NDArray[np.generic]]:
    keys = np.ascontiguousarray(values).view(f"S{values.shape[1]}").reshape(-1)
    order = np.argsort(keys, kind="stable")
    return {kind: keys[order], f"{kind}.rows": order.astype(ROW)}
