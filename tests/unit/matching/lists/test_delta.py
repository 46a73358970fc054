"""Changes to a list count as if the list had been made anew; folded, they are the same bytes."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.matching_lists import digests, entry_id, flipped, frame, pdq, record
from tutela.matching import REMOVED, VIDEO, Later, MatchList, Record, Snapshot, folded, snapshot_bytes

# Entries by number; the same number with another variant is the same entry with other hashes.
LISTS = st.dictionaries(st.integers(0, 30), st.integers(0, 2), max_size=20)


def entry(number: int, variant: int) -> Record:
    made = record(1000 * variant + number)
    # Looks that others have, too, and one twice.
    looks = (*made.pdq, (pdq(7).hex(), 60 + variant), (pdq(7).hex(), 60 + variant))
    return replace(made, entry_id=entry_id(number), pdq=looks, flags=VIDEO if number % 5 == 0 else 0)


def whole(entries: dict[int, int]) -> bytes:
    return snapshot_bytes((entry(*one) for one in entries.items()), hasher="h/1")[0]


def between(before: dict[int, int], after: dict[int, int]) -> bytes:
    changed = [entry(*one) for one in after.items() if before.get(one[0]) != one[1]]
    gone = [Record(entry_id(number), flags=REMOVED) for number in before if number not in after]
    return snapshot_bytes([*changed, *gone], hasher="h/1")[0]


@given(LISTS, LISTS, LISTS)
def test_folded_changes_are_the_bytes_of_the_list_made_anew(
    first: dict[int, int], second: dict[int, int], third: dict[int, int]
) -> None:
    base, to_second, to_third = Snapshot(whole(first)), between(first, second), between(second, third)
    assert folded(base, Snapshot(to_second)) == whole(second)
    both = Snapshot(folded(Snapshot(to_second), Snapshot(to_third), tombstones=True))
    assert folded(base, both) == whole(third), "changes of changes are changes"
    assert Later.load(base, both).entries == len(third)


@given(LISTS, LISTS)
def test_a_list_with_changes_answers_as_the_list_made_anew(before: dict[int, int], after: dict[int, int]) -> None:
    base, changes = Snapshot(whole(before)), Snapshot(between(before, after))
    changed = MatchList.load(base, list_id="list-a", version=2)
    changed = replace(changed, later=Later.load(base, changes))
    anew = MatchList.load(Snapshot(whole(after)), list_id="list-a", version=2)
    assert len(changed) == len(anew) == len(after)
    for number in range(12):
        for variant in range(3):
            item = (digests(1000 * variant + number), [frame(pdq(1000 * variant + number)), frame(pdq(7))])
            assert changed.match(*item) == anew.match(*item)
            hidden = [entry_id(number)]
            assert changed.without(hidden).match(*item) == anew.without(hidden).match(*item)


def test_what_is_gone_does_not_match_and_what_came_does() -> None:
    base = Snapshot(whole({1: 0, 2: 0}))
    changes = Snapshot(between({1: 0, 2: 0}, {2: 0, 3: 0}))
    made = replace(MatchList.load(base, list_id="list-a", version=1), later=Later.load(base, changes))
    assert made.later is not None
    assert (made.later.gone, made.later.ids) == ({entry_id(1)}, {entry_id(1), entry_id(3)})

    def found(number: int) -> set[UUID]:
        near = frame(flipped(pdq(number), [1, 99]))
        return {match.entry_id for match in made.match(digests(number), [near])}

    assert [found(1), found(2), found(3)] == [set(), {entry_id(2)}, {entry_id(3)}]


def test_a_tombstone_needs_no_hash_and_anything_else_does() -> None:
    data, report = snapshot_bytes([Record(entry_id(1), flags=REMOVED), Record(entry_id(2))])
    assert (len(Snapshot(data)), report.entries) == (1, 1)
    assert [one.reason for one in report.quarantined] == ["no usable hash"]


def test_hashes_of_two_programs_are_not_put_into_one_list() -> None:
    other, _ = snapshot_bytes([record(1)], hasher="h/2")
    with pytest.raises(ValueError, match="different programs"):
        folded(Snapshot(whole({1: 0})), Snapshot(other))
