"""The edge of a log that somebody follows: it leads to the log's root, and to no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tlog.test_verify import by_definition, entries, tiles
from tutela.tlog.frontier import Frontier
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.verify import EMPTY_ROOT, Refused, leaf_hash


@given(st.integers(0, 1200), st.integers(0, 300))
def test_following_leads_to_the_root_from_wherever_it_began(before: int, more: int) -> None:
    leaves = entries(before + more)
    peaks = Tree(tiles(leaves[:before]).__getitem__, before).peaks()
    edge = Frontier.of(before, peaks, by_definition(leaves[:before]))
    other = edge.copy()
    for one in leaves[before:]:
        edge.append(leaf_hash(one))
    assert (edge.size, edge.root) == (before + more, by_definition(leaves))
    assert edge.peaks == Tree(tiles(leaves).__getitem__, before + more).peaks()
    assert (other.size, other.root) == (before, by_definition(leaves[:before]))


def test_an_edge_that_leads_elsewhere_is_refused() -> None:
    leaves = entries(7)
    root, peaks = by_definition(leaves), Tree(tiles(leaves).__getitem__, 7).peaks()
    for size, told in ((7, peaks[:-1]), (6, peaks), (7, [*peaks[:-1], bytes(32)]), (7, [*peaks[:-1], b""]), (-1, [])):
        with pytest.raises(Refused):
            Frontier.of(size, told, root)
    assert Frontier().root == EMPTY_ROOT
