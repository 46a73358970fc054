"""A short, repeatable run of the fuzz target, and the same files through a caged pool."""

from __future__ import annotations

import io
import random
import warnings

from PIL import Image

from tests.fuzz.fuzz_decode import framed, mutate, run, scaled, seeds, target
from tests.support.pictures import png, texture
from tutela.media import Hashed, HasherPool, Refused
from tutela.media.formats import jpeg
from tutela.media.results import Described, WindowKind


def test_seeds_reach_scaled_decoding_and_every_kind_of_window() -> None:
    scales = set()
    for data in scaled():
        with Image.open(io.BytesIO(data)) as image:
            scales.add(jpeg.scale_of(*image.size))
    assert {2, 4} <= scales
    kinds: set[WindowKind] = set()
    for data in (*scaled(), *framed()):
        for listed in (False, True):
            found = target(data, listed=listed)
            assert isinstance(found, Described)
            assert found.frames[0].windows
            kinds |= {window.kind for window in found.frames[0].windows}
    assert {WindowKind.CROP, WindowKind.BORDER, WindowKind.CONTENT} <= kinds


def test_mutated_files_are_described_or_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        assert run(rounds=5000, seed=20) == 5000


def test_mutated_files_never_break_a_pool() -> None:
    corpus, rng = seeds(), random.Random(4)
    with HasherPool(workers=1) as pool:
        for number in range(300):
            data = mutate(rng, rng.choice(corpus), rng.choice(corpus))
            answer = pool.hash_bytes(data, tenant="house", listed=number % 3 == 0)
            assert isinstance(answer, Hashed | Refused)
            assert answer.digests is not None
        assert isinstance(pool.hash_bytes(png(texture(1)), tenant="house"), Hashed)
