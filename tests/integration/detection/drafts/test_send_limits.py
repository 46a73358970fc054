"""What the desk does not let slip: the stop, unopened items, withdrawn entries, holds, forms sent twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.cast import Cast
from tests.support.detection_world import World, body, receipt
from tests.support.reporting import report
from tutela import clock
from tutela.detection import jobs
from tutela.detection.candidates import viewing_budget, withdrawn_indicators
from tutela.detection.drafts import drafts, dsa_notification, send
from tutela.detection.drafts.drafts import Unusable
from tutela.detection.errors import BudgetSpent, Held
from tutela.detection.models import Dispatch, Sending
from tutela.detection.notices import schedule
from tutela.detection.outcomes import centre_feedback, report_list
from tutela.detection.settings import authorities
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.referral.withdrawal import Withdrawal
from tutela.exchange.report.feedback import Feedback, FeedbackKind
from tutela.law import clocks
from tutela.organisations.people.members import actor_of
from tutela.reports.jurisdiction import rule


def test_another_time_zone_lifts_no_stop(cast: Cast) -> None:
    world = World(cast, exposure_budget=1, exposure_stop=2)
    person = cast.person(world.provider, "reviewer")
    seen = [world.candidate(body("near-pdq")) for _ in range(3)]
    with clock.simulate(clock.now() - timedelta(hours=20)):
        for one in seen[:2]:
            viewing_budget.open_item(actor_of(person), one)
    for zone in ("Pacific/Kiritimati", "Pacific/Niue", "Asia/Tokyo", "America/New_York"):
        person.time_zone = zone
        person.save()
        with pytest.raises(BudgetSpent):
            viewing_budget.open_item(actor_of(person), seen[2])


@pytest.mark.parametrize("kind", ["new", "solicitation"])
def test_what_nobody_opened_is_never_reported_as_new(cast: Cast, kind: str) -> None:
    world = World(cast)
    made = world.draft()
    with pytest.raises(Unusable):
        drafts.edit(world.lead, made, 1, {"kinds": [kind]})
    with pytest.raises(ValueError, match="viewed"):
        report(kinds=[kind], confirmation={"confirmed_by": "r", "at": clock.now().isoformat(), "how": "unopened"})


def test_a_withdrawn_entry_is_not_named_to_anybody(cast: Cast) -> None:
    world, entry = World(cast), uuid4()
    world.join()
    candidate = world.candidate(body(entry=entry))
    made = world.opened(world.reviewer, candidate).report_id
    assert made
    message = Withdrawal(indicator=entry, reason="wrong", at=clock.now())
    with acting(world.provider):
        withdrawn_indicators.receive(world.provider, message, cast.centre.organisation_id)
    assert str(entry) not in dsa_notification.as_json(world.lead, made).decode()
    send.send(world.lead, made)
    with acting(world.lead):
        sent = send.sent_report(Sending.objects.get(draft_id=made))
    assert [m.entry_id for item in sent.items for m in item.matches] == []


def _told(world: World, draft: UUID, until: timedelta) -> None:
    moment = clock.now()
    message = Feedback(
        feedback_id=uuid7(), report_id=draft, kind=FeedbackKind.HOLD, at=moment, until=moment + until, centre="Centre"
    )
    with acting(world.provider):
        centre_feedback.receive(world.provider, message, world.cast.centre.organisation_id)


def _clock(world: World, draft: UUID, kind: str = "user_information") -> tuple[str, Any]:
    with acting(world.lead):
        found = {spec.kind: standing for spec, standing in clocks.of_subject("report", draft)}
    return found[kind].state, found[kind].deadline


def _sent_report(cast: Cast) -> tuple[World, UUID]:
    world = World(cast)
    centre, made = world.join(), world.draft()
    send.send(world.lead, made)
    world.deliver(made, receipt(centre))
    return world, made


def test_a_hold_pauses_the_clock_of_telling_the_user(cast: Cast) -> None:
    world, made = _sent_report(cast)
    _, before = _clock(world, made)
    _told(world, made, timedelta(days=30))
    assert _clock(world, made)[0] == "paused"
    with pytest.raises(Held):
        schedule.tell(world.lead, made, audience="adult", language="en")
    with clock.simulate(clock.now() + timedelta(days=31)):
        jobs.end_holds(0)
        state, after = _clock(world, made, "user_promptly")
        assert state == "running", "at the end of a hold the user is told (CSAR 12(2))"
        assert after < before
        schedule.tell(world.lead, made, audience="adult", language="en")


def test_a_hold_that_is_lifted_lets_the_clock_run(cast: Cast) -> None:
    world, made = _sent_report(cast)
    _told(world, made, timedelta(days=30))
    _told(world, made, timedelta(days=60))
    assert _clock(world, made)[0] == "paused"
    _told(world, made, timedelta(0))
    assert _clock(world, made, "user_promptly")[0] == "running"


def test_a_hold_is_not_what_became_of_a_report(cast: Cast) -> None:
    world, made = _sent_report(cast)
    _told(world, made, timedelta(days=30))
    assert report_list.load_report(world.lead, made).line.state == "received"


def test_the_clocks_run_from_the_moment_of_handing_over_and_a_form_counts_once(cast: Cast) -> None:
    world = World(cast)
    made = world.draft()
    address = authorities.Address("IE", "Office", "post@office.example", ["en"], date(2024, 1, 1), "Public notice")
    authority, moment = authorities.add(world.lead, address), clock.now() - timedelta(days=60)
    client, token = cast.client(world.provider, "lead"), uuid4()
    assert b'name="token"' in client.get(f"/desk/drafts/{made}/").content
    fields = {"authority": authority, "token": token, "sent_at": moment.strftime("%Y-%m-%dT%H:%M"), "reference": "x"}
    for _ in range(2):
        assert client.post(f"/desk/drafts/{made}/dispatch/", fields).status_code == 302
    with acting(world.lead):
        assert Dispatch.objects.filter(draft_id=made).count() == 1
    deadline = _clock(world, made)[1]
    assert deadline - clock.now() < timedelta(days=33)


def test_only_a_place_read_from_an_address_has_its_date() -> None:
    undated = rule.resolve(report(geography=[{"country": "DE", "derived_from": "account settings 2019"}]))
    dated = rule.resolve(report(geography=[{"country": "DE", "derived_from": "IP"}]))
    assert [e.at for e in undated.evidence if e.country] == [None]
    assert dated.evidence[0].at is not None
