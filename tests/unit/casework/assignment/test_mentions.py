"""Mentions: the longest name that fits, at the end of a word, in any case."""

from __future__ import annotations

import pytest

from tutela.casework.assignment.colleagues import Colleague
from tutela.casework.assignment.mentions import mentioned

PEOPLE = [
    Colleague("person:1", "Anna", True),
    Colleague("person:2", "Anna Maria Kos", True),
    Colleague("person:3", "Zoë  Ó Dálaigh", False),
    Colleague("person:4", "anna", True),
    Colleague("person:5", "", True),
]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@Anna Maria Kos, look", {"person:2"}),
        ("@ANNA look", {"person:1", "person:4"}),
        ("@Annabel", set()),
        ("see @zoë ó\ndálaigh.", {"person:3"}),
        ("Anna", set()),
        ("mail@anna", {"person:1", "person:4"}),
        ("@", set()),
        ("@@@Anna @anna maria kos", {"person:1", "person:2", "person:4"}),
    ],
)
def test_a_mention_is_a_whole_name(text: str, meant: set[str]) -> None:
    assert {one.reference for one in mentioned(text, PEOPLE)} == meant
