"""Texts without a named owner, or past their review, are not shown; visits are counted so that they identify nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.prevention_world import Curators
from tutela import clock
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.prevention.signposts import authored_texts, visits
from tutela.prevention.signposts.authored_texts import TextInput

TEST = "? Which light is green?\n+ starboard\n- port\n! It is the rule of the sea."


def _text(title: str, **facts: object) -> TextInput:
    due = clock.now().date() + timedelta(days=30)
    given = {"kind": "lesson", "language": "en", "title": title, "text": "Lights.", "owner": "Dr Robin"}
    given |= {"owner_profession": "psychotherapist", "licence": "CC-BY-4.0", "review_due": due, "grade": "-"}
    return TextInput(**(given | facts))  # type: ignore[arg-type]


def test_a_text_without_owner_licence_review_or_right_is_refused(cast: Cast) -> None:
    curators = Curators(cast)
    for name, value in (("owner", " "), ("licence", ""), ("review_due", clock.now().date()), ("grade", "X")):
        with pytest.raises(Invalid) as found:
            authored_texts.enter(curators.first, _text("Refused", **{name: value}))
        assert found.value.field == name
    with pytest.raises(Forbidden):
        authored_texts.enter(cast.actor(cast.hotline_ie, "analyst"), _text("Refused"))


def test_a_text_is_shown_until_its_review_is_due(cast: Cast) -> None:
    actor = Curators(cast).first
    made = authored_texts.enter(actor, _text("Lights of ships", questions=TEST))
    with acting(actor):
        (shown,) = [one for one in authored_texts.public_texts("lesson", "sv") if one.pk == made]
        assert shown.questions[0]["right"] == 0
        with clock.simulate(clock.now() + timedelta(days=31)):
            assert made not in [one.pk for one in authored_texts.public_texts("lesson", "en")]


@pytest.mark.parametrize(
    "text", ["no mark", "+ before", "? one\n+ a\n! why", "? one\n- a\n- b\n! why", "? q\n+ a\n+ b"]
)
def test_a_broken_self_test_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        authored_texts.read_questions(text)


def test_visits_leave_their_day_and_tens_alone(cast: Cast) -> None:
    actor, today = Curators(cast).first, clock.now()
    with clock.simulate(today + timedelta(days=1000)):
        for _turn in range(37):
            visits.count("duty")
        for _turn in range(19):
            visits.count("young")
    with clock.simulate(today + timedelta(days=1001)):
        ended = visits.count("duty")
        assert [(page, tens) for _day, page, tens in ended] == [("duty", 3)]
        assert visits.count("duty") == []
        with acting(actor):
            visits.keep(actor, ended)
        assert ("duty", 30) in visits.figures(actor)
