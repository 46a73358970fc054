"""Which frames are hashed, and that everything they depend on is decoded."""

from __future__ import annotations

import itertools
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.media.video import timeline
from tutela.media.video.timeline import TICK, Mark, Need, every, plan, spaced


@st.composite
def videos(draw: st.DrawFn) -> list[Mark]:
    """Groups in the order of decoding: a key frame, frames shown before it, frames shown after it in any order."""
    marks: list[Mark] = []
    shown = draw(st.integers(-1000, 1000))
    for _ in range(draw(st.integers(1, 6))):
        leading = draw(st.integers(0, 3)) if marks else 0
        following = draw(st.permutations(range(1, draw(st.integers(0, 6)) + 1)))
        key = shown + leading
        marks.append(Mark(key * 512, True))
        marks += [Mark((key - back) * 512, False) for back in range(leading, 0, -1)]
        marks += [Mark((key + ahead) * 512, False) for ahead in following]
        shown = key + len(following) + 1
    return marks


@given(videos(), st.integers(1, 9))
def test_frames_are_numbered_as_they_are_shown_and_each_step_is_hashed(marks: list[Mark], step: int) -> None:
    chosen = plan(marks, step)
    shown = sorted(mark.pts for mark in marks)
    assert chosen.numbers == {shown[number]: number for number in range(0, len(shown), step)}
    hashed = {mark.pts for mark, need in zip(marks, chosen.needs, strict=True) if need is Need.HASHED}
    assert hashed == {*chosen.numbers, shown[-1]}
    assert chosen.last == shown[-1]


@given(videos(), st.integers(1, 9))
def test_what_a_hashed_frame_refers_to_is_decoded(marks: list[Mark], step: int) -> None:
    needs = plan(marks, step).needs
    for place, need in enumerate(needs):
        if need is not Need.HASHED:
            continue
        key = max(at for at in range(place + 1) if marks[at].key)
        begin = key
        if marks[place].pts < marks[key].pts:  # shown before its key frame: it refers to the group before, too
            begin = max((at for at in range(key) if marks[at].key), default=key)
        assert Need.NOT not in needs[begin : place + 1]


@given(videos())
def test_what_nobody_asks_for_at_the_end_of_a_group_is_left_out(marks: list[Mark]) -> None:
    last = max(marks, key=lambda mark: mark.pts)
    after = [replace(last, pts=last.pts + 512 * (k + 1), key=k == 2) for k in range(3)]
    needs = plan([*marks, *after], len(marks) + 9).needs
    assert sum(need is not Need.NOT for need in needs) == 2


def referring(marks: list[Mark], random: Random) -> list[Mark]:
    """The same packets, each referring to some of its own group that lie before it."""
    begin, told = 0, list[Mark]()
    for at, mark in enumerate(marks):
        begin = at if mark.key else begin
        refers = frozenset(one for one in range(begin, at) if random.random() < 0.4)
        told.append(replace(mark, refers=frozenset() if mark.key else refers))
    return told


@given(videos(), st.integers(1, 9), st.randoms(use_true_random=False))
def test_only_what_hashed_frames_refer_to_is_decoded_where_packets_say_so(
    marks: list[Mark], step: int, random: Random
) -> None:
    told = referring(marks, random)
    before, after = plan(marks, step), plan(told, step)
    assert before.numbers == after.numbers
    decoded = {at for at, need in enumerate(after.needs) if need in (Need.AS_REFERENCE, Need.HASHED)}
    hashed = {at for at, need in enumerate(after.needs) if need is Need.HASHED}
    for at in decoded:
        assert told[at].refers <= decoded  # type: ignore[operator]
    reached, left = set(hashed), list(hashed)
    while left:
        new = (told[left.pop()].refers or frozenset()) - reached
        reached |= new
        left += new
    assert decoded == reached


@given(videos(), st.integers(1, 9), st.randoms(use_true_random=False))
def test_one_that_does_not_say_what_it_refers_to_needs_all_of_its_group(
    marks: list[Mark], step: int, random: Random
) -> None:
    told = [replace(mark, refers=None) if random.random() < 0.3 else mark for mark in referring(marks, random)]
    needs = plan(told, step).needs
    begin = 0
    for at, mark in enumerate(told):
        begin = at if mark.key else begin
        if mark.refers is None and needs[at] in (Need.HASHED, Need.AS_REFERENCE):
            assert {Need.NOT, Need.SPARED}.isdisjoint(needs[begin : at + 1])


