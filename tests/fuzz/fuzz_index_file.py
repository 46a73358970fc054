"""Bytes that claim to be an index file. Run: `python tests/fuzz/fuzz_index_file.py [seconds]`; a crash prints its seed.

A third of the files are damaged as a whole. The others hold damaged content under a right seal or right digests, as if
the holder itself had written it: no number in it may lead a search outside its arrays.
"""

from __future__ import annotations

import os
import random
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from tests.fuzz.running import run
from tutela.matching import HammingIndex, IndexFileError, SharedIndex, map_index
from tutela.matching.files import container, payload

KEY, LIST = bytes(32), b"list"


@cache
def contents() -> list[bytes]:
    """The content of small lists with and without postings, repetitions and ids."""
    rng = np.random.default_rng(1)
    hashes = rng.integers(0, 256, (2700, 32), dtype=np.uint8)
    lists = [
        HammingIndex(hashes[:5]),
        HammingIndex(hashes, range(2700)),
        HammingIndex(np.repeat(hashes[:900], 3, axis=0)),
    ]
    return [b"".join(payload.parts(index.view().layers[0])) for index in lists]


def _mutated(rng: random.Random, data: bytes, edge: int) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(0, 6)):
        at = rng.randrange(min(edge, len(out))) if rng.random() < 0.4 else rng.randrange(len(out))
        width = rng.choice([1, 4, 8])
        out[at : at + width] = rng.choice([bytes(width), b"\xff" * width, rng.randbytes(width)])[: len(out) - at]
    if rng.random() < 0.1:
        del out[rng.randrange(len(out)) :]
    return bytes(out)


def one(seed: int) -> bool:
    """One file; True if it opened, and then it answers. Anything but IndexFileError is a bug."""
    rng = random.Random(seed)
    content = rng.choice(contents())
    outside = rng.random() < 0.33
    key = KEY if rng.random() < 0.5 else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "index")
        container.write_container(path, [content if outside else _mutated(rng, content, 40)], binding=LIST, key=key)
        if outside:
            path.write_bytes(_mutated(rng, path.read_bytes(), 128))
        try:
            if key is None:
                _ask(map_index(path, binding=LIST, threads=1), rng)
            else:
                with SharedIndex.open(path, key=key, binding=LIST, threads=1) as shared:
                    _ask(shared.index, rng)
        except IndexFileError:
            return False
    return True


def _ask(index: HammingIndex, rng: random.Random) -> None:
    queries = np.frombuffer(rng.randbytes(32 * 8), np.uint8).reshape(-1, 32)
    stored = index.view().layers[0].hashes[:8]
    for radius in (0, 15, 31, 40):
        index.query(np.concatenate([queries, stored]), radius)
    index.contains(queries)


if __name__ == "__main__":
    run(one, int.from_bytes(os.urandom(4)))
