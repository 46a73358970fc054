"""The namespace of test entries is permanent and of no other entry, and nothing ever matches a test entry."""

from __future__ import annotations

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from tests.support.matching_lists import digests, frame, match_list, pdq, record
from tutela.events.identifiers import uuid7
from tutela.matching import REMOVED, Later, MatchList, Record, Snapshot, snapshot_bytes
from tutela.matching.files import drill_entries
from tutela.matching.files.drill_entries import CATEGORY, FIRST, LAST, drawn, is_test
from tutela.matching.lists.counts import drill_entries_of


def test_the_namespace_never_changes() -> None:
    """Lists and policies of others have it."""
    assert drill_entries.NAMESPACE == "7e57da7a-7e57-8e57"
    assert CATEGORY == "tutela-test:7e57da7a-7e57-8e57"


def test_a_drawn_id_is_of_the_namespace_and_of_version_8() -> None:
    for one in {drawn() for _ in range(100)}:
        assert is_test(one)
        assert FIRST <= one <= LAST
        assert (one.version, one.variant) == (8, "specified in RFC 4122")
    assert not any(is_test(one) for one in (uuid4(), uuid7(), UUID(int=0)))


@given(st.uuids())
def test_an_id_is_of_the_namespace_exactly_between_its_ends(one: UUID) -> None:
    assert is_test(one) == (FIRST <= one <= LAST)


def _with(*entries: Record) -> MatchList:
    return MatchList.load(Snapshot(snapshot_bytes([record(0), record(1), *entries])[0]), list_id="l", version=1)


def _test_record(number: int, entry: UUID | None = None) -> Record:
    like = record(number)
    return Record(entry or drawn(), like.sha256, like.sha1, like.md5, like.pdq)


def test_nothing_matches_a_test_entry_by_any_hash() -> None:
    known = _with(_test_record(7))
    assert known.match(digests(7), [frame(pdq(7))]) == []
    assert len(known) == 3
    # The same item as a real entry is found by that one alone.
    (match,) = _with(_test_record(1)).match(digests(1), [frame(pdq(1))])
    assert not is_test(match.entry_id)
    assert [len(match_list(3).match(digests(1), [])), len(drill_entries_of(match_list(3)))] == [1, 0]


def test_the_test_entries_of_a_list_are_counted_as_they_come_and_go() -> None:
    old, new = drawn(), drawn()
    base = Snapshot(snapshot_bytes([record(0), _test_record(7, old)])[0])
    known = MatchList.load(base, list_id="l", version=1)
    assert drill_entries_of(known) == {old}
    assert drill_entries_of(known.without([old])) == set()
    changes = Snapshot(snapshot_bytes([Record(old, flags=REMOVED), _test_record(8, new)])[0])
    later = MatchList(known.list_id, 2, known.source, base, known.index, later=Later.load(base, changes))
    assert drill_entries_of(later) == {new}
    assert later.match(digests(8), [frame(pdq(8))]) == []
