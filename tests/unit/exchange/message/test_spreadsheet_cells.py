"""A table that a spreadsheet opens runs nothing of what it holds, whichever desk wrote it."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.message.spreadsheet_cells import RUN, cell
from tutela.scan import output_formats


@given(st.text())
def test_no_cell_begins_as_a_formula_and_none_loses_a_word(text: str) -> None:
    made = cell(text)
    assert not made.startswith(RUN)
    assert made.replace("'", "") == text.replace("'", "")
    assert made != text or not text.startswith(RUN)


@given(st.lists(st.sampled_from([";", "\t", "\n", "\r", ",", "=", "＝", "-", "a", "1", " ", '"', "'"]), max_size=12))
def test_no_part_is_a_formula_wherever_a_spreadsheet_splits_a_row(signs: list[str]) -> None:
    text = "".join(signs)
    for delimiter, splits in ((",", ";\t\r\n"), (";", ",\t\r\n")):
        file = io.StringIO()
        csv.writer(file, delimiter=delimiter).writerow(["first", cell(text, separator=delimiter)])
        for part in re.split(f"[{splits}]", file.getvalue()):
            assert part.startswith(f"first{delimiter}") or not part.strip().lstrip('" ').startswith(("=", "＝", "-")), (
                part
            )


@pytest.mark.parametrize("text", [";=1+1", "a;=1+1", 'a;"=1+1', "a; =1+1", "a\t@SUM(1)", "a\n=1+1", "a\r\n-1", ";;＝1"])
def test_what_stands_behind_a_separator_is_defused(text: str) -> None:
    assert cell(text) != text
    assert output_formats.cell(text) == cell(text)


def test_a_comma_is_a_separator_for_others_where_a_file_has_semicolons() -> None:
    assert cell("a,=1+1") == "a,=1+1", "a cell with the file's own separator is quoted"
    assert cell("a,=1+1", separator=";") == "a,'=1+1"


@pytest.mark.parametrize(
    "first", ["＝", "＋", "－", "＠", "﹢", "﹣", "﹫", "−", "–", "⁺", "₌", " =", "\u200b＝", "\u00a0@", "\ufeff="]
)
def test_signs_that_look_like_these_are_defused_too(first: str) -> None:
    assert cell(f"{first}SUM(1)").startswith("'")
    assert output_formats.cell(f"{first}SUM(1)").startswith("'")


@pytest.mark.parametrize("text", ["Ärger", "  two words", "1+1", "a=b", "a;b", "1; 2", "a\nb", "写真", "", "\u05d0"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "\0"])
def test_each_of_them_is_defused_in_a_scan(first: str) -> None:
    made = output_formats.cell(f"{first}cmd|' /C calc'!A0")
    assert made.startswith("'")
    file = io.StringIO()
    csv.writer(file).writerow([made])
    (read,) = next(csv.reader(io.StringIO(file.getvalue(), newline="")))
    assert read.startswith("'")
