"""The rules by which proposals are held as outliers: what real pictures and random numbers look like passes."""

from __future__ import annotations

import random
import secrets

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tests.support.pictures import photos
from tutela.exchange.register.canaries import canaries
from tutela.indicators.hashes import anomalies
from tutela.indicators.hashes.anomalies import PdqNumber, Profile
from tutela.media.pixels.windows import Decoded, listed_windows

RANDOM = random.Random(7)


def looks(count: int, quality: int = 95) -> list[PdqNumber]:
    return [PdqNumber(RANDOM.getrandbits(256), quality) for _ in range(count)]


def codes(found: list[anomalies.Odd]) -> list[str]:
    return [one.code for one in found]


def test_real_pictures_pass() -> None:
    real = [PdqNumber(int(one["pdq"], 16), 90) for one in canaries()]
    assert len(real) >= anomalies.ENOUGH
    assert not anomalies.of_batch(real)
    assert not any(anomalies.of_one([one], 0) for one in real)


def test_random_numbers_pass() -> None:
    found = looks(3000)
    assert not anomalies.of_batch(found)
    assert not any(anomalies.of_one([one], 0) for one in found)


def test_a_hash_with_far_too_many_bits_was_made_up() -> None:
    assert codes(anomalies.of_one([PdqNumber((1 << 200) - 1, 100)], 0)) == ["bits"]
    assert codes(anomalies.of_one([PdqNumber((1 << 20) - 1, 100)], 0)) == ["bits"]


def test_windows_of_real_pictures_pass() -> None:
    for file in photos():
        with Image.open(file) as opened:
            opened.thumbnail((512, 512))
            whole = opened.convert("RGB")
        for shown in (whole, ImageOps.expand(whole, (0, 24), "black"), ImageOps.expand(whole, 20, "white")):
            rgb = np.ascontiguousarray(np.asarray(shown))
            listed = listed_windows(Decoded(rgb, *rgb.shape[:2]))
            parts = [PdqNumber(int.from_bytes(one.variants[0]), one.quality) for one in listed if one.part]
            assert not anomalies.of_parts(1, len(parts)), file.name
            assert not anomalies.of_one(parts, 0), file.name


def test_more_windows_than_a_picture_has_are_odd() -> None:
    assert not anomalies.of_parts(1, anomalies.PARTS)
    assert codes(anomalies.of_parts(1, anomalies.PARTS + 1)) == ["parts"]
    assert not anomalies.of_parts(0, anomalies.PARTS), "digests and windows alone"
    assert codes(anomalies.of_parts(0, 49)) == ["parts"]


def test_a_crowd_begins_at_its_number() -> None:
    assert not anomalies.of_one([], anomalies.CROWD - 1)
    assert codes(anomalies.of_one([], anomalies.CROWD)) == ["crowded"]


def test_variants_of_one_picture_are_a_cluster() -> None:
    base = looks(1)[0].value
    varied = [PdqNumber(base ^ (1 << RANDOM.randrange(256)) ^ (1 << RANDOM.randrange(256)), 95) for _ in range(200)]
    assert codes(anomalies.of_batch(varied)) == ["clustered"]
    assert not anomalies.of_batch(varied[:49]), "too few to state a rate"


def test_made_up_bits_and_flat_pictures_show_in_a_batch() -> None:
    sparse = [PdqNumber(RANDOM.getrandbits(256) & RANDOM.getrandbits(256), 95) for _ in range(60)]
    assert "batch_bits" in codes(anomalies.of_batch(sparse))
    assert codes(anomalies.of_batch(looks(60, 55))) == ["flat"]


def test_a_batch_is_compared_with_the_organisations_own() -> None:
    usual = [Profile(200, 10, 190, 95)] * 6
    assert not anomalies.of_history(Profile(900, 30, 850, 90), usual)
    assert codes(anomalies.of_history(Profile(2001, 30, 1900, 90), usual)) == ["larger"]
    assert codes(anomalies.of_history(Profile(200, 5, 190, 75), usual)) == ["flatter"]
    assert codes(anomalies.of_history(Profile(200, 150, 190, 95), usual)) == ["bare"]
    assert not anomalies.of_history(Profile(2001, 2001, 2001, 51), usual[:4]), "a young organisation has no history"


@given(st.lists(st.tuples(st.integers(0, 2**256 - 1), st.integers(50, 100)), max_size=80))
def test_the_rules_answer_the_same_in_any_order(rows: list[tuple[int, int]]) -> None:
    batch = [PdqNumber(*row) for row in rows]
    shuffled = sorted(batch, key=lambda one: -one.value)
    assert anomalies.of_batch(batch) == anomalies.of_batch(shuffled)


@given(st.lists(st.integers(0, 2**256 - 1), min_size=1, max_size=70))
def test_bits_are_counted_rightly_all_at_once(values: list[int]) -> None:
    batch = [PdqNumber(value, 90) for value in values]
    plain = [sum(value >> bit & 1 for value in values) for bit in range(256)]
    nearly = 0.95 * len(values)
    assert anomalies._constant(batch) == sum(c >= nearly or len(values) - c >= nearly for c in plain)


@pytest.mark.parametrize("flips", [0, 4])
def test_as_good_as_identical_hashes_mostly_share_a_sketch(flips: int) -> None:
    from tests.support import database

    database.django()
    from tutela.indicators.hashes import blind_index

    shared = 0
    for _ in range(400):
        value = int(secrets.token_hex(32), 16)
        near = value
        for bit in secrets.SystemRandom().sample(range(256), flips):
            near ^= 1 << bit
        shared += blind_index.sketch(f"{value:064x}") == blind_index.sketch(f"{near:064x}")
        assert blind_index.sketch(f"{value:064x}") != blind_index.sketch(secrets.token_hex(32))
    assert shared == 400 if flips == 0 else 230 < shared < 320
