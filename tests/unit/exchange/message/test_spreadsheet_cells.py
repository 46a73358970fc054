"""A table that a spreadsheet opens runs nothing of what it holds, whichever desk wrote it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.message.spreadsheet_cells import RUN, cell
from tutela.scan import output_formats


@given(st.text())
def test_no_cell_begins_as_a_formula_and_none_loses_a_word(text: str) -> None:
    made = cell(text)
    assert not made.startswith(RUN)
    assert made in (text, f"'{text}")
    assert made != text or not text.startswith(RUN)


@pytest.mark.parametrize(
    "first", ["＝", "＋", "－", "＠", "﹢", "﹣", "﹫", "−", "–", "⁺", "₌", " =", "\u200b＝", "\u00a0@", "\ufeff="]
)
def test_signs_that_look_like_these_are_defused_too(first: str) -> None:
    assert cell(f"{first}SUM(1)").startswith("'")
    assert output_formats.cell(f"{first}SUM(1)").startswith("'")


@pytest.mark.parametrize("text", ["Ärger", "  two words", "1+1", "a=b", "写真", "", "\u05d0"])
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
