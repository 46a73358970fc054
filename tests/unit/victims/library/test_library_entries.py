"""Entries of the library: sources, review days, honest marks, and the grades of the prevention hub."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tutela import clock
from tutela.prevention.evidence_grades.facts import Bias
from tutela.victims.library import library_entries
from tutela.victims.library.library_entries import LibraryEntry

KNOWLEDGE = "school-education-knowledge"


def entry(key: str) -> LibraryEntry:
    return next(one for one in library_entries.entries() if one.key == key)


def test_every_entry_has_a_source_a_review_and_a_mark() -> None:
    found = library_entries.entries()
    assert len({one.key for one in found}) == len(found)
    for one in found:
        assert one.source
        assert one.topic in library_entries.TOPICS
        assert one.reviewed < one.review_by
        assert one.unchecked, "nobody has compared it with its source yet"


def test_an_entry_that_nobody_judged_has_no_grade_and_says_what_was_left_out() -> None:
    assert not any(one.evaluated for one in library_entries.entries())
    assert [left for left, _reason in entry(KNOWLEDGE).graded.left] == ["walsh-2015"]


def test_a_judged_study_gets_the_grade_of_the_prevention_hub() -> None:
    found = entry(KNOWLEDGE)
    judged = replace(found, studies=tuple(replace(one, bias=Bias.SOME) for one in found.studies))
    assert judged.evaluated
    assert judged.graded.grade == "B"


def test_an_entry_after_its_review_day_is_marked() -> None:
    with clock.simulate(datetime(2029, 1, 1, tzinfo=UTC)):
        assert all(one.stale for one in library_entries.entries())


def test_the_search_reads_title_text_and_source() -> None:
    assert {one.topic for one in library_entries.find("research")} == {"research"}
    assert [one.key for one in library_entries.find(text="recorded interview")] == ["barnahus-interview"]
