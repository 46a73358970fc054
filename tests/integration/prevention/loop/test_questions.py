"""A practitioner's question returns answered to the one who asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.prevention_world import Curators
from tutela import clock
from tutela.casework.anonymous import ticket
from tutela.events.errors import Forbidden, Invalid
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.prevention.errors import QuestionEnded
from tutela.prevention.loop import questions


def test_somebody_else_steps_nowhere(cast: Cast) -> None:
    curators = Curators(cast)
    question = questions.enter(curators.first, "What helps after release?")
    with pytest.raises(Forbidden):
        questions.open_question(cast.actor(cast.hotline_ie, "analyst"), question)


def test_a_question_of_the_public_page_comes_back_with_its_answer(cast: Cast) -> None:
    curators = Curators(cast)
    conversation = uuid7()
    with acting(curators.first):
        row = questions._stored(curators.first, conversation_id=conversation, hourly=True)
    questions.word(curators.first, row.pk, "What helps harbour pilots?", "after", "offended")
    questions.open_question(curators.first, row.pk, "No study answers it.")
    programme = curators.programme("Pilots")
    study = curators.trial(programme, (0.6, 0.4, 0.9))
    questions.take(curators.second, row.pk, "Harbour University", study)
    with clock.simulate(clock.now() + timedelta(days=30)):
        questions.answer(curators.second, row.pk, "This programme helps.", [programme])
    with acting(curators.first):
        shown = questions.progress(conversation, ticket.Issuer())
    assert [one.state for one in shown["steps"]] == ["open", "taken", "answered"]  # type: ignore[attr-defined]
    assert [one.subject_id for one in shown["entries"]] == [programme]  # type: ignore[attr-defined]
    questions.note_use(curators.first, row.pk, "The service adopted it.", used=True)
    assert questions.show(curators.first, row.pk)[0].state == "used"
    assert questions.time_to_answer(curators.first) is not None


def test_a_step_out_of_its_order_is_refused(cast: Cast) -> None:
    curators = Curators(cast)
    question = questions.enter(curators.first, "What helps after release?")
    with pytest.raises(QuestionEnded):
        questions.take(curators.first, question, "Harbour University")
    with pytest.raises(Invalid):
        questions.answer(curators.first, question, "An answer without an entry.", [])
    questions.answer_not_known(curators.first, question, "Nobody has studied this.")
    with pytest.raises(QuestionEnded):
        questions.open_question(curators.first, question)


def test_a_merged_question_shows_the_answer_of_the_other(cast: Cast) -> None:
    curators = Curators(cast)
    conversation = uuid7()
    with acting(curators.first):
        twin = questions._stored(curators.first, conversation_id=conversation, hourly=True)
    other = questions.enter(curators.first, "What helps after release?")
    questions.merge(curators.first, twin.pk, other)
    questions.answer_not_known(curators.first, other, "Nobody has studied this.")
    with acting(curators.first):
        shown = questions.progress(conversation, ticket.Issuer())
    assert [one.state for one in shown["steps"]] == ["not_known"]  # type: ignore[attr-defined]
