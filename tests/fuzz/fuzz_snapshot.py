"""Bytes that claim to be a snapshot. Run: `python tests/fuzz/fuzz_snapshot.py [seconds]`; a crash prints its seed."""

from __future__ import annotations

import hashlib
import random
from uuid import UUID

from tests.fuzz.running import run
from tutela.matching import MatchList, Record, Snapshot, SnapshotError, snapshot_bytes


def seed_bytes() -> bytes:
    records = [Record(UUID(int=i), md5=[f"{i:032x}"], pdq=[(f"{i + 1:064x}", 90)]) for i in range(5)]
    return snapshot_bytes(records)[0]


def one(seed: int) -> bool:
    """One mutated file, half of them with a right checksum; True if it opened. Anything but SnapshotError is a bug."""
    rng = random.Random(seed)
    data = bytearray(seed_bytes())
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data)) if rng.random() < 0.4 else rng.randrange(700)
        data[at] = rng.choice([0, 0xFF, data[at] ^ 1 << rng.randrange(8), rng.randrange(48, 58)])
    if rng.random() < 0.1:
        del data[rng.randrange(len(data)) :]
    if rng.random() < 0.5 and len(data) > 32:
        data[-32:] = hashlib.sha256(data[:-32]).digest()
    try:
        snapshot = Snapshot(bytes(data))
    except SnapshotError:
        return False
    MatchList.load(snapshot, list_id="x", version=1).match(None, [])
    for row in range(len(snapshot)):
        snapshot.entry_id(row)
    return True


if __name__ == "__main__":
    run(one)
