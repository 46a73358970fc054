"""How two items resemble one another, against a count by hand."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.reports.bundles.similarity import Hits, Resemblance, resembling
from tutela.reports.models.similarity import What

# (hash asked, look, hash of that look, distance)
Hit = tuple[int, int, int, int]
hits = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(0, 5), st.integers(0, 31)),
    unique_by=lambda hit: hit[:3],
    max_size=60,
)


def made(given: list[Hit]) -> Hits:
    """Hits as the index answers: in the order of what was asked; a vector belongs to one look."""
    table = np.array(sorted((asked, look * 10 + vector, look, bits) for asked, look, vector, bits in given), np.int64)
    return Hits(*table.reshape(-1, 4).T)


@given(hits, st.integers(1, 8), st.dictionaries(st.integers(1, 4), st.integers(1, 8)))
def test_it_is_what_a_count_by_hand_says(given: list[Hit], size: int, sizes: dict[int, int]) -> None:
    found = resembling(size, made(given), sizes)
    for look in range(1, 5):
        here = [hit for hit in given if hit[1] == look]
        ours = {asked: min(hit[3] for hit in here if hit[0] == asked) for asked in {hit[0] for hit in here}}
        theirs = {hit[2] for hit in here}
        if not here or look not in sizes:
            assert look not in found
        elif size == 1 or sizes[look] == 1:
            what = What.PICTURE if size == sizes[look] else What.FRAME
            assert found[look] == Resemblance(what, min(ours.values()))
        else:
            enough = len(ours) * 5 >= size * 4 or len(theirs) * 5 >= sizes[look] * 4
            assert (look in found) == (enough and min(len(ours), len(theirs)) >= 2)
            if look in found:
                assert found[look].what == What.VIDEO
                assert found[look].distance == statistics.median_high(ours.values())
                assert found[look].percent == 100 * len(ours) // size
                assert found[look].other_percent == 100 * len(theirs) // sizes[look]


@given(hits, st.integers(0, 6), st.integers(0, 6))
def test_a_part_of_what_was_asked_is_the_hits_of_that_part(given: list[Hit], begin: int, end: int) -> None:
    part = made(given).between(begin, end)
    assert sorted(part.asked.tolist()) == sorted(hit[0] for hit in given if begin <= hit[0] < end)


@pytest.mark.parametrize("what", list(What))
def test_a_frame_says_less_than_any_whole(what: What) -> None:
    assert Resemblance(What.PICTURE, 31).rank < Resemblance(What.FRAME, 0).rank
    assert (Resemblance(what, 3).rank < Resemblance(what, 4).rank) is True
