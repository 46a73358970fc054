"""A short, repeatable run of the video fuzz target, and the same files through a caged pool."""

from __future__ import annotations

import random

from tests.fuzz.fuzz_decode import mutate
from tests.fuzz.fuzz_video import LIMITS, run, seeds
from tests.videos import video
from tutela.media import Hashed, HasherPool, Refused


def test_mutated_videos_are_described_or_refused() -> None:
    tried, described = run(rounds=400, seed=20)
    assert 0 < described < tried


def test_mutated_videos_never_break_a_pool() -> None:
    corpus, rng = seeds(), random.Random(4)
    with HasherPool(workers=1, limits=LIMITS) as pool:
        for _ in range(150):
            answer = pool.hash_bytes(mutate(rng, rng.choice(corpus), rng.choice(corpus)), tenant="house")
            assert isinstance(answer, Hashed | Refused)
            assert answer.digests is not None
        assert isinstance(pool.hash_bytes(video(), tenant="house"), Hashed)
