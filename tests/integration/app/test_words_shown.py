"""Codes as people read them."""

from __future__ import annotations

from tutela.app import words


def test_several_codes_become_a_list_of_words() -> None:
    assert words.of_code(["known", "new"]) == "known material, new material"
    assert words.of_code("known, new") == "known material, new material"
    assert words.of_code("never heard of") == "never heard of"
    assert words.of_purpose("reporting") != "reporting"
