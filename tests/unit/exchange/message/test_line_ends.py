"""A list that was cut off anywhere but at the end of a line is refused whole; it is never a shorter list."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.hash_lists import icse, mapped_columns, stix_reader, stix_writer, vics_reader, vics_writer
from tutela.exchange.hash_lists.entry import Listed, Unreadable
from tutela.exchange.message.line_ends import CutOffError, check_file, check_text, whole_lines

ENTRIES = [
    Listed(f"{number}", {"md5": (f"{number:032x}",)}, series="A, B", at=datetime(2026, 2, 10, tzinfo=UTC))
    for number in (11, 12, 13)
]


class Writer(Protocol):
    def write(self, file: TextIO, entries: list[Listed]) -> None: ...


def _written(writer: Writer) -> str:
    file = io.StringIO()
    writer.write(file, ENTRIES)
    return file.getvalue()


LINES = {
    "csv": _written(mapped_columns.MappedWriter(lines_of_json=False)),
    "jsonl": _written(mapped_columns.MappedWriter(lines_of_json=True)),
    "icse": _written(icse.IcseWriter()),
}
DOCUMENTS = {
    "vics": _written(vics_writer.VicsWriter("2.0", {})),
    "stix": _written(stix_writer.StixWriter("Forest Centre", datetime(2026, 2, 10, tzinfo=UTC))),
}


def _read(form: str, text: str) -> int:
    reader = {
        "csv": lambda: mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=False),
        "jsonl": lambda: mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=True),
        "icse": icse.IcseReader,
        "vics": vics_reader.VicsReader,
        "stix": stix_reader.StixReader,
    }[form]()
    return sum(isinstance(one, Listed) for one in reader.read(io.StringIO(text, newline="")))


@pytest.mark.parametrize("form", sorted(LINES))
def test_a_cut_in_any_line_refuses_the_list(form: str) -> None:
    whole = LINES[form]
    assert _read(form, whole) == len(ENTRIES)
    for cut in range(1, len(whole)):
        if whole[cut - 1] != "\n":
            with pytest.raises(Unreadable):
                _read(form, whole[:cut])


@pytest.mark.parametrize("form", sorted(DOCUMENTS))
def test_a_cut_document_and_one_with_more_behind_it_are_refused(form: str) -> None:
    whole = DOCUMENTS[form].rstrip()
    assert _read(form, whole) == len(ENTRIES)
    for text in (*(whole[:cut] for cut in range(len(whole))), whole + "{", whole + whole):
        with pytest.raises(Unreadable):
            _read(form, text)


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))), st.sampled_from("\r\n"))
def test_lines_come_through_unchanged_or_not_at_all(texts: list[str], end: str) -> None:
    whole = "".join(text + end for text in texts)
    check_text(whole)
    assert "".join(whole_lines(io.StringIO(whole, newline=""))) == whole
    for refused in (lambda: check_text(whole + "x"), lambda: list(whole_lines(io.StringIO(whole + "x", newline="")))):
        with pytest.raises(CutOffError):
            refused()


def test_the_last_byte_of_a_file_tells_whether_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    for text in ("", "ä\n", "ä\r\n"):
        file.write_bytes(text.encode())
        check_file(file)
    file.write_bytes("ä".encode())
    with pytest.raises(CutOffError):
        check_file(file)
