"""An alert reaches people outside the desk, with number and deadline alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core import mail

from tests.support.alerts_world import BELL, Heard, quiet_centre, tell, urgent
from tests.support.cast import Cast
from tests.support.reports_world import Centre
from tutela import clock
from tutela.app import config
from tutela.casework.alerts import desk_bell, messages, on_call, roster
from tutela.casework.models import AlertDelivery
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.feeds.http_client import Guarded
from tutela.reports.alerts import duty_screen
from tutela.reports.alerts.subject_kinds import KINDS
from tutela.reports.triage import assess


@pytest.fixture
def centre(cast: Cast) -> Centre:
    return quiet_centre(cast)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    monkeypatch.setattr(settings, "ALERT_WEBHOOK", "https://pager.example/tutela?secret=7")
    return Heard()


def test_an_alert_is_told_once_and_again_when_it_sounds_again(centre: Centre, heard: Heard) -> None:
    now, made = clock.now(), urgent(centre)
    number = centre.row(made).number
    assert (tell(centre, heard), tell(centre, heard)) == (1, 0)
    (call,) = heard.calls[0]
    assert (call.state.number, call.reason, call.state.alerts) == (number, "new", 1)
    assert timedelta(hours=1.9) < call.state.due - now < timedelta(hours=2.1)
    with clock.simulate(now + timedelta(minutes=16)):
        assert duty_screen.raise_again(centre.machine) == 1
        assert tell(centre, heard) == 1
        duty_screen.answer(centre.analyst, made)
    with clock.simulate(now + timedelta(minutes=40)):
        duty_screen.raise_again(centre.machine)
        assert tell(centre, heard) == 0, "somebody has answered"
    with clock.simulate(now + timedelta(hours=2, minutes=5)):
        duty_screen.raise_again(centre.machine)
        assert tell(centre, heard) == 1, "its time is over"
    assert [calls[0].reason for calls in heard.calls] == ["new", "unanswered", "late"]
    with acting(centre.machine):
        assert [one.kind for one in timeline("report", made)].count("alert.notified") == 3


def test_many_alerts_are_one_message_those_due_first(centre: Centre, heard: Heard) -> None:
    numbers = [centre.row(urgent(centre)).number for _ in range(3)]
    assert tell(centre, heard) == 1
    assert heard.numbers == [numbers]


def test_a_clock_that_jumps_mutes_no_alert(cast: Cast, centre: Centre, heard: Heard) -> None:
    now, day = clock.now(), timedelta(days=1)

    def at(minutes: float) -> Any:
        return clock.simulate(now + timedelta(minutes=minutes))

    early = urgent(centre)
    assert tell(centre, heard) == 1
    browser = cast.client(cast.centre, "analyst")
    with clock.simulate(now + day):
        assert duty_screen.raise_again(centre.machine) == 1, "by that clock it is late"
        late = urgent(centre)
        duty_screen.answer(centre.analyst, late)
        heard.fails = True
        assert tell(centre, heard) == 0
        assert "data-news" in browser.get(BELL).content.decode()
    heard.fails = False
    with at(1):
        assert tell(centre, heard) == 1, "what was to be told that day is told now"
        assert duty_screen.raise_again(centre.machine) == 1, "what has sounded that day alone sounds today"
        assert "data-news" in browser.get(BELL).content.decode()
        for one in (early, late):
            duty_screen.answer(centre.analyst, one)
        assert desk_bell.bell(centre.analyst)[0].unanswered == 0, "an answer answers what is dated ahead"
    with at(20):
        assert duty_screen.raise_again(centre.machine) == 0
    with at(120.5):
        assert duty_screen.raise_again(centre.machine) == 1, "its time is over today, and not tomorrow"
        assert tell(centre, heard) == 1
    with at(122):
        assert duty_screen.raise_again(centre.machine) == 1, "the other's two hours began when it sounded today"


def test_what_was_answered_before_it_was_told_is_told_nobody(centre: Centre, heard: Heard) -> None:
    made = urgent(centre)
    duty_screen.answer(centre.analyst, made)
    decided = urgent(centre)
    assess.assess(centre.analyst, decided, "unfounded", "no", seen=0, code="not_sexual")
    assert tell(centre, heard) == 0
    assert heard.calls == []
    with acting(centre.machine):
        assert not AlertDelivery.objects.filter(alert__subject_id=made, over=False).exists()


def test_what_could_not_be_told_is_tried_again_and_the_page_says_so(cast: Cast, centre: Centre, heard: Heard) -> None:
    now, made = clock.now(), urgent(centre)
    heard.fails = True
    assert tell(centre, heard) == 0
    browser = cast.client(cast.centre, "analyst")
    page = browser.get("/desk/reports/alerts/").content.decode()
    assert "1 alert could not be sent" in page
    assert "ConnectError" in page
    assert "pager.example" not in page, "an address may hold a secret"
    with acting(centre.machine):
        assert "alert.notified" not in [one.kind for one in timeline("report", made)]
    heard.fails = False
    with clock.simulate(now + timedelta(minutes=2)):
        assert tell(centre, heard) == 1
        assert "last notified" in browser.get("/desk/reports/alerts/").content.decode()
    assert heard.numbers == [[centre.row(made).number]]


def test_with_no_channel_nobody_is_told_and_the_page_says_how(cast: Cast, centre: Centre) -> None:
    urgent(centre)
    assert on_call.channels() == []
    assert on_call.tell(centre.machine, KINDS) == 0
    assert "TUTELA_ALERT_WEBHOOK" in cast.client(cast.centre, "lead").get("/desk/reports/alerts/").content.decode()


def test_a_webhook_gets_numbers_and_deadlines_and_nothing_else(
    centre: Centre, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, asked = urgent(centre), list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(204 if len(asked) < 2 else 500, content=iter([b""]))

    client = Guarded(transport=httpx.MockTransport(answer), resolve=lambda _host, _port: ["93.184.215.14"])
    monkeypatch.setattr(messages, "Guarded", lambda *_given: client)
    assert on_call.tell(centre.machine, KINDS) == 1
    (request,) = asked
    assert request.method == "POST"
    said = json.loads(request.content)
    row = centre.row(made)
    assert said.keys() == {"type", "version", "alerts", "more", "own_lanes", "page"}
    assert [one["report"] for one in said["alerts"]] == [row.number]
    assert said["alerts"][0].keys() == {"report", "due", "reason", "raised", "undelivered"}
    for word in ("child", "Pixelpost", row.provider_name, str(made), "192.0.2.7"):
        assert word not in request.content.decode()
    urgent(centre)
    assert on_call.tell(centre.machine, KINDS) == 0, "the second answer was an error"


@pytest.mark.parametrize("url", ["http://pager.example/", "https://127.0.0.1/", "https://10.1.2.3/hook"])
def test_a_webhook_is_asked_in_public_networks_alone(
    centre: Centre, heard: Heard, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr(settings, "ALERT_WEBHOOK", url)
    urgent(centre)
    assert on_call.tell(centre.machine, KINDS) == 0
    (state,) = on_call.states(centre.analyst, KINDS)
    assert "AddressRefusedError" in state.error


def test_duty_officers_get_a_mail_and_do_not_see_each_other(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALERT_EMAILS", ("duty@centre.example", "night@centre.example"))
    monkeypatch.setattr(settings, "MAILERS", {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}})
    monkeypatch.setattr(settings, "SENDS_EMAIL", True)
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    made = urgent(centre)
    assert on_call.tell(centre.machine, KINDS) == 1
    (sent,) = mail.outbox
    assert (sent.to, sorted(sent.bcc)) == ([], ["duty@centre.example", "night@centre.example"])
    assert centre.row(made).number in sent.body
    assert re.search(r"refer by \d{4}-\d\d-\d\d \d\d:\d\d UTC \(new urgent report\)", sent.body)
    for word in ("child", "Pixelpost", str(made)):
        assert word not in f"{sent.subject} {sent.body}"


@pytest.fixture
def mailed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A node that sends e-mail; returns what was sent."""
    monkeypatch.setattr(settings, "MAILERS", {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}})
    monkeypatch.setattr(settings, "SENDS_EMAIL", True)
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    return mail.outbox  # type: ignore[no-any-return,attr-defined]


