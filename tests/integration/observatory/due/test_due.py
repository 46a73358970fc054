"""Overdue claims alert the Centre until somebody reviews them, late returns their organisation until one is filed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.cast import Cast
from tutela import clock
from tutela.casework.alerts import answers
from tutela.events.errors import Invalid, NotFound
from tutela.events.transaction import acting
from tutela.observatory.claims import register
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.due import alerts, claim_reviews
from tutela.observatory.errors import UnknownClaim
from tutela.observatory.returns import filed

LATER = datetime(2028, 6, 1, 12, tzinfo=UTC)


def test_an_overdue_claim_alerts_until_it_is_reviewed(cast: Cast) -> None:
    lead = cast.actor(cast.centre, "lead")
    claim = next(iter(register.claims()))
    with clock.simulate(LATER):
        assert alerts.raise_claims(lead) == len(register.claims())
        assert alerts.raise_claims(lead) == 0
        page = cast.client(cast.centre, "lead").get(alerts.PAGE).text
        assert f'id="claim-{claim}"' in page
        answers.answer(lead, alerts.CLAIMS.name, claim_reviews.claim_uuid(claim))
        claim_reviews.review(lead, claim, LATER.date() + timedelta(days=300), "Read the source again.")
        with acting(lead):
            assert claim not in {one.id for one, _day in claim_reviews.overdue(LATER.date())}
            assert claim_reviews.claim_uuid(claim) not in {one.subject_id for one in alerts.CLAIMS.pending()}
        with pytest.raises(NotFound):
            answers.answer(lead, alerts.CLAIMS.name, claim_reviews.claim_uuid("F999"))


@pytest.mark.parametrize(("review_by", "note"), [(date(2020, 1, 1), "Read."), (date(2099, 1, 1), "Read."), (None, "")])
def test_a_review_names_a_day_and_what_was_read(cast: Cast, review_by: date | None, note: str) -> None:
    lead = cast.actor(cast.centre, "lead")
    with pytest.raises(Invalid):
        claim_reviews.review(lead, "F1", review_by or clock.now().date() + timedelta(days=9), note)
    with pytest.raises(UnknownClaim):
        claim_reviews.review(lead, "F999", clock.now().date() + timedelta(days=9), "Read.")


def test_a_late_return_alerts_its_organisation_until_it_is_filed(cast: Cast) -> None:
    authority = cast.organisation("Coordinating Late", "coordinating_authority", "IE")
    analyst = cast.actor(authority, "analyst")
    form = filed.form_for(analyst, "member-state-2021-1232")
    last = clock.now().year - 1
    assert alerts.raise_returns(analyst) == 0
    filed.file(analyst, filed.draft(analyst, form, ReportingPeriod.parse(str(last - 1))))
    assert alerts.raise_returns(analyst) == 1
    browser = cast.client(authority, "analyst")
    with acting(analyst):
        (late,) = alerts.late_returns()
    assert "Answer alert" in browser.get(alerts.PAGE).text
    answer = browser.post(f"{alerts.PAGE}{late.id}/alert/", follow=True)
    assert "The alert is answered." in answer.text
    filed.file(analyst, filed.draft(analyst, form, ReportingPeriod.parse(str(last))))
    with acting(analyst):
        assert not list(alerts.RETURNS.pending())
    assert browser.post(f"{alerts.PAGE}{late.id}/alert/").status_code == 404