@given(videos(), st.integers(1, 9), st.randoms(use_true_random=False))
def test_what_is_referred_to_is_all_that_can_be_reached_and_no_more(
    marks: list[Mark], step: int, random: Random
) -> None:
    told = [replace(mark, refers=None) if random.random() < 0.5 else mark for mark in referring(marks, random)]
    told[0] = replace(told[0], key=random.random() < 0.5, refers=frozenset())
    chosen = plan(told, step)
    hashed = {*chosen.numbers, chosen.last}
    reached, left = set[int](), [at for at, mark in enumerate(told) if mark.pts in hashed]
    while left:
        at = left.pop()
        begin = max((key for key in range(at + 1) if told[key].key), default=0)
        refers = told[at].refers
        new = (frozenset(range(begin, at)) if refers is None else refers) - reached
        reached |= new
        left += new
    first = next((at for at, mark in enumerate(told) if mark.key), len(told))
    for at, need in enumerate(chosen.needs[first:], first):
        if need is not Need.HASHED:
            assert (need is Need.AS_REFERENCE) == (at in reached)


def test_a_long_group_that_does_not_say_what_it_refers_to_is_gone_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour of a call without a second key frame has a hundred thousand packets."""
    told = 0

    def counted(*bounds: int) -> range:
        nonlocal told
        told += len(range(*bounds))
        return range(*bounds)

    monkeypatch.setattr(timeline, "range", counted, raising=False)
    marks = [Mark(at, at % 10_000 == 0, None if at % 7 else frozenset()) for at in range(20_000)]
    needs = plan(marks, 30).needs
    assert needs.count(Need.HASHED) == 668
    assert told <= 4 * len(marks)


def test_before_the_first_key_frame_everything_is_tried() -> None:
    marks = [Mark(0, False), Mark(1, False), Mark(2, True), Mark(3, False)]
    assert plan(marks, 10).needs == [Need.HASHED, Need.AS_REFERENCE, Need.AS_REFERENCE, Need.HASHED]
    assert plan(marks[:2], 1).needs == [Need.HASHED, Need.HASHED]


def test_the_step_is_that_of_vpdq_until_there_are_too_many_frames() -> None:
    assert every(1.0, 29.97, 300, 4000) == 29
    assert every(1.0, 0.5, 300, 4000) == 1
    assert every(0.0, 25.0, 300, 4000) == 1
    assert every(1.0, 25.0, 1_000_000, 4000) == 250


@given(st.lists(st.floats(0, 1000), min_size=1).map(sorted), st.floats(0.1, 10))
def test_spaced_times_keep_their_distance_and_leave_no_wider_gap_than_they_must(times: list[float], gap: float) -> None:
    kept = spaced(times, gap)
    assert kept[0] == 0
    assert all(times[b] - times[a] >= gap - TICK for a, b in itertools.pairwise(kept))
    for a, b in zip(kept, [*kept[1:], len(times)], strict=True):
        assert all(times[between] - times[a] < gap - TICK for between in range(a + 1, b))


def test_a_frame_that_is_shown_for_long_is_hashed_beside_moments() -> None:
    moments = [Mark(2 * number, number == 0) for number in range(1200)]
    long = [Mark(2400 + 2000 * number, True) for number in range(10)]
    chosen = plan([*moments, *long], 59, 1000)
    assert {mark.pts for mark in long} <= set(chosen.numbers)


@given(videos(), st.integers(1, 9), st.integers(1, 5000))
def test_of_even_frames_the_window_changes_nothing(marks: list[Mark], step: int, window: int) -> None:
    shown = sorted(mark.pts for mark in marks)
    even = [replace(mark, pts=512 * shown.index(mark.pts)) for mark in marks]
    assert plan(even, step, window) == plan(even, step)


@given(videos(), st.integers(1, 5000))
def test_each_window_has_its_longest_frame(marks: list[Mark], window: int) -> None:
    shown = sorted(mark.pts for mark in marks)
    chosen = timeline.longest_shown(shown, window)
    times = [later - earlier for earlier, later in itertools.pairwise(shown)]
    for number, time in enumerate(times):
        place = (shown[number] - shown[0]) // window
        same = [other for other in chosen if (shown[other] - shown[0]) // window == place]
        assert not chosen or max(times[other] if other < len(times) else window for other in same) >= time


def test_a_rate_that_is_stated_too_high_is_counted() -> None:
    slow = [Mark(1000 * number, True) for number in range(21)]
    assert timeline.rate_of(slow, 0.001, 480.0) == 1.0
    assert timeline.rate_of(slow, 0.001, 1.0) == 1.0
    assert timeline.rate_of(slow[:1], 0.001, 30.0) == 30.0
