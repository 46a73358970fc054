from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.matching.lists import Digests, digests, entry_id, flipped, frame, match_list, pdq

from tutela.matching import Evidence, Family, MatchList, SharedIndex, judge, write_index


@pytest.mark.parametrize("count", [0, 1, 2, 500])
@pytest.mark.parametrize("scan_up_to", [0, 10_000])
def test_lists_of_any_size_find_every_entry(count: int, scan_up_to: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutela.matching.layers.SCAN_UP_TO", scan_up_to)
    known = match_list(count)
    for i in range(min(count, 3)):
        (match,) = known.match(digests(i), [frame(pdq(i))])
        assert (match.entry_id, match.distance, match.corroborated) == (entry_id(i), 0, True)
    assert known.match(digests(count), [frame(pdq(count))]) == []


@pytest.mark.parametrize("variant", range(8))
def test_a_turned_picture_is_found_and_the_answer_says_how(variant: int) -> None:
    near = flipped(pdq(4), list(range(0, 62, 2)))
    frames = [frame(pdq(77), index=0), frame(near, variant=variant, index=3)]
    (match,) = match_list(9).match(None, frames)
    assert (match.entry_id, match.distance, match.variant, match.frame) == (entry_id(4), 31, variant, 3)
    assert (match.rule, match.corroborated, match.weak) == ("near-pdq", False, False)


def test_one_bit_too_far_or_too_little_quality_is_no_match() -> None:
    known = match_list(9)
    assert known.match(None, [frame(flipped(pdq(4), list(range(32))))]) == []
    assert known.match(None, [frame(pdq(4), quality=49)]) == []
    assert len(known.match(None, [frame(pdq(4), quality=50)])) == 1


def test_digests_say_how_strong_they_are() -> None:
    known, d = match_list(3), digests(1)
    (strong,) = known.match(Digests(sha256=d.sha256), [])
    (weak,) = known.match(Digests(md5=d.md5, sha1=d.sha1), [])
    assert (strong.rule, strong.weak, strong.corroborated) == ("exact-sha256", False, False)
    assert (weak.rule, weak.weak, weak.corroborated) == ("exact-legacy", True, False)
    assert weak.families == ("md5", "sha1")


def test_a_removed_entry_is_never_answered() -> None:
    known = match_list(3)
    assert known.without([entry_id(1)]).match(digests(1), [frame(pdq(1))]) == []
    assert known.match(digests(1), []), "the older list is unchanged for whoever still reads it"
    assert known.without([entry_id(1)]).without([]).match(digests(1), [])


def test_a_batch_answers_each_item_its_own() -> None:
    known = match_list(5)
    items = [(digests(i), [frame(pdq(i), index=0), frame(pdq((i + 1) % 5), index=1)]) for i in range(5)]
    assert known.match_all(items) == [known.match(*item) for item in items]
    assert [len(found) for found in known.match_all(items)] == [2] * 5
    first = known.match_all(items)[0]
    assert [m.entry_id for m in first] == [entry_id(0), entry_id(1)], "the corroborated entry comes first"


evidence = st.builds(
    Evidence,
    st.frozensets(st.sampled_from(list(Family))),
    st.none() | st.integers(0, 256),
    st.none() | st.integers(0, 100),
    st.none() | st.integers(0, 100),
)


@given(evidence)
def test_one_family_alone_is_never_more_than_a_candidate(seen: Evidence) -> None:
    verdict = judge(seen)
    if verdict and len(seen.families) < 2:
        assert not verdict.corroborated
    if verdict and verdict.corroborated:
        assert Family.PDQ in seen.families
    if not seen.families:
        assert verdict is None


def test_a_far_or_poor_look_does_not_corroborate_a_digest() -> None:
    both = frozenset({Family.SHA256, Family.PDQ})
    far = judge(Evidence(both, 32, 90, 90))
    poor = judge(Evidence(both, 3, 90, 49))
    near = judge(Evidence(both, 31, 50, 50))
    assert far is not None
    assert poor is not None
    assert near is not None
    assert (far.corroborated, poor.corroborated, near.corroborated) == (False, False, True)


def test_a_list_works_with_an_index_out_of_a_file_bound_to_its_snapshot(tmp_path: Path) -> None:
    built = match_list(500)
    binding = bytes.fromhex(built.snapshot.sha256)
    write_index(tmp_path / "index", built.index, key=bytes(32), binding=binding)
    with SharedIndex.open(tmp_path / "index", key=bytes(32), binding=binding) as shared:
        known = MatchList.load(built.snapshot, list_id="list-a", version=1, index=shared.index)
    for i in range(0, 500, 50):
        assert known.match(None, [frame(pdq(i))]) == built.match(None, [frame(pdq(i))])
    assert len(known.match(None, [frame(pdq(3))])) == 1
