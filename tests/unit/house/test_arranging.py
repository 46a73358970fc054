"""Lists in memory: found, in order, as a file; whatever an address says."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.message.spreadsheet_cells import RUN
from tutela.organisations.table_views.sort_and_filter import Column, arranged, as_file, paged


@dataclass(frozen=True)
class Row:
    name: str
    size: int | None


COLUMNS: tuple[Column[Row], ...] = (
    Column("name", "Name", lambda row: row.name),
    Column("size", "Size", lambda row: row.size, number=True),
)
ROWS = st.lists(st.builds(Row, st.text(max_size=8), st.none() | st.integers(0, 99)), max_size=12)


@given(ROWS, st.sampled_from(["name", "-name", "size", "-size", "", "-", "nothing", "--name"]))
def test_any_order_has_every_row_once_and_the_unknown_last(rows: list[Row], sort: str) -> None:
    found = arranged({"sort": sort}, rows, COLUMNS)
    assert sorted(found.rows, key=repr) == sorted(rows, key=repr)
    if sort in ("", "-", "nothing", "--name"):
        assert (found.rows, found.sort) == (rows, "")
    if sort.endswith("size"):
        known = [row.size for row in found.rows if row.size is not None]
        assert known == sorted(known, reverse=sort.startswith("-"))
        assert all(row.size is None for row in found.rows[len(known) :])


@given(ROWS, st.text(max_size=5))
def test_what_is_found_says_the_words(rows: list[Row], words: str) -> None:
    found = arranged({"find": words}, rows, COLUMNS)
    wanted = words.strip().casefold()
    said = [
        row
        for row in rows
        if wanted in row.name.casefold() or wanted in str(row.size or "" if row.size is None else row.size)
    ]
    assert found.rows == (said if wanted else rows)
    assert found.total == len(rows)


def test_a_code_is_found_by_what_the_page_says_and_handed_out_as_it_is() -> None:
    columns = (Column[Row]("state", "State", lambda row: row.name, shown=lambda row: f"waits for {row.name}"),)
    rows = [Row("one", 1), Row("two", 2)]
    assert arranged({"find": "for two"}, rows, columns).rows == [rows[1]]
    assert b"waits" not in arranged({}, rows, columns).csv("a.csv").content


@given(ROWS)
def test_the_file_has_the_rows_and_no_formula(rows: list[Row]) -> None:
    body = arranged({}, rows, COLUMNS).csv("a.csv").content.decode()
    lines = list(csv.reader(io.StringIO(body, newline="")))
    assert lines[0] == ["name", "size"]
    assert len(lines) == len(rows) + 1
    assert not [cell for line in lines[1:] for cell in line if cell.startswith(RUN)]


@given(ROWS, st.sampled_from(["", "a-", "b-"]))
def test_a_list_reads_its_own_words_alone(rows: list[Row], prefix: str) -> None:
    asked = {"a-find": "1", "a-sort": "size", "b-find": "", "b-sort": "-name", "format": "a-csv"}
    found = arranged(asked, rows, COLUMNS, prefix)
    assert (found.find, found.sort) == (asked.get(f"{prefix}find", ""), asked.get(f"{prefix}sort", ""))
    assert as_file(asked, prefix) == (prefix == "a-")


@given(ROWS, st.text(max_size=6))
def test_a_page_stays_as_the_database_put_it(rows: list[Row], sort: str) -> None:
    found = paged(rows, COLUMNS, sort, {"size": ("size",)})
    assert found.rows == rows
    assert found.sort == ("size" if sort == "size" else "")
