"""PhotoDNA: supplied values alone are compared, and the distance is the sum of squared differences."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.triage_world import authorisation
from tutela.forensics.authorisation import load_authorisation
from tutela.forensics.case_folder.case import Case
from tutela.forensics.errors import ListUnreadableError
from tutela.forensics.lists.photodna import MOST_DISTANCE, PhotoDnaLists, add_supplied_values

VALUE = bytes(range(144))
VALUES = st.lists(st.integers(0, 255), min_size=144, max_size=144).map(bytes)


def case_with(folder: Path, *listed: bytes) -> Case:
    allowed = load_authorisation(authorisation(folder / "authorisation.json", folder))
    case = Case.create(folder / "case", allowed, now=datetime(2026, 11, 30, tzinfo=UTC))
    case.connection.execute("INSERT INTO list VALUES (1, 'known', 'a', '', '', 0, 0)")
    rows = [(1, number.to_bytes(16), "", "", value) for number, value in enumerate(listed)]
    case.connection.executemany("INSERT INTO list_entry VALUES (?, ?, ?, ?, ?)", rows)
    return case


def test_values_near_enough_are_found_nearest_first(tmp_path: Path) -> None:
    near = bytes([VALUE[0] + 9, *VALUE[1:]])
    far = bytes(255 - one for one in VALUE)
    with case_with(tmp_path, far, near, VALUE) as case:
        found = PhotoDnaLists(case).near(VALUE)
    assert [(entry, distance) for _, entry, distance in found] == [((2).to_bytes(16), 0), ((1).to_bytes(16), 81)]


@given(VALUES, VALUES)
def test_the_distance_is_that_of_the_definition(one: bytes, other: bytes) -> None:
    wanted = sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
    rows = [(1, bytes(16), other)]

    class Rows:
        def fetchmany(self, _: int) -> list[tuple[int, bytes, bytes]]:
            return [rows.pop()] if rows else []

    lists = PhotoDnaLists.__new__(PhotoDnaLists)
    lists._case = type("Held", (), {"connection": type("At", (), {"execute": lambda *_: Rows()})()})()  # type: ignore[assignment]
    found = lists.near(one)
    assert [distance for *_, distance in found] == ([wanted] if wanted <= MOST_DISTANCE else [])


def test_a_file_of_values_that_ends_in_half_a_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "values.csv").write_text(f"sha256,photodna\n{'a' * 64},{base64.b64encode(VALUE).decode()}")
    with case_with(tmp_path) as case, pytest.raises(ListUnreadableError, match="no line end"):
        add_supplied_values(case, tmp_path / "values.csv")


@pytest.mark.parametrize(
    "text", ["", "sha256,value\n", "sha256,photodna\nab,cd\n", f"sha256,photodna\n{'a' * 64},xx\n"]
)
def test_a_wrong_file_of_values_is_refused_or_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "values.csv").write_text(text)
    with case_with(tmp_path) as case:
        if text in ("", "sha256,value\n"):
            assert add_supplied_values(case, tmp_path / "values.csv") == 0
            return
        with pytest.raises(ListUnreadableError):
            add_supplied_values(case, tmp_path / "values.csv")


def test_supplied_values_are_taken(tmp_path: Path) -> None:
    text = f"sha256,photodna\n{'a' * 64},{base64.b64encode(VALUE).decode()}\n{'b' * 64},{VALUE.hex()}\n"
    (tmp_path / "values.csv").write_text(text)
    with case_with(tmp_path) as case:
        assert add_supplied_values(case, tmp_path / "values.csv") == 2
        assert {bytes(row[0]) for row in case.rows("SELECT value FROM supplied_photodna")} == {VALUE}
