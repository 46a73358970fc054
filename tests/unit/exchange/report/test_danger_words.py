"""Dangers that words of a report name: found in several languages, with the words; not found where none is meant."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.reporting import report
from tutela.exchange.report import danger_words
from tutela.exchange.report.sections import Danger

NAMED = (
    (Danger.SELF_HARM, "The pupil wrote that she wants to end her own life."),
    (Danger.SELF_HARM, "Das Opfer äußert Suizidgedanken."),
    (Danger.SELF_HARM, "La ragazza parla di suicidio."),
    (Danger.IMMINENT, "A minor is in acute danger."),
    (Danger.IMMINENT, "Er vergewaltigt das Kind heute wieder."),
    (Danger.IMMINENT, "La mineure est en danger imminent."),
    (Danger.LIVE, "Rape of a child was broadcast live."),
    (Danger.LIVE, "El abuso se muestra en directo."),
    (Danger.ACCESS, "The man works as a teacher and has contact with pupils."),
    (Danger.ACCESS, "Il vit avec la fillette."),
    (Danger.TRAVEL, "He plans to meet the boy at a hotel."),
    (Danger.TRAVEL, "Er will das Mädchen treffen und hat einen Flug."),
    (Danger.EXTORTION, "He threatens to publish her pictures."),
    (Danger.EXTORTION, "Der Junge wird erpresst."),
    (Danger.TRAFFICKING, "She offers her daughter for money."),
    (Danger.YOUNG_CHILD, "Les images montrent un nourrisson."),
)
CALM = (
    "There is no sign that a child is in acute danger.",
    "Das Kind ist nicht in unmittelbarer Gefahr.",
    "Aucun enfant en danger immédiat.",
    "Child sexual abuse material, uploaded again today.",
    "This kind of abuse is reported again and again.",
    "Found on our live streaming service; the link is still live.",
    "The user asks for child abuse videos every day.",
    "Missbrauchsdarstellung eines Kindes, heute gemeldet.",
    "hash list",
)


def _read(text: str) -> dict[Danger, str]:
    return danger_words.read(report(other_data={"text": text}))


@pytest.mark.parametrize(("danger", "text"), NAMED)
def test_danger_is_read_with_its_words(danger: Danger, text: str) -> None:
    words = _read(text)[danger]
    assert all(word in text.casefold() for word in words.split(" … "))


@pytest.mark.parametrize("text", CALM)
def test_nothing_is_read_where_no_danger_is_named(text: str) -> None:
    assert _read(text) == {}


@pytest.mark.parametrize(
    "sections",
    [
        {"urgency": {"urgent": False, "reason": "Threatens suicide"}},
        {"awareness": {"manners": ["own_motion"], "details": "Threatens suicide"}},
        {"other_data": {"text": "Threatens suicide"}},
        {"other": {"text": "THREATENS SUICIDE"}},
    ],
)
def test_words_about_the_case_are_read(sections: dict[str, Any]) -> None:
    assert danger_words.read(report(**sections)) == {Danger.SELF_HARM: "suicide"}


@pytest.mark.parametrize(
    "sections",
    [
        {"users": [{"usernames": ["x"], "profile": "suicide", "other": "suicide"}]},
        {"service": {"kinds": ["hosting"], "name": "Albums", "details": "suicide prevention"}},
    ],
)
def test_words_of_an_account_and_of_the_service_are_not_read(sections: dict[str, Any]) -> None:
    assert danger_words.read(report(**sections)) == {}


def test_cue_is_read_in_one_sentence_alone() -> None:
    assert _read("An adult lives in Lyon. The picture shows a child.") == {}
    assert Danger.ACCESS in _read("An adult lives with the child.")


@pytest.mark.parametrize("age", ["a 13-year-old", "eine 15-jährige", "une personne de 14 ans", "una de 12 años"])
def test_age_below_eighteen_means_a_child(age: str) -> None:
    assert Danger.ACCESS in _read(f"Lives / lebt / vit / vive: {age}".replace(":", ""))
    assert _read(f"Lives / lebt / vit / vive: {age}".replace(":", "").replace("1", "4")) == {}


def test_long_text_is_read_in_parts_and_to_its_end() -> None:
    assert Danger.SELF_HARM in _read(("word " * 1900) + "suicide")
