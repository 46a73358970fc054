"""The bell in the head of every page counts alerts, and says a new one once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, override_settings

from tests.support.alerts_world import BELL, quiet_centre, urgent
from tests.support.cast import Cast
from tests.support.reports_world import Centre
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.casework.alerts import answers, desk_bell
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.reports.alerts import duty_screen
from tutela.takedown.case_rows import SUBJECT


@pytest.fixture
def centre(cast: Cast) -> Centre:
    return quiet_centre(cast)


def known(found: Any) -> str:
    return re.search(r"known=([^\"]*)", found.content.decode())[1]  # type: ignore[index]


def asked_again(browser: Client, found: Any) -> Any:
    return browser.get(f"{BELL}?known={known(found)}")


def test_every_page_of_a_desk_with_alerts_has_the_bell_and_others_have_none(cast: Cast, centre: Centre) -> None:
    for role, address in (("analyst", "/desk/"), ("lead", "/desk/reports/funnel/"), ("analyst", "/desk/directory/")):
        assert f'hx-get="{BELL}"' in cast.client(cast.centre, role).get(address).content.decode()
    for kind, role, address in (("provider", "lead", "candidates"), ("hotline", "analyst", "takedown")):
        visitor = cast.client(cast.organisation("Elsewhere", kind, "FR"), role)
        assert f'hx-get="{BELL}"' in visitor.get("/desk/").content.decode()
        assert f"/desk/{address}/" in visitor.get(BELL).content.decode()
    visitor = cast.client(cast.auditor, "auditor")
    assert BELL not in visitor.get("/desk/").content.decode()
    assert visitor.get(BELL).content == b""


@override_settings(DESKS=("authority",))
def test_a_desk_that_this_node_has_not_has_no_bell(cast: Cast) -> None:
    assert desk_bell.bell(cast.actor(cast.pixelpost, "reviewer"))[1] == ""


def test_an_urgent_case_of_a_hotline_is_counted(cast: Cast) -> None:
    hotline = Hotline(cast)
    before = desk_bell.bell(hotline.analyst)[0].unanswered
    made = hotline.reported(urgent=True).id
    assert desk_bell.bell(hotline.analyst)[0].unanswered == before + 1
    answers.answer(hotline.analyst, SUBJECT, made)
    assert desk_bell.bell(hotline.analyst)[0].unanswered == before


def test_the_bell_counts_says_a_new_alert_once_and_again_when_it_sounds_again(cast: Cast, centre: Centre) -> None:
    browser, now = cast.client(cast.centre, "analyst"), clock.now()
    quiet = browser.get(BELL)
    assert 'data-unanswered="0"' in quiet.content.decode()
    assert asked_again(browser, quiet).status_code == 204
    made = urgent(centre)
    found = asked_again(browser, quiet)
    text = found.content.decode()
    assert 'data-unanswered="1"' in text
    assert 'role="alert"' in text
    assert "data-news" in text
    assert str(made) not in text
    assert asked_again(browser, found).status_code == 204
    assert 'role="status"' in browser.get(BELL).content.decode(), "another page says the count and calls nobody again"
    with clock.simulate(now + timedelta(minutes=16)):
        duty_screen.raise_again(centre.machine)
        assert 'role="alert"' in asked_again(browser, found).content.decode()
        duty_screen.answer(centre.analyst, made)
        assert 'data-unanswered="0"' in browser.get(BELL).content.decode()


def test_a_bell_still_being_answered_takes_back_no_purpose(cast: Cast, centre: Centre, monkeypatch: Any) -> None:
    browser = cast.client(cast.centre, "analyst")
    session = browser.session
    del session["purpose"]
    session.save()
    urgent(centre)
    counted = desk_bell.bell

    def slowly(actor: Actor) -> Any:
        browser.post("/desk/purpose/", {"purpose": "assess_reports"})
        return counted(actor)

    monkeypatch.setattr(desk_bell, "bell", slowly)
    assert "data-news" in browser.get(BELL).content.decode()
    assert browser.session["purpose"] == "assess_reports"
    assert browser.get("/desk/reports/").status_code == 200
    assert 'role="status"' in browser.get(BELL).content.decode(), "and it is remembered that this alert was heard"

    def gone(actor: Actor) -> Any:
        browser.session.flush()
        return counted(actor)

    monkeypatch.setattr(desk_bell, "bell", gone)
    urgent(centre)
    key = browser.session.session_key
    assert browser.get(BELL).status_code == 200
    assert not Session.objects.filter(session_key=key).exists(), "an ended session is not made anew"


def test_the_bell_agrees_with_the_page_of_alerts(centre: Centre) -> None:
    made = [urgent(centre) for _ in range(3)]
    duty_screen.answer(centre.analyst, made[0])
    with acting(centre.machine):
        assert desk_bell.bell(centre.analyst)[0].unanswered == duty_screen.unanswered_count() == 2
