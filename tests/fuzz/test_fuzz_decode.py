"""A short, repeatable run of the fuzz target, and the same files through a caged pool."""

from __future__ import annotations

import random
import warnings

from tests.fuzz.fuzz_decode import mutate, run, seeds
from tests.pictures import png, texture
from tutela.media import Hashed, HasherPool, Refused


def test_mutated_files_are_described_or_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        assert run(rounds=1500, seed=20) == 1500


def test_mutated_files_never_break_a_pool() -> None:
    corpus, rng = seeds(), random.Random(4)
    with HasherPool(workers=1) as pool:
        for _ in range(300):
            answer = pool.hash_bytes(mutate(rng, rng.choice(corpus), rng.choice(corpus)), tenant="house")
            assert isinstance(answer, Hashed | Refused)
            assert answer.digests is not None
        assert isinstance(pool.hash_bytes(png(texture(1)), tenant="house"), Hashed)
