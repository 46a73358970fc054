"""Grades: spread to exact copies, undone, seen by a second person, disputed, and decided by a third."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.triage_world import authorisation, bare_item
from tutela.forensics.authorisation import load_authorisation
from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import DisputedError, GradeError
from tutela.forensics.grades.grade_book import GradeBook, GradeState

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ITEM, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    allowed = load_authorisation(authorisation(tmp_path / "authorisation.json", tmp_path))
    with Case.create(tmp_path / "case", allowed, now=NOW) as made:
        for number, sha256 in enumerate((ITEM, ITEM, OTHER), 1):
            bare_item(made, number, sha256)
        yield made


@pytest.fixture
def book(case: Case) -> GradeBook:
    return GradeBook(case)


def test_a_grade_counts_for_every_exact_copy(book: GradeBook) -> None:
    assert book.grade(ITEM, "be:1", "real", person="Ada", at=NOW) == 2
    found = book.find(ITEM)
    assert found is not None
    assert (found.state, found.value, found.authenticity) == (GradeState.GRADED, "be:1", "real")
    assert book.find(OTHER) is None


def test_an_undo_takes_back_the_own_grade_alone(book: GradeBook) -> None:
    book.grade(ITEM, "be:1", "real", person="Ada", at=NOW)
    with pytest.raises(GradeError, match="no grade"):
        book.undo(ITEM, person="Ben", at=NOW)
    book.undo(ITEM, person="Ada", at=NOW)
    assert book.find(ITEM) is None
    with pytest.raises(GradeError):
        book.undo(ITEM, person="Ada", at=NOW)


def test_two_people_who_agree_confirm(book: GradeBook) -> None:
    book.grade(ITEM, "be:1", "real", person="Ada", at=NOW)
    book.grade(ITEM, "be:1", "real", person="Ben", at=NOW)
    found = book.find(ITEM)
    assert found is not None
    assert found.state is GradeState.CONFIRMED


@pytest.mark.parametrize(("value", "authenticity"), [("be:2", "real"), ("be:1", "synthetic")])
def test_two_people_who_differ_dispute_and_a_third_decides(book: GradeBook, value: str, authenticity: str) -> None:
    book.grade(ITEM, "be:1", "real", person="Ada", at=NOW)
    book.grade(ITEM, value, authenticity, person="Ben", at=NOW)
    with pytest.raises(DisputedError):
        book.require_no_dispute()
    assert [one.value for one in book.disputes()] == [""], "a disputed grade is nobody's word"
    with pytest.raises(GradeError, match="cannot decide"):
        book.decide(ITEM, "be:1", "real", person="Ben", at=NOW)
    book.decide(ITEM, "be:2", "unclear", person="Cem", at=NOW)
    book.require_no_dispute()
    found = book.find(ITEM)
    assert found is not None
    assert (found.state, found.value) == (GradeState.DECIDED, "be:2")


def test_a_later_grade_that_differs_opens_a_decision_again(book: GradeBook) -> None:
    book.grade(ITEM, "be:1", "real", person="Ada", at=NOW)
    book.grade(ITEM, "be:2", "real", person="Ben", at=NOW)
    book.decide(ITEM, "be:2", "real", person="Cem", at=NOW)
    book.grade(ITEM, "be:2", "real", person="Eva", at=NOW)
    assert not book.disputes()
    book.grade(ITEM, "be:3", "real", person="Eva", at=NOW)
    assert book.disputes()


@pytest.mark.parametrize(
    ("item", "value", "authenticity", "person"),
    [
        ("c" * 64, "be:1", "real", "Ada"),
        (ITEM, "one", "real", "Ada"),
        (ITEM, "be:1", "perhaps", "Ada"),
        (ITEM, "be:1", "real", " "),
    ],
)
def test_a_wrong_grade_is_refused(book: GradeBook, item: str, value: str, authenticity: str, person: str) -> None:
    with pytest.raises(GradeError):
        book.grade(item, value, authenticity, person=person, at=NOW)


def test_what_is_not_disputed_is_not_decided(book: GradeBook) -> None:
    with pytest.raises(GradeError, match="not disputed"):
        book.decide(ITEM, "be:1", "real", person="Cem", at=NOW)
