"""Videos against lists: both percentages, segments, and what none of them is enough for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.matching_lists import Digests, Frame, Window, digests, entry_id, flipped, frame, pdq, record
from tutela.matching import VIDEO, Match, MatchList, Record, Snapshot, Thresholds, percentages, snapshot_bytes
from tutela.matching.video.similarity import MAX_TIMES, SEGMENT_FRAMES, FrameTally, Reel, Shared

STEPS = bytes(range(1, 17)) + bytes(16)


def listed(numbers: Sequence[int], *, number: int = 900, structure: str = "", quality: int = 90) -> Record:
    """A video whose frames are the generated hashes of these numbers."""
    frames = tuple((pdq(one).hex(), quality, structure) for one in numbers)
    return Record(entry_id(number), (digests(number).sha256,), pdq=frames, flags=VIDEO)


def known(*records: Record) -> MatchList:
    data, report = snapshot_bytes(records)
    assert report.entries == len(records)
    return MatchList.load(Snapshot(data), list_id="list-v", version=1)


def shown(numbers: Sequence[int], *, structure: bytes = b"", bits: int = 0) -> list[Frame]:
    """A frame a second; each is some bits away from the hash of its number."""
    return [
        Frame(25 * at, 90, (flipped(pdq(one), list(range(bits))),), (structure,) if structure else (), (), 1000 * at)
        for at, one in enumerate(numbers)
    ]


def only(matches: list[Match]) -> Match:
    (match,) = matches
    return match


def test_a_copy_agrees_in_all_of_both() -> None:
    match = only(known(listed(range(20)), record(700)).match(None, shown(range(20), bits=31)))
    assert (match.rule, match.entry_id, match.corroborated, match.families) == (
        "near-video",
        entry_id(900),
        False,
        ("pdq",),
    )
    footage = match.footage
    assert footage is not None
    assert (footage.frames, footage.query_percent, footage.compared_percent) == (20, 100.0, 100.0)
    assert (footage.from_ms, footage.to_ms, footage.run, footage.times_ms[:3]) == (0, 19000, 20, (0, 1000, 2000))


def test_one_bit_too_far_agrees_in_nothing() -> None:
    assert known(listed(range(20))).match(None, shown(range(20), bits=32)) == []


def test_a_clip_of_a_listed_video_is_found_by_its_own_share() -> None:
    match = only(known(listed(range(100))).match(None, shown([7, 8, 9, 10])))
    assert match.rule == "near-video"
    assert match.footage is not None
    assert (match.footage.query_percent, match.footage.compared_percent) == (100.0, 4.0)


def test_a_listed_clip_in_a_long_upload_is_found_where_it_is() -> None:
    match = only(
        known(listed([50, 51, 52, 53])).match(None, shown([*range(200, 300), 50, 51, 52, 53, *range(300, 400)]))
    )
    assert match.rule == "near-video"
    assert match.footage is not None
    assert (round(match.footage.query_percent, 2), match.footage.compared_percent) == (1.96, 100.0)
    assert (match.footage.from_ms, match.footage.to_ms) == (100_000, 103_000)


def test_a_scene_that_both_share_is_a_segment_and_never_corroborated() -> None:
    query = shown([*range(200, 260), *range(40, 45), *range(300, 360)], structure=STEPS)
    match = only(known(listed(range(100), structure=STEPS.hex())).match(None, query))
    assert (match.rule, match.corroborated, match.families) == ("near-segment", False, ("pdq",))
    assert match.footage is not None
    assert (match.footage.from_ms, match.footage.to_ms, match.footage.run) == (60_000, 64_000, 5)
    shorter = shown([*range(200, 260), *range(40, 44), *range(300, 360)])
    assert known(listed(range(100))).match(None, shorter) == []


def test_one_frame_that_stands_still_is_no_segment() -> None:
    query = shown([*range(200, 230), *[40] * 30, *range(300, 330)])
    assert known(listed(range(100))).match(None, query) == []


def test_a_video_whose_frames_agree_in_structure_too_is_corroborated() -> None:
    entries = known(listed(range(10), structure=STEPS.hex()))
    match = only(entries.match(None, shown(range(10), structure=STEPS, bits=20)))
    assert (match.rule, match.corroborated, match.families) == ("near-video", True, ("pdq", "structure"))
    assert not only(entries.match(None, shown(range(10), structure=STEPS, bits=21))).corroborated
    mixed = shown(range(3), structure=STEPS) + [
        replace(one, index=one.index + 1000) for one in shown(range(3, 10), structure=STEPS, bits=21)
    ]
    assert not only(entries.match(None, mixed)).corroborated


def test_the_bytes_and_the_frames_corroborate_each_other_and_bytes_alone_do_not() -> None:
    entries = known(listed(range(10)))
    match = only(entries.match(Digests(sha256=digests(900).sha256), shown(range(10))))
    assert (match.rule, match.corroborated, match.families) == ("exact-sha256", True, ("pdq", "sha256"))
    alone = only(entries.match(Digests(sha256=digests(900).sha256), shown([3, *range(500, 540)])))
    assert (alone.rule, alone.corroborated, alone.families) == ("exact-sha256", False, ("sha256",))


def test_a_still_of_a_listed_video_is_found_and_named_as_such() -> None:
    match = only(known(listed(range(30))).match(None, [frame(pdq(4), variant=5)]))
    assert (match.rule, match.variant, match.footage, match.corroborated) == ("near-frame", 5, None, False)


def test_a_video_that_stands_still_is_as_good_as_a_picture() -> None:
    assert only(known(listed(range(30))).match(None, shown([4, 4, 4]))).rule == "near-frame"


def test_a_frame_that_shows_a_listed_picture_is_found_with_its_time() -> None:
    query = [*shown(range(500, 540)), *[replace(one, index=2000, time_ms=99_000) for one in shown([3])]]
    match = only(known(record(3)).match(None, query))
    assert (match.rule, match.frame) == ("near-pdq", 2000)
    assert match.footage is not None
    assert match.footage.compared_percent is None
    assert (match.footage.times_ms, match.footage.frames) == ((99_000,), 1)


def test_frames_of_too_little_quality_count_on_neither_side() -> None:
    query = [*shown(range(4)), *[replace(one, index=one.index + 500, quality=49) for one in shown(range(60, 90))]]
    footage = only(known(listed(range(4))).match(None, query)).footage
    assert footage is not None
    assert (footage.query_percent, footage.compared_percent) == (100.0, 100.0)


def test_a_turned_video_is_found() -> None:
    query = [
        Frame(at, 90, (pdq(400 + at), pdq(500 + at), pdq(600 + at), pdq(at)), (), (), 1000 * at) for at in range(8)
    ]
    match = only(known(listed(range(8))).match(None, query))
    assert (match.rule, match.variant) == ("near-video", 3)


def framed(numbers: Sequence[int]) -> list[Frame]:
    """Frames that are far from everything but for what lies between their bars."""
    return [
        Frame(25 * at, quality, (pdq(5000 + at),), (), (Window(True, 90, (pdq(one),), (STEPS,)),), 1000 * at)
        for at, (one, quality) in enumerate(zip(numbers, [90, 30] * len(numbers), strict=False))
    ]


def test_a_framed_copy_agrees_by_parts_is_marked_and_never_corroborated() -> None:
    entries = known(listed(range(10), structure=STEPS.hex()))
    match = only(entries.match(None, framed(range(10))))
    assert (match.rule, match.by_window, match.corroborated, match.families) == ("near-video", True, False, ("pdq",))
    assert match.footage is not None
    assert (match.footage.query_percent, match.footage.compared_percent, match.footage.run) == (100.0, 100.0, 10)
    exact = only(entries.match(Digests(sha256=digests(900).sha256), framed(range(10))))
    assert (exact.rule, exact.corroborated) == ("exact-sha256", False)


def test_whole_frames_and_parts_are_not_mixed_where_whole_ones_suffice() -> None:
    match = only(known(listed(range(10))).match(None, [*shown(range(9)), *framed([0])[:1]]))
    assert (match.rule, match.by_window) == ("near-video", False)


def test_a_part_of_one_frame_is_not_enough_for_a_video_and_is_for_a_picture() -> None:
    query = [*shown(range(500, 520)), *[replace(one, index=9000, time_ms=99_000) for one in framed([3])]]
    assert known(listed(range(10))).match(None, query) == []
    match = only(known(record(3)).match(None, query))
    assert (match.rule, match.by_window) == ("near-window", True)
    assert match.footage is not None
    assert match.footage.times_ms == (99_000,)


def test_a_listed_frame_that_agrees_whole_and_by_its_part_counts_once() -> None:
    looks = [(pdq(one).hex(), 90, "", part) for one in range(10) for part in (False,)]
    parts = [(pdq(100 + one).hex(), 90, "", True) for one in range(10)]
    entries = known(Record(entry_id(900), pdq=(*looks, *parts), flags=VIDEO))
    assert only(entries.match(None, shown(range(100, 110)))).by_window
    five = [*framed(range(5)), *[replace(one, index=7000 + one.index) for one in framed(range(100, 105))]]
    (match,) = entries.match(None, [*five, *[replace(o, index=o.index + 90000) for o in shown(range(600, 640))]])
    assert match.footage is not None
    assert match.footage.compared_percent == 50.0


def test_a_removed_video_is_never_answered() -> None:
    assert known(listed(range(8))).without([entry_id(900)]).match(None, shown(range(8))) == []


def test_the_first_hundred_times_travel() -> None:
    footage = only(known(listed(range(150))).match(None, shown(range(150)))).footage
    assert footage is not None
    assert (len(footage.times_ms), footage.frames) == (MAX_TIMES, 150)


@pytest.mark.parametrize(
    ("query", "compared", "thresholds", "enough"),
    [
        (80, 1, Thresholds(80, 0), True),
        (79.9, 100, Thresholds(80, 0), False),
        (1, 80, Thresholds(0, 80), True),
        (100, 0, Thresholds(80, 0), False),
        (0, 0, Thresholds(0, 0), False),
        (50, 50, Thresholds(50, 50), True),
    ],
)
def test_thresholds_are_a_pair_of_which_both_are_reached(
    query: float, compared: float, thresholds: Thresholds, enough: bool
) -> None:
    assert thresholds.reached(query, compared) is enough


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_thresholds_are_read_as_they_are_written(query: int, compared: int) -> None:
    pair = Thresholds(query / 10, compared / 10)
    assert Thresholds.parse(str(pair)) == pair


@pytest.mark.parametrize("text", ["", "80", "80:", "1:2:3", "-1:2", "0:101", "nan:1", "a:b"])
def test_what_are_no_thresholds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="QUERY:COMPARED"):
        Thresholds.parse(text)


def test_a_list_asks_for_as_much_as_it_is_told_to() -> None:
    entries, query = known(listed(range(100))), shown([*range(3), *range(500, 503)])
    assert entries.match(None, query) == []
    assert only(replace(entries, thresholds=(Thresholds(50, 3),)).match(None, query)).rule == "near-video"
    assert replace(entries, thresholds=(Thresholds(50, 4),)).match(None, query) == []


bags = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40), st.integers(0, 100)), max_size=12)


def as_frames(bag: list[tuple[int, int, int]]) -> list[tuple[bytes, int]]:
    return [(flipped(pdq(seed), list(range(bits))), quality) for seed, bits, quality in bag]


def distance(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@settings(deadline=None)
@given(bags, bags)
def test_percentages_are_those_of_the_definition(
    ours: list[tuple[int, int, int]], theirs: list[tuple[int, int, int]]
) -> None:
    query, compared = as_frames(ours), as_frames(theirs)
    q = {value for value, quality in query if quality >= 50}
    c = {value for value, quality in compared if quality >= 50}
    expected = (0.0, 0.0)
    if q and c:
        in_c = sum(any(distance(one, other) <= 31 for other in c) for one in q)
        in_q = sum(any(distance(one, other) <= 31 for other in q) for one in c)
        expected = (100 * in_c / len(q), 100 * in_q / len(c))
    assert percentages(query, compared) == pytest.approx(expected)


@settings(deadline=None)
@given(bags.filter(bool), bags.filter(bool))
def test_a_list_counts_as_the_definition_does(
    ours: list[tuple[int, int, int]], theirs: list[tuple[int, int, int]]
) -> None:
    query = [Frame(at, quality, (value,), (), (), at) for at, (value, quality) in enumerate(as_frames(ours))]
    good = [(value.hex(), quality) for value, quality in as_frames(theirs) if quality >= 50 and any(value)]
    reel = Reel.of(query)
    if reel is None or not good:
        return
    entries = known(Record(entry_id(1), pdq=tuple(good), flags=VIDEO))
    wanted = percentages([(one.variants[0], one.quality) for one in query], [(bytes.fromhex(h), q) for h, q in good])
    for match in entries.match(None, query):
        assert match.footage is not None
        assert (match.footage.query_percent, match.footage.compared_percent) == pytest.approx(wanted, abs=0.01)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=30))
def test_the_longest_run_is_the_longest(frames: list[tuple[int, bool]]) -> None:
    made = [Frame(at, 90, (pdq(seed),), (), (), at * 10) for at, (seed, _) in enumerate(frames)]
    agreeing = [at for at, (_, agrees) in enumerate(frames) if agrees]
    if not agreeing:
        return
    tally = FrameTally(Reel(made))
    for at in agreeing:
        tally.see(at, bytes([at]), strict=False)
    shared: Shared = tally.shared(30)
    best = max(
        len({frames[at][0] for at in range(a, b)})
        for a in range(len(frames))
        for b in range(a + 1, len(frames) + 1)
        if all(frames[at][1] for at in range(a, b))
    )
    assert shared.footage.run == best
    begin, end = shared.footage.from_ms // 10, shared.footage.to_ms // 10
    assert all(frames[at][1] for at in range(begin, end + 1))
    assert len({frames[at][0] for at in range(begin, end + 1)}) == best
    ends = [-1]
    for one in shared.footage.segments:
        begin, end = one.from_ms // 10, one.to_ms // 10
        assert begin > ends[-1], "in their order, and none in another"
        ends.append(end)
        assert all(frames[at][1] for at in range(begin, end + 1))
        assert len({frames[at][0] for at in range(begin, end + 1)}) == one.run >= SEGMENT_FRAMES
    assert bool(shared.footage.segments) == (best >= SEGMENT_FRAMES)
