"""What a list has is counted as a plain set of its hashes would count it."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.matching_lists import entry_id
from tutela.matching import REMOVED, HammingIndex, Later, MatchList, Record, Snapshot, snapshot_bytes
from tutela.matching.lists.counts import different, entry_ids, has, hashes_of

# Few beginnings, so that many hashes share one, and few of each, so that many are the same.
HASH = st.builds(lambda head, tail: f"{head:016x}{tail:048x}", st.integers(1, 3), st.integers(1, 4))
LOOKS = st.lists(HASH, min_size=1, max_size=4)
ENTRIES = st.dictionaries(st.integers(0, 12), st.tuples(LOOKS, st.lists(HASH, max_size=2)), max_size=8)
type Entries = dict[int, tuple[list[str], list[str]]]


def snapshot(entries: Entries, gone: set[int] = frozenset()) -> Snapshot:  # type: ignore[assignment]
    records = [
        Record(entry_id(number), pdq=[(one, 90) for one in looks], sha256=digests, md5=[one[-32:] for one in digests])
        for number, (looks, digests) in entries.items()
    ]
    records += [Record(entry_id(number), flags=REMOVED) for number in gone]
    return Snapshot(snapshot_bytes(records)[0])


def listed(base: Entries, changed: Entries | None, gone: set[int]) -> tuple[MatchList, Entries]:
    found = MatchList.load(snapshot(base), list_id="a", version=1)
    if changed is None:
        return found, base
    later = Later.load(found.snapshot, snapshot(changed, gone - changed.keys()))
    found = MatchList("a", 2, "register", found.snapshot, HammingIndex(found.snapshot.pdq), later=later)
    return found, {number: one for number, one in base.items() if number not in gone} | changed


@given(ENTRIES, st.none() | ENTRIES, st.sets(st.integers(0, 12), max_size=4))
def test_it_counts_and_finds_what_the_entries_have(base: Entries, changed: Entries | None, gone: set[int]) -> None:
    gone &= base.keys()
    found, entries = listed(base, changed, gone)
    expected = {number: _items(*one) for number, one in entries.items()}
    everything = {one for of in expected.values() for one in of}
    assert different(found) == len(everything)
    assert sorted(bytes(one).ljust(16, b"\0") for one in entry_ids(found).tolist()) == sorted(
        entry_id(number).bytes for number in entries
    )
    shown = hashes_of(found, map(entry_id, range(13)))
    assert [set(shown[entry_id(number)]) for number in range(13)] == [
        expected.get(number, set()) for number in range(13)
    ]
    for kind in ("pdq", "sha256", "md5", "sha1"):
        values = sorted({value for one, value in _all(base, changed) if one == kind})
        assert has(found, kind, values) == [one for one in values if (kind, one) in everything]


def test_nothing_is_asked_of_an_entry_that_is_not_there() -> None:
    found, _ = listed({}, None, set())
    assert hashes_of(found, [UUID(int=5)]) == {UUID(int=5): []}
    assert different(found) == 0
    assert has(found, "pdq", [bytes(32)]) == []


def _all(base: Entries, changed: Entries | None) -> set[tuple[str, bytes]]:
    return {item for of in (base, changed or {}) for one in of.values() for item in _items(*one)}


def _items(looks: list[str], digests: list[str]) -> set[tuple[str, bytes]]:
    found = {("pdq", bytes.fromhex(one)) for one in looks} | {("sha256", bytes.fromhex(one)) for one in digests}
    return found | {("md5", bytes.fromhex(one[-32:])) for one in digests}


@pytest.mark.parametrize("count", [0, 1])
def test_an_empty_question_has_an_empty_answer(count: int) -> None:
    found, _ = listed({n: ([f"{n + 1:064x}"], []) for n in range(count)}, None, set())
    assert has(found, "pdq", []) == []
