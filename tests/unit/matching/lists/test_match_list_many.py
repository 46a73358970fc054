"""Films that stand still: every frame agrees with every listed one. As arrays the answer is that of one by one."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.matching_lists import Frame, Window, entry_id, flipped, pdq
from tutela.matching import VIDEO, Match, MatchList, Record, Snapshot, snapshot_bytes
from tutela.matching.index.structure_hash import alike, alike_all
from tutela.matching.lists import match_list

STRUCTURE = st.sampled_from(
    [
        bytes(32),
        bytes([255]) * 16 + bytes(16),
        bytes(range(1, 17)) + bytes(16),
        bytes(range(2, 18)) + bytes(16),
        bytes([7]) * 32,
        bytes(range(32)),
    ]
)
# Frames that are near to one another: the same hash with some of its first bits turned.
HASH = st.builds(lambda seed, bits: flipped(pdq(seed), list(range(bits))), st.integers(0, 2), st.integers(0, 40))
LISTED = st.lists(st.tuples(HASH, st.sampled_from([50, 90]), STRUCTURE, st.booleans()), min_size=1, max_size=12)
SHOWN = st.lists(st.tuples(HASH, st.sampled_from([40, 90]), STRUCTURE, st.none() | HASH), min_size=1, max_size=12)


def answers(known: MatchList, frames: list[Frame], many: int, at_once: int) -> list[Match]:
    with mock.patch.object(match_list, "MANY", many), mock.patch.object(match_list, "ITEMS_AT_ONCE", at_once):
        return known.match(None, frames)


@given(lists=st.lists(LISTED, min_size=1, max_size=3), shown=SHOWN, moves=st.booleans())
def test_arrays_answer_as_one_by_one(
    lists: list[list[tuple[bytes, int, bytes, bool]]], shown: list[tuple[bytes, int, bytes, bytes | None]], moves: bool
) -> None:
    records = [
        Record(
            entry_id(number),
            pdq=[(value.hex(), quality, look.hex(), part) for value, quality, look, part in looks],
            flags=VIDEO if number % 2 == 0 else 0,
        )
        for number, looks in enumerate(lists)
    ]
    known = MatchList.load(Snapshot(snapshot_bytes(records)[0]), list_id="list-v", version=1)
    frames = [
        Frame(
            25 * at,
            quality,
            (value,),
            (look,),
            (Window(True, 90, (part,), (look,)),) if part else (),
            1000 * at if moves else None,
        )
        for at, (value, quality, look, part) in enumerate(shown)
    ]
    one_by_one = answers(known, frames, 1 << 30, 2048)
    assert answers(known, frames, 0, 2048) == one_by_one
    assert answers(known, frames, 2, 3) == one_by_one


@given(STRUCTURE, st.lists(STRUCTURE | st.binary(min_size=32, max_size=32), max_size=9))
def test_many_structures_are_compared_as_each(one: bytes, others: list[bytes]) -> None:
    listed = np.frombuffer(b"".join(others), np.uint8).reshape(-1, 32)
    assert alike_all(one, listed).tolist() == [alike(one, other) for other in others]


def test_of_a_film_that_stands_still_a_frame_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    base = np.frombuffer(pdq(1), np.uint8)
    still = [(base ^ (rng.random(32) < 0.05).astype(np.uint8)).tobytes() for _ in range(1200)]
    entry = Record(entry_id(0), pdq=[(one.hex(), 90) for one in still[:600]], flags=VIDEO)
    known = MatchList.load(Snapshot(snapshot_bytes([entry])[0]), list_id="list-v", version=1)
    frames = [Frame(25 * at, 90, (one,), (), (), 1000 * at) for at, one in enumerate(still[600:])]
    looks = mock.Mock(wraps=match_list._Look)
    monkeypatch.setattr(match_list, "_Look", looks)
    (match,) = known.match(None, frames)
    assert match.footage is not None
    assert match.footage.compared_percent == pytest.approx(100)
    assert looks.call_count == len(frames), "not once for each of its 600 neighbours"


def test_many_entries_with_one_hash_are_looked_at_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As arrays each entry would cost a walk over all hits: of a million equal hashes a million walks."""
    crowd = [Record(entry_id(number), pdq=[(pdq(1).hex(), 90)]) for number in range(500)]
    known = MatchList.load(Snapshot(snapshot_bytes(crowd)[0]), list_id="list-v", version=1)
    arrays = mock.Mock()
    monkeypatch.setattr(MatchList, "_see_many", arrays)
    assert len(known.match(None, [Frame(0, 90, (pdq(1),), (), (), None)])) == len(crowd)
    arrays.assert_not_called()
