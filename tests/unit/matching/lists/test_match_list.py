from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.matching_lists import Digests, Frame, Window, digests, entry_id, flipped, frame, match_list, pdq
from tutela.matching import (
    Family,
    MatchEvidence,
    MatchList,
    Record,
    SharedIndex,
    Snapshot,
    judge,
    snapshot_bytes,
    write_index,
)
from tutela.matching.index.structure_hash import similarity


@pytest.mark.parametrize("count", [0, 1, 2, 500])
@pytest.mark.parametrize("scan_up_to", [0, 10_000])
def test_lists_of_any_size_find_every_entry(count: int, scan_up_to: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutela.matching.index.layer.SCAN_UP_TO", scan_up_to)
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
    MatchEvidence,
    st.frozensets(st.sampled_from(list(Family))),
    st.none() | st.integers(0, 256),
    st.none() | st.integers(0, 100),
    st.none() | st.integers(0, 100),
)


@given(evidence)
def test_one_family_alone_is_never_more_than_a_candidate(seen: MatchEvidence) -> None:
    verdict = judge(seen)
    if verdict and len(seen.families) < 2:
        assert not verdict.corroborated
    if verdict and verdict.corroborated:
        assert Family.PDQ in seen.families
    if not seen.families:
        assert verdict is None


def test_a_far_or_poor_look_does_not_corroborate_a_digest() -> None:
    both = frozenset({Family.SHA256, Family.PDQ})
    far = judge(MatchEvidence(both, 32, 90, 90))
    poor = judge(MatchEvidence(both, 3, 90, 49))
    near = judge(MatchEvidence(both, 31, 50, 50))
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


STEPS = bytes([0b01010101] * 16 + [0b00101010] * 16)
OTHER = bytes([0b00101010] * 16 + [0b01010101] * 16)


def with_looks(*looks: tuple[str, int, str, bool]) -> MatchList:
    data, report = snapshot_bytes([Record(entry_id(1), pdq=looks)])
    assert not report.quarantined
    return MatchList.load(Snapshot(data), list_id="list-a", version=1)


def looking(value: bytes, structure: bytes, *windows: Window) -> Frame:
    return Frame(0, 90, (value,), (structure,), windows)


def test_a_second_unrelated_hash_corroborates() -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    (match,) = known.match(None, [looking(flipped(pdq(1), [3, 9]), STEPS)])
    assert (match.rule, match.corroborated, match.by_window) == ("near-pdq", True, False)
    assert match.families == ("pdq", "structure")


@pytest.mark.parametrize(("bits", "corroborated"), [(20, True), (21, False), (31, False)])
def test_a_second_hash_corroborates_only_what_is_near(bits: int, corroborated: bool) -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    (match,) = known.match(None, [looking(flipped(pdq(1), list(range(bits))), STEPS)])
    assert (match.rule, match.corroborated, match.distance) == ("near-pdq", corroborated, bits)


@pytest.mark.parametrize("structure", [OTHER, bytes(32), bytes([1]) + bytes(31)])
def test_a_collision_of_the_first_hash_alone_stays_a_candidate(structure: bytes) -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    (match,) = known.match(None, [looking(pdq(1), structure)])
    assert (match.rule, match.corroborated, match.families) == ("near-pdq", False, ("pdq",))


def test_a_part_that_agrees_is_marked_and_never_corroborated() -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False), (pdq(2).hex(), 90, STEPS.hex(), True))
    asked = Window(part=True, quality=90, variants=(pdq(1),), structures=(STEPS,))
    for seen in (looking(pdq(50), STEPS, asked), looking(pdq(2), STEPS)):
        (match,) = known.match(None, [seen])
        assert (match.rule, match.by_window, match.corroborated) == ("near-window", True, False)


def test_the_whole_comes_before_a_nearer_part() -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    part = Window(part=True, quality=90, variants=(pdq(1),), structures=(STEPS,))
    (match,) = known.match(None, [looking(flipped(pdq(1), list(range(20))), STEPS, part)])
    assert (match.rule, match.by_window, match.distance) == ("near-pdq", False, 20)


def test_a_window_of_the_whole_counts_as_the_whole() -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    whole = Window(part=False, quality=90, variants=(pdq(7), pdq(1)), structures=(OTHER, STEPS))
    (match,) = known.match(None, [looking(pdq(50), OTHER, whole)])
    assert (match.rule, match.variant, match.corroborated) == ("near-pdq", 1, True)


def restored(value: bytes, structure: bytes) -> Window:
    return Window(part=True, quality=90, variants=(value,), structures=(structure,), restored=True)


