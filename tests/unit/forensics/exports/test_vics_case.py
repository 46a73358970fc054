"""A case as VICS: human grades alone, every place, and no export while people disagree."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.triage_world import authorisation, bare_item
from tutela.exchange.hash_lists.entry import Listed
from tutela.exchange.hash_lists.vics_reader import VicsReader
from tutela.forensics.authorisation import load_authorisation
from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import DisputedError, ListUnreadableError
from tutela.forensics.exports.case_uco import write_case_uco
from tutela.forensics.exports.vics_case import write_vics
from tutela.forensics.grades.grade_book import GradeBook
from tutela.forensics.grades.import_grades import import_grades

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ONE, TWO, THREE = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    allowed = load_authorisation(authorisation(tmp_path / "authorisation.json", tmp_path))
    with Case.create(tmp_path / "case", allowed, now=NOW) as made:
        bare_item(made, 1, ONE, name="a/1.jpg")
        bare_item(made, 2, ONE, name="b/2.jpg")
        bare_item(made, 3, TWO, **{"class": "known"}, category="be:1")
        bare_item(made, 4, THREE, **{"class": "ignorable"})
        yield made


def written(case: Case, version: str = "2.0") -> dict[str, Any]:
    out = io.StringIO()
    write_vics(case, out, version=version, categories={"be:1": 1})
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.mark.parametrize("version", ["2.0", "1.3"])
def test_grades_of_people_are_written_and_proposals_of_lists_are_not(case: Case, version: str) -> None:
    GradeBook(case).grade(ONE, "be:1", "real", person="Ada", at=NOW)
    (value,) = written(case, version)["value"]
    assert [one["Category"] for one in value["Media"]] == [1, None]
    assert [one["FilePath"] for one in value["Media"][0]["MediaFiles"]] == ["one\\a", "one\\b"]
    assert value["CaseNumber"] == "EX-2026-1"
    assert value["TotalMediaFiles"] == 2


def test_a_dispute_blocks_both_exports(case: Case) -> None:
    book = GradeBook(case)
    book.grade(ONE, "be:1", "real", person="Ada", at=NOW)
    book.grade(ONE, "be:2", "real", person="Ben", at=NOW)
    with pytest.raises(DisputedError):
        written(case)
    with pytest.raises(DisputedError):
        write_case_uco(case, io.StringIO())
    book.decide(ONE, "be:1", "real", person="Cem", at=NOW)
    assert written(case)


def test_what_was_graded_elsewhere_is_imported_with_its_authenticity(case: Case, tmp_path: Path) -> None:
    book = GradeBook(case)
    book.grade(ONE, "be:1", "synthetic", person="Ada", at=NOW)
    path = tmp_path / "graded.json"
    with path.open("w") as file:
        write_vics(case, file, version="2.0", categories={"be:1": 1}, profile="BE")
    book.undo(ONE, person="Ada", at=NOW)
    counts = import_grades(case, path, person="Ben", at=NOW)
    assert (counts.graded, counts.absent, counts.refused) == (1, 0, 0)
    found = book.find(ONE)
    assert found is not None
    assert (found.value, found.authenticity, found.people) == ("vics-be:1", "synthetic", ("Ben",))


def test_a_file_of_another_tool_is_imported(case: Case, tmp_path: Path) -> None:
    model = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/CUSTOM/$metadata#Cases"
    media = [
        {
            "MediaID": 0,
            "MD5": ONE[:32].upper(),
            "Category": 1,
            "MediaFiles": [{"FileName": "x.jpg", "FilePath": "C:\\"}],
        },
        {"MediaID": 1, "MD5": "D" * 32, "Category": 1},
    ]
    path = tmp_path / "foreign.json"
    path.write_text(json.dumps({"@odata.context": model, "value": [{"CaseNumber": "1", "Media": media}]}))
    counts = import_grades(case, path, person="Ben", at=NOW)
    assert (counts.graded, counts.absent) == (1, 1)


def test_of_a_file_that_is_broken_at_its_end_no_grade_is_taken(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "grades.csv"
    rows = [b"sha256,value,authenticity", *([f"{ONE},be:1,real".encode()] * 1000), b"\xff"]
    for whole in (b"\n".join([*rows, b""]), b"\n".join(rows[:-1])):
        path.write_bytes(whole)
        with pytest.raises(ListUnreadableError):
            import_grades(case, path, person="Ben", at=NOW)
    assert GradeBook(case).find(ONE) is None


def test_places_go_round(case: Case) -> None:
    (case.folder / "out.json").write_text(json.dumps(written(case)))
    with (case.folder / "out.json").open() as file:
        entries = [one for one in VicsReader().read(file) if isinstance(one, Listed)]
    assert [(each.folder, each.name) for each in entries[0].files] == [("one\\a", "1.jpg"), ("one\\b", "2.jpg")]


def test_two_thousand_items_by_two_people_with_one_dispute(case: Case) -> None:
    """The second person takes the first one's file as a start, and differs once."""
    # Nothing is lost here that a test needs.
    case.connection.execute("PRAGMA synchronous = OFF")
    items = [f"{number:064x}" for number in range(2000)]
    for number, sha256 in enumerate(items, 100):
        bare_item(case, number, sha256)
    path = case.folder / "grades.csv"
    for person, last in (("Ada", "be:1"), ("Ben", "be:2")):
        rows = [f"{sha256},{last if sha256 == items[-1] else 'be:1'},real" for sha256 in items]
        path.write_text("\n".join(["sha256,value,authenticity", *rows, ""]))
        assert import_grades(case, path, person=person, at=NOW).graded == 2000
    book = GradeBook(case)
    assert [one.sha256 for one in book.disputes()] == [items[-1]]
    with pytest.raises(DisputedError):
        written(case)
    book.decide(items[-1], "be:1", "real", person="Cem", at=NOW)
    media = written(case)["value"][0]["Media"]
    assert sum(one["Category"] == 1 for one in media) == 2000
