"""A short, repeatable run of the video fuzz target, and the same files through a caged pool."""

from __future__ import annotations

import random

from tests.fuzz.fuzz_decode import mutate
from tests.fuzz.fuzz_video import LIMITS, run, seeds, target
from tests.support.videos import video
from tutela.media import Hashed, HasherPool, Refused
from tutela.media.results import Described
from tutela.media.video.formats import HEAD_BYTES, VIDEO_FORMATS, video_format_of


def test_seeds_are_of_every_format_and_some_have_windows() -> None:
    assert {video_format_of(data[:HEAD_BYTES]) for data in seeds()} == set(VIDEO_FORMATS)
    found = [target(data) for data in seeds()]
    assert all(isinstance(one, Described) and one.frames for one in found)
    assert any(frame.windows for one in found if isinstance(one, Described) for frame in one.frames)


def test_mutated_videos_are_described_or_refused() -> None:
    tried, described = run(rounds=1500, seed=20)
    assert 0 < described < tried


def test_mutated_videos_never_break_a_pool() -> None:
    corpus, rng = seeds(), random.Random(4)
    with HasherPool(workers=1, limits=LIMITS) as pool:
        for _ in range(150):
            answer = pool.hash_bytes(mutate(rng, rng.choice(corpus), rng.choice(corpus)), tenant="house")
            assert isinstance(answer, Hashed | Refused)
            assert answer.digests is not None
        assert isinstance(pool.hash_bytes(video(), tenant="house"), Hashed)
