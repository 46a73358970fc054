"""Tables of outcomes: every line read or refused by its column, whatever the file holds."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.referral import outcome_csv
from tutela.exchange.referral.outcome import OutcomeKind, ReleaseLevel
from tutela.exchange.referral.outcome_csv import COLUMNS, NotATableError, read

HEAD = "number,kind,reason,release\n"
CELLS = st.text(st.characters(exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=40)


def test_lines_are_read_with_their_numbers_and_defaults() -> None:
    lines = read((HEAD + "F-1,taken_up,,provider\n\nF-2,no_action,Not a crime,\n").encode("utf-8-sig"))
    assert [(one.number, one.referral, one.kind, one.release, one.error) for one in lines] == [
        (2, "F-1", "taken_up", "provider", ""),
        (4, "F-2", "no_action", "centre_only", ""),
    ]


def test_a_table_that_ends_in_half_a_line_is_refused_whole() -> None:
    with pytest.raises(NotATableError, match="no line end"):
        read((HEAD + "F-1,taken_up,,provider\nF-2,taken_up,,").encode())


def test_semicolons_and_other_orders_are_read_too() -> None:
    (line,) = read(b"Kind;Referral_ID;file_reference\nclosed;F-1;A-7\n")
    assert (line.referral, line.kind, line.file_reference) == ("F-1", "closed", "A-7")


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (",taken_up,,", "number"),
        ("F-1,taken,,", "kind"),
        ("F-1,,,", "kind"),
        ("F-1,no_action,,", "reason"),
        ("F-1,closed,,everybody", "release"),
        ("F-1,closed,,,,more", "more cells"),
    ],
)
def test_a_bad_line_names_its_column(line: str, column: str) -> None:
    (found,) = read((HEAD + line + "\n").encode())
    assert column in found.error


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"number,kind\n\0",
        b"name,kind\nx,closed\n",
        b"number,number,kind\n",
        b"kind\nclosed\n",
        b"number\nF-1\n",
        b'number,kind\n"F-1,closed\n',
        b"PK\x03\x04",
        b"number,kind\n" + b"F,closed\n" * 2001,
    ],
)
def test_what_is_no_such_table_is_refused_whole(data: bytes) -> None:
    with pytest.raises(NotATableError):
        read(data)


@given(st.binary(max_size=300))
def test_no_bytes_fail_otherwise(data: bytes) -> None:
    for given_ in (data, HEAD.encode() + data):
        try:
            assert all(one.error or one.kind in set(OutcomeKind) for one in read(given_))
        except NotATableError:
            continue


@given(st.lists(st.tuples(CELLS, st.sampled_from(sorted(OutcomeKind)), CELLS, st.sampled_from(sorted(ReleaseLevel)))))
def test_every_line_of_a_table_is_accounted_for(rows: list[tuple[str, str, str, str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["number", "kind", "reason", "release"])
    writer.writerows(rows)
    found = read(out.getvalue().encode())
    assert len(found) == len(rows)
    for line, (number, kind, reason, release) in zip(found, rows, strict=True):
        good = number.strip() and (kind != OutcomeKind.NO_ACTION or reason.strip())
        assert bool(line.error) is not bool(good) or line.error
        if not line.error:
            assert (line.kind, line.release) == (kind, release)


def test_columns_are_those_that_the_page_shows() -> None:
    assert COLUMNS == ("number", "referral_id", "kind", "reason", "release", "file_reference", "children")
    assert outcome_csv.MOST_ROWS == 2000
