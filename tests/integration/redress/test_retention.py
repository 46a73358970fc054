"""Texts of closed complaints and answered requests are erased, and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.redress_world import recorded
from tutela import clock
from tutela.events.transaction import acting
from tutela.law import holds, retention
from tutela.redress.complaints import decide, intake, tell, work_queue
from tutela.redress.complaints.decide import Judgement
from tutela.redress.complaints.measure import MeasureInput
from tutela.redress.data_subjects import answers, requests
from tutela.redress.data_subjects.requests import RequestInput
from tutela.redress.models import Complaint


@pytest.mark.parametrize("held", [False, True])
def test_a_closed_complaint_loses_its_text_after_a_year(cast: Cast, held: bool) -> None:
    judge, reviewer = cast.actor(cast.pixelpost, "lead"), cast.actor(cast.pixelpost, "reviewer")
    made, open_one = (intake.enter(judge, "Please look again.", "en") for _ in range(2))
    given = MeasureInput("user", "account", account="acc-1", deciders=(reviewer.person_id,))  # type: ignore[arg-type]
    recorded(judge, made, given)
    decide.decide(judge, made, Judgement("uphold", "terms", "The terms forbid it.", notes="Seen with Tom."))
    tell.sent(judge, made)
    if held:
        until = clock.now() + timedelta(days=500)
        holds.place(judge, "complaint", made, asked_by=judge.organisation_id, reason="A court asks.", until=until)
    with clock.simulate(clock.now() + timedelta(days=364)):
        retention.run(cast.pixelpost)
        assert work_queue.load(judge, made).text
    with clock.simulate(clock.now() + timedelta(days=366)):
        retention.run(cast.pixelpost)
        full = work_queue.load(judge, made)
        assert (full.text is None) is not held
        assert full.decision
        assert bool(full.decision.text) is bool(full.decision.reasons) is held
        with acting(judge):
            row = Complaint.objects.get(pk=made)
        assert (row.account_key is None) is not held
        assert (row.deciders == []) is not held
        assert work_queue.load(judge, open_one).text


def test_an_answered_request_is_erased_after_three_years(cast: Cast) -> None:
    lead = cast.actor(cast.pixelpost, "lead")
    made = requests.add(lead, RequestInput("gdpr", "access", "All data."))
    answers.answer(lead, made, answers.AnswerInput("refused", "no_data", "Nothing is there."))
    with clock.simulate(clock.now() + timedelta(days=1097)):
        retention.run(cast.pixelpost)
        full = requests.load(lead, made)
        assert (full.text, [one.text for one in full.steps]) == ("", ["", ""])
