"""Text of others on its way to a terminal or a page: what would work there is shown as its number."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.message.text_cleanup import whole_number
from tutela.exchange.message.translatable_text import visible, visible_page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202egpj.exe", "a\\u202egpj.exe"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("\x9b31m", "\\u009b31m"),
        ("one\rtwo", "one\\u000dtwo"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("\x07\x08\0", "\\u0007\\u0008\\u0000"),
        ("half \ud800", "half \\ud800"),
        ("line\u2028end", "line\\u2028end"),
        ("a\tb\nc", "a\tb\nc"),
        ("Žofie, Ελένη, ‏שלום‎", "Žofie, Ελένη, ‏שלום‎"),
    ],
)
def test_what_would_work_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown


@given(st.text())
def test_json_stays_the_same_value(text: str) -> None:
    assert json.loads(visible(json.dumps(text, ensure_ascii=False))) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_page_has_none_of_them_and_stays_utf_8(text: str) -> None:
    shown = visible_page(text.encode()).decode()
    assert shown.replace("\r", "") == visible(text.replace("\r", ""))


@pytest.mark.parametrize("text", ["²", "٣", "१", "", "-1", "+1", " 1", "1.0", "9" * 30, "9" * 5000, "1_000"])
def test_only_ascii_digits_that_fit_a_column_are_a_number(text: str) -> None:
    assert whole_number(text) is None


def test_a_number_is_a_number() -> None:
    assert (whole_number("0"), whole_number("007"), whole_number("9" * 18)) == (0, 7, 10**18 - 1)
