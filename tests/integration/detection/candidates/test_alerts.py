"""Urgent candidates raise alerts until somebody answers or decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.detection_world import CONFIRM, World
from tutela import clock
from tutela.casework.alerts import desk_bell, on_call
from tutela.casework.alerts.messages import DueAlert
from tutela.casework.models import Channel
from tutela.detection import jobs
from tutela.detection.candidates import alerts
from tutela.detection.review import review
from tutela.events.transaction import acting
from tutela.law.models import Clock

BELL = "/desk/alerts/bell/"


@pytest.fixture
def world(cast: Cast) -> World:
    return World(cast)


def unanswered(world: World) -> int:
    return desk_bell.bell(world.reviewer)[0].unanswered


def test_an_urgent_candidate_is_counted_until_somebody_answers_and_again_when_it_is_late(world: World) -> None:
    made, other, now = world.candidate(), world.candidate(), clock.now()
    assert unanswered(world) == 0
    review.mark_urgent(world.reviewer, made, "A meeting tomorrow")
    assert unanswered(world) == 1
    browser = world.cast.client(world.provider, "reviewer")
    head = browser.get(BELL).content.decode()
    assert 'data-unanswered="1"' in head
    assert alerts.PAGE in head
    assert str(made) not in head
    assert f'hx-get="{BELL}"' in browser.get("/desk/").content.decode()
    page = f"/desk/candidates/{made}/"
    assert "Answer alert" in browser.get(page).content.decode()
    assert "Answer alert" not in browser.get(f"/desk/candidates/{other}/").content.decode()
    assert browser.post(f"/desk/candidates/{other}/alert/").status_code == 404
    assert browser.post(f"{page}alert/").status_code == 302
    assert unanswered(world) == 0
    assert "Answer alert" not in browser.get(page).content.decode()
    with clock.simulate(now + timedelta(hours=2, minutes=1)):
        jobs.raise_alerts(0)
        assert unanswered(world) == 1


def test_people_are_told_the_number_and_the_deadline_alone(world: World) -> None:
    made = world.candidate()
    review.mark_urgent(world.reviewer, made, "A name stands here")
    heard = list[DueAlert]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(on_call, "channels", lambda *_: [Channel.WEBHOOK])
        assert on_call.tell(world.lead, (alerts.CANDIDATE,), {Channel.WEBHOOK: heard.extend}) == 1
    (one,) = heard
    assert one.state.number == str(made)[-12:]
    assert one.kind is alerts.CANDIDATES


def test_a_decision_ends_the_alerts_and_the_deadline(world: World) -> None:
    made = world.candidate()
    review.mark_urgent(world.reviewer, made, "A meeting tomorrow")
    with acting(world.reviewer):
        assert Clock.objects.get(kind=alerts.URGENT_CLOCK, subject_id=str(made)).state == "running"
    review.decide(world.second, made, CONFIRM)
    assert unanswered(world) == 0
    with acting(world.reviewer):
        assert Clock.objects.get(kind=alerts.URGENT_CLOCK, subject_id=str(made)).state == "stopped"
        assert list(alerts.CANDIDATES.pending()) == []


def test_another_provider_hears_nothing(world: World, cast: Cast) -> None:
    review.mark_urgent(world.reviewer, world.candidate(), "A meeting tomorrow")
    stranger = cast.actor(cast.other_provider, "reviewer")
    assert desk_bell.bell(stranger)[0].unanswered == 0
    assert cast.client(cast.auditor, "auditor").get(BELL).content == b""
