"""Codes as people read them."""

from __future__ import annotations

from tutela.app.website import labels


def test_several_codes_become_a_list_of_words() -> None:
    assert labels.of_code(["known", "new"]) == "known material, new material"
    assert labels.of_code("known, new") == "known material, new material"
    assert labels.of_code("never heard of") == "never heard of"
    assert labels.of_purpose("reporting") != "reporting"
