"""Requests of data subjects: a month, an identity, a ground; through the authority one answer in all cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.redress_world import Redress
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.investigations.models import ReportIndex
from tutela.investigations.referral_work import answers as referral_answers
from tutela.law import holds
from tutela.law.clock_kinds import add_months
from tutela.law.errors import BadStep
from tutela.redress.data_subjects import answers, requests
from tutela.redress.data_subjects.answers import AnswerInput
from tutela.redress.data_subjects.requests import RequestInput
from tutela.redress.errors import HeldCase, NotIdentified, NotIndirect, RequestAnswered, UnknownDataRequest
from tutela.redress.models import DataRequest, DataRequestStep, Right

PARTS = {
    "held": "An account with its address.",
    "source": "The person.",
    "recipients": "Nobody.",
    "retention": "A year.",
}


@pytest.fixture
def lead(cast: Cast) -> Actor:
    return cast.actor(cast.pixelpost, "lead")


@pytest.fixture
def investigator(cast: Cast) -> Actor:
    return cast.actor(cast.authority, "investigator")


@pytest.fixture
def world(cast: Cast) -> Redress:
    return Redress(cast)


def asked(who: Actor, regime: str = "gdpr", right: str = "access", **more: object) -> UUID:
    return requests.add(who, RequestInput(regime, right, "All data about me.", **more))  # type: ignore[arg-type]


def test_strangers_and_other_roles_find_nothing(cast: Cast, lead: Actor) -> None:
    made = asked(lead)
    with pytest.raises(UnknownDataRequest):
        requests.load(cast.actor(cast.other_provider, "lead"), made)
    with pytest.raises(Forbidden):
        requests.load(cast.actor(cast.pixelpost, "reviewer"), made)


def test_a_request_is_answered_within_a_month_and_once(lead: Actor) -> None:
    made = asked(lead)
    full = requests.load(lead, made)
    assert full.row.due_at == add_months(full.row.received_at, 1)
    with pytest.raises(NotIdentified):
        answers.answer(lead, made, AnswerInput("given", text="A copy.", **PARTS))
    with pytest.raises(NotIndirect):
        answers.answer(lead, made, AnswerInput("verified", "", "Done."))
    requests.identify(lead, made, "Signed in.")
    requests.extend(lead, made, "There are many files.")
    assert requests.load(lead, made).row.due_at == add_months(full.row.due_at, 2)
    with pytest.raises(BadStep):
        requests.extend(lead, made, "Again.")
    answers.answer(lead, made, AnswerInput("given", text="A copy was sent.", **PARTS))
    with pytest.raises(RequestAnswered):
        answers.answer(lead, made, AnswerInput("refused", "no_data", "No."))
    assert [one.kind for one in requests.load(lead, made).steps] == ["received", "identified", "extended", "given"]


@pytest.mark.parametrize("right", Right.values)
def test_each_right_of_the_gdpr_can_be_asked_and_refused_with_its_ground(lead: Actor, right: str) -> None:
    made = asked(lead, right=right)
    for kind, ground in (("refused", ""), ("refused", "because"), ("given", "no_data")):
        with pytest.raises(Invalid) as raised:
            answers.answer(lead, made, AnswerInput(kind, ground, "No."))
        assert raised.value.field == "ground"
    answers.answer(lead, made, AnswerInput("refused", "gdpr_12_5", "The fifth request of this week."))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (RequestInput("law", "access", "x"), "regime"),
        (RequestInput("gdpr", "everything", "x"), "right"),
        (RequestInput("led", "portability", "x"), "right"),
        (RequestInput("gdpr", "access", " "), "text"),
        (RequestInput("gdpr", "access", "x" * 4001), "text"),
        (RequestInput("gdpr", "access", "x", authority="DPA"), "authority"),
        (RequestInput("gdpr", "access", "x", received_at=clock.now() + timedelta(days=800)), "received_at"),
    ],
)
def test_a_bad_request_names_its_field(lead: Actor, given: RequestInput, field: str) -> None:
    with pytest.raises(Invalid) as raised:
        requests.add(lead, given)
    assert raised.value.field == field


def letter(who: Actor, made: UUID) -> str:
    full = requests.load(who, made)
    assert full.answer
    return answers.letter(full.row, full.answer)


def test_through_the_authority_the_answer_is_one_with_and_without_data_and_during_a_hold(world: Redress) -> None:
    investigator, texts = world.authority.investigator, set[str]()
    for held in (None, False, True):
        about = ""
        if held is not None:
            report, _entry = world.flagged()
            referral = _referral(world, report)
            about = referral.number
            if held:
                until = clock.now() + timedelta(days=30)
                referral_answers.ask_hold(investigator, referral.referral_id, reason="Covert.", until=until)
                direct = asked(investigator, "led", about=about)
                requests.identify(investigator, direct, "By letter.")
                with pytest.raises(HeldCase):
                    answers.answer(investigator, direct, AnswerInput("given", text="Everything.", **PARTS))
                answers.answer(investigator, direct, AnswerInput("refused", "led_15", "An operation."))
        made = asked(investigator, "led", authority="Data protection authority", reference="DPA 1", about=about)
        with pytest.raises(NotIndirect):
            answers.answer(investigator, made, AnswerInput("given", text="Everything.", **PARTS))
        assert requests.load(investigator, made).identified
        answers.answer(investigator, made, AnswerInput("verified", text="Done."))
        texts.add(letter(investigator, made))
    assert len(texts) == 1
    assert "verifications" in texts.pop()


def _referral(world: Redress, report: UUID) -> Any:
    with acting(world.authority.machine):
        return ReportIndex.objects.select_related("referral").get(report_id=report).referral


def _hold(who: Actor, kind: str, subject: UUID) -> None:
    until = clock.now() + timedelta(days=30)
    holds.place(who, kind, subject, asked_by=who.organisation_id, reason="Covert.", until=until)


def test_a_direct_request_during_a_hold_gets_the_letter_of_one_without_data(world: Redress) -> None:
    lead, texts = world.judge, set[str]()
    report, _entry = world.flagged(referred=False)
    _hold(world.provider, "report", report)
    for about, ground in (("", "no_data"), (world.number(report), "gdpr_23")):
        made = asked(lead, about=about)
        requests.identify(lead, made, "Signed in.")
        if about:
            for given in (AnswerInput("given", text="All.", **PARTS), AnswerInput("refused", "gdpr_12_5", "Again.")):
                with pytest.raises(HeldCase):
                    answers.answer(lead, made, given)
        answers.answer(lead, made, AnswerInput("refused", ground, "Reasons for the file."))
        texts.add(letter(lead, made))
    assert len(texts) == 1
    said = texts.pop()
    assert "We cannot give you information" in said
    for forbidden in ("file", "hold", "GDPR", "stored"):
        assert forbidden not in said


def test_the_case_can_be_named_later_and_must_be_known(world: Redress) -> None:
    report, _entry = world.flagged(referred=False)
    made = asked(world.judge)
    with pytest.raises(Invalid) as raised:
        requests.name_case(world.judge, made, "P-0000-0000-0")
    assert raised.value.field == "about"
    requests.name_case(world.judge, made, world.number(report).lower())
    row = requests.load(world.judge, made).row
    assert (row.subject_kind, row.subject_id) == ("report", report)


def test_an_answer_about_access_has_every_part_and_the_rights(lead: Actor) -> None:
    made = asked(lead)
    requests.identify(lead, made, "Signed in.")
    for name in PARTS:
        with pytest.raises(Invalid) as raised:
            answers.answer(lead, made, AnswerInput("given", text="A copy.", **{**PARTS, name: " "}))
        assert raised.value.field == name
    answers.answer(lead, made, AnswerInput("partly", "gdpr_17_3", "A copy.", **PARTS))
    said = letter(lead, made)
    for part in (*PARTS.values(), "A copy.", "GDPR Art. 17(3)", "supervisory authority"):
        assert part in said
    with acting(lead):
        step = DataRequestStep.objects.get(request=made, kind="partly")
    assert not any(text in str(vars(step)) for text in PARTS.values())


def test_a_refusal_contains_nothing_of_the_data(lead: Actor) -> None:
    made = asked(lead)
    with pytest.raises(Invalid) as raised:
        answers.answer(lead, made, AnswerInput("refused", "no_data", "No.", source="The person."))
    assert raised.value.field == "source"
    answers.answer(lead, made, AnswerInput("refused", "gdpr_12_5", "The fifth request of this week."))
    assert "manifestly unfounded" in letter(lead, made)
    assert "fifth" not in letter(lead, made)


def test_an_led_request_cannot_be_extended(investigator: Actor) -> None:
    with pytest.raises(Invalid):
        requests.extend(investigator, asked(investigator, "led"), "Later.")


def test_the_text_stands_sealed(lead: Actor) -> None:
    made = asked(lead)
    with acting(lead):
        assert "All data" not in DataRequest.objects.get(pk=made).text