@pytest.mark.parametrize(("bits", "found"), [(0, True), (31, True), (32, False)])
def test_a_restored_picture_is_a_candidate_where_both_hashes_agree(bits: int, found: bool) -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    near = flipped(pdq(1), list(range(bits)))
    seen = [
        (one.rule, one.by_window, one.corroborated)
        for one in known.match(None, [looking(pdq(50), OTHER, restored(near, STEPS))])
    ]
    assert seen == ([("near-restored", True, False)] if found else [])


@pytest.mark.parametrize("structure", [OTHER, bytes(32)])
def test_a_restored_picture_whose_second_hash_is_another_is_no_match(structure: bytes) -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    assert known.match(None, [looking(pdq(50), OTHER, restored(pdq(1), structure))]) == []


@pytest.mark.parametrize(("bits", "found"), [(0, True), (20, True), (21, False)])
def test_a_restored_picture_is_found_in_a_list_without_second_hashes_where_pdq_is_close(bits: int, found: bool) -> None:
    known = with_looks((pdq(1).hex(), 90, bytes(32).hex(), False))
    seen = known.match(None, [looking(pdq(50), OTHER, restored(flipped(pdq(1), list(range(bits))), STEPS))])
    assert [(one.rule, one.corroborated) for one in seen] == ([("near-restored", False)] if found else [])


def test_a_part_as_it_is_comes_before_a_restored_picture() -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    part = Window(part=True, quality=90, variants=(flipped(pdq(1), list(range(25))),), structures=(OTHER,))
    (match,) = known.match(None, [looking(pdq(50), OTHER, restored(pdq(1), STEPS), part)])
    assert (match.rule, match.distance) == ("near-window", 25)


def stretched(value: bytes, quality: int = 90) -> Window:
    return Window(part=False, quality=quality, variants=(value,), structures=(STEPS,), stretched=True)


@pytest.mark.parametrize(("bits", "found"), [(0, True), (31, True), (32, False)])
def test_a_stretched_picture_is_a_marked_candidate_that_is_never_corroborated(bits: int, found: bool) -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    seen = frame(pdq(50), quality=30, windows=(stretched(flipped(pdq(1), list(range(bits)))),))
    told = [(one.rule, one.by_window, one.corroborated, one.families) for one in known.match(None, [seen])]
    assert told == ([("near-stretched", True, False, ("pdq",))] if found else [])


def test_a_stretched_picture_that_is_still_flat_is_not_looked_up() -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    assert known.match(None, [frame(pdq(1), quality=30, windows=(stretched(pdq(1), 49),))]) == []


def test_the_exact_file_of_a_stretched_picture_is_named_by_its_digest_and_is_not_corroborated() -> None:
    flat = frame(pdq(1), quality=30, windows=(stretched(pdq(1)),))
    (match,) = match_list(3).match(digests(1), [flat])
    assert (match.rule, match.corroborated, match.weak) == ("exact-sha256", False, False)


def test_a_part_as_it_is_comes_before_a_stretched_picture_and_that_before_a_restored_one() -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    far = flipped(pdq(1), list(range(25)))
    part = Window(part=True, quality=90, variants=(far,), structures=(OTHER,))
    every = (restored(pdq(1), STEPS), stretched(pdq(1)), part)
    for windows, rule in ((every, "near-window"), (every[:2], "near-stretched")):
        (match,) = known.match(None, [looking(pdq(50), OTHER, *windows)])
        assert match.rule == rule


def test_a_poor_window_is_not_looked_up() -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False))
    assert known.match(None, [looking(pdq(50), STEPS, Window(part=True, quality=49, variants=(pdq(1),)))]) == []


def test_the_parts_of_a_removed_entry_are_gone_with_it() -> None:
    known = with_looks((pdq(1).hex(), 90, STEPS.hex(), False), (pdq(2).hex(), 90, STEPS.hex(), True))
    assert known.without([entry_id(1)]).match(None, [looking(pdq(2), STEPS)]) == []


def test_bytes_and_a_part_corroborate_nothing() -> None:
    seen = MatchEvidence(frozenset({Family.MD5, Family.PDQ, Family.STRUCTURE}), 3, 90, 90, by_window=True)
    verdict = judge(seen)
    assert verdict is not None
    assert (verdict.rule, verdict.corroborated, verdict.weak) == ("exact-legacy", False, True)


@given(one=st.binary(min_size=32, max_size=32), other=st.binary(min_size=32, max_size=32))
def test_similarity_is_symmetric_a_share_and_whole_for_equals(one: bytes, other: bytes) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) in (0, 1)
