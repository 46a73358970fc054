"""How hard a text is to read, and how alike two texts are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tutela.prevention.materials import texts


def test_short_words_in_short_sentences_are_easy() -> None:
    found = texts.readability("You can say no. Tell an adult. It is not your fault.")
    assert found is not None
    assert found.level == "easy"


def test_long_words_in_one_sentence_are_hard() -> None:
    text = "Organisational safeguarding responsibilities necessitate comprehensive interdisciplinary documentation."
    found = texts.readability(text)
    assert found is not None
    assert found.level == "hard"


def test_nothing_has_no_level() -> None:
    assert texts.readability("… 12 !") is None


def test_a_changed_word_leaves_texts_nearly_alike_and_another_text_is_not() -> None:
    words = " ".join(f"word{one % 26}" + "abcdefghijklmnopqrstuvwxyz"[one % 26] for one in range(80))
    assert texts.likeness("one two three four five", "one two three four five") == 1
    assert texts.likeness(words, "something else entirely about boats") == 0


@given(st.text(), st.text())
def test_likeness_is_a_share_and_the_same_both_ways(first: str, second: str) -> None:
    found = texts.likeness(first, second)
    assert 0 <= found <= 1
    assert found == texts.likeness(second, first)