@pytest.fixture
def on_duty(cast: Cast, centre: Centre) -> Iterator[str]:
    """E-mail address of a person of the Centre who is on call at all times."""
    person, now = cast.person(cast.centre, "analyst"), clock.now()
    lead = cast.actor(cast.centre, "lead")
    day = (now - timedelta(days=2)).date()
    given = roster.ShiftInput(f"person:{person.id}", range(7), time(), time(), "UTC", day)
    shift = roster.add_shift(lead, given, now)
    yield person.email
    roster.end_shift(lead, shift, clock.now())


def test_people_on_call_get_the_mail_once(
    centre: Centre, mailed: list[Any], on_duty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = urgent(centre)
    assert on_call.tell(centre.machine, KINDS) == 1, "without an address of the operator"
    monkeypatch.setattr(settings, "ALERT_EMAILS", ("duty@centre.example", on_duty.upper()))
    urgent(centre)
    assert on_call.tell(centre.machine, KINDS) == 1
    first, second = mailed
    assert (first.to, first.bcc) == ([], [on_duty])
    assert sorted(one.casefold() for one in second.bcc) == ["duty@centre.example", on_duty]
    for word in ("child", "Pixelpost", "Robin", str(made)):
        assert word not in f"{first.subject} {first.body}"
    (state,) = on_call.states(centre.analyst, KINDS)
    assert (state.channel, state.waiting) == ("email", 0)


def test_an_alert_reaches_who_comes_on_call_later(cast: Cast, centre: Centre, mailed: list[Any]) -> None:
    person, now = cast.person(cast.centre, "analyst"), clock.now()
    lead = cast.actor(cast.centre, "lead")
    urgent(centre)
    assert on_call.tell(centre.machine, KINDS) == 0
    begin = now + timedelta(minutes=2)
    start, end = (one.time().replace(second=0, microsecond=0) for one in (begin, begin + timedelta(hours=1)))
    given = roster.ShiftInput(f"person:{person.id}", range(7), start, end, "UTC", (now - timedelta(days=2)).date())
    shift = roster.add_shift(lead, given, now)
    assert on_call.tell(centre.machine, KINDS) == 0
    with clock.simulate(begin):
        assert on_call.tell(centre.machine, KINDS) == 1
    with clock.simulate(begin + timedelta(hours=1)):
        assert on_call.channels(on_call.rostered_emails(centre.machine)) == []
    assert [one.bcc for one in mailed] == [[person.email]]
    roster.end_shift(lead, shift, now)


def test_a_node_without_mail_has_no_channel_to_people_on_call(
    centre: Centre, on_duty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SENDS_EMAIL", False)
    urgent(centre)
    assert on_call.rostered_emails(centre.machine) == [on_duty]
    assert on_call.tell(centre.machine, KINDS) == 0
    assert on_call.states(centre.analyst, KINDS) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALERT_EMAILS", "duty"), ("ALERT_EMAILS", "a@b.example, Somebody <c@d.example>"), ("ALERT_WEBHOOK", "ftp://x")],
)
def test_a_node_does_not_start_with_an_address_that_is_none(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"TUTELA_{name}", value)
    with pytest.raises(config.BadSetting, match=f"TUTELA_{name}"):
        config.load()
