"""An alarm reaches people: in the head of every page, and outside the house with number and deadline alone."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client

from tests.integration.reports.followups.test_spot_checks import thin
from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.app import config
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.feeds.http_client import Guarded, NoAnswerError
from tutela.reports.alerts import alerts, flood_alerts, on_call, schedule
from tutela.reports.alerts.on_call import Call
from tutela.reports.models import ORDER, Alarm, AlarmTold, Channel, Report, State
from tutela.reports.scoring.lanes import OWN
from tutela.reports.triage import assess

URGENT = {"urgency": {"urgent": True, "reason": "A child's name stands here"}}


@pytest.fixture
def centre(cast: Cast) -> Centre:
    """A Centre where nothing calls: what other tests left behind is answered."""
    made = Centre(cast)
    with acting(made.machine):
        Report.objects.filter(urgent=True, state__in=schedule.WAITING).update(state=State.REFERRED)
        Report.objects.filter(astray__gt=0).update(astray=0)
    return made


def urgent(centre: Centre) -> UUID:
    return centre.file(report(**URGENT))


class Heard:
    """What somebody outside was told, by one channel, which may fail."""

    def __init__(self) -> None:
        self.calls: list[list[Call]] = []
        self.fails = False

    def __call__(self, calls: Sequence[Call]) -> None:
        if self.fails:
            raise NoAnswerError("ConnectError.")
        self.calls.append(list(calls))

    @property
    def numbers(self) -> list[list[str]]:
        return [[one.number for one in calls] for calls in self.calls]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    monkeypatch.setattr(settings, "ALARM_WEBHOOK", "https://pager.example/tutela?secret=7")
    return Heard()


def tell(centre: Centre, heard: Heard) -> int:
    return on_call.tell(centre.machine, {Channel.WEBHOOK: heard})


def test_an_alarm_is_told_once_and_again_when_it_sounds_again(centre: Centre, heard: Heard) -> None:
    now, made = clock.now(), urgent(centre)
    number = centre.row(made).number
    assert (tell(centre, heard), tell(centre, heard)) == (1, 0)
    (call,) = heard.calls[0]
    assert (call.number, call.ring, call.calls) == (number, "new", 1)
    assert timedelta(hours=1.9) < call.due - now < timedelta(hours=2.1)
    with clock.simulate(now + timedelta(minutes=16)):
        assert alerts.ring_again(centre.machine) == 1
        assert tell(centre, heard) == 1
        alerts.take(centre.analyst, made)
    with clock.simulate(now + timedelta(minutes=40)):
        alerts.ring_again(centre.machine)
        assert tell(centre, heard) == 0, "somebody has answered"
    with clock.simulate(now + timedelta(hours=2, minutes=5)):
        alerts.ring_again(centre.machine)
        assert tell(centre, heard) == 1, "deadline passed"
    assert [calls[0].ring for calls in heard.calls] == ["new", "unanswered", "late"]
    with acting(centre.machine):
        assert [one.kind for one in timeline("report", made)].count("alarm.told") == 3


def test_many_alarms_are_one_message_those_due_first(centre: Centre, heard: Heard) -> None:
    numbers = [centre.row(urgent(centre)).number for _ in range(3)]
    assert tell(centre, heard) == 1
    assert heard.numbers == [numbers]


def test_a_flood_of_empty_urgent_reports_takes_no_other_s_place(
    cast: Cast, centre: Centre, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutela.reports.scoring.lanes.AN_HOUR", 2)
    monkeypatch.setattr(on_call, "MOST", 5)
    flooder, now = cast.organisation("Flooder", "provider", "IE"), clock.now()
    with clock.simulate(now - timedelta(minutes=5)):
        flood = [centre.file(thin(**URGENT), flooder) for _ in range(12)]
    real = urgent(centre)
    assert alerts.ring_again(centre.machine) == 1, "one voice"
    assert tell(centre, heard) == 1
    (calls,) = heard.calls
    said = on_call.message(calls)
    first = [centre.row(one).number for one in flood[:2]]
    assert [one["report"] for one in said["alarms"]] == [*sorted(first), centre.row(real).number]
    assert (said["more"], said["own_lanes"]) == (0, 10)
    assert [one.reports for one in calls] == [1, 1, 1, 10]
    monkeypatch.setattr(settings, "ALARM_EMAILS", ("duty@centre.example",))
    monkeypatch.setattr(settings, "MAILERS", {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}})
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    on_call.by_email(calls)
    (sent,) = mail.outbox
    assert len(sent.body.splitlines()) == 3 + 1 + 2
    assert "10 from senders in a separate queue; refer the first by" in sent.body


def test_the_screen_shows_a_flood_as_one_line_and_each_of_its_reports_behind_it(
    cast: Cast, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutela.reports.scoring.lanes.AN_HOUR", 0)
    monkeypatch.setattr(alerts, "PER_PAGE", 4)
    flooder, now = cast.organisation("Flooder", "provider", "IE"), clock.now()
    with clock.simulate(now - timedelta(minutes=5)):
        flood = [centre.file(thin(**URGENT), flooder) for _ in range(6)]
    real = [urgent(centre) for _ in range(5)]
    answered = real[0]
    alerts.take(centre.analyst, answered)
    browser = cast.client(cast.centre, "analyst")
    page = browser.get("/desk/reports/alarms/").content.decode()
    numbers = {one: centre.row(one).number for one in (*flood, *real)}
    assert [one for one in real if numbers[one] in page] == real[1:], "those that call first, a page of them"
    assert not [one for one in flood if numbers[one] in page]
    assert "6 urgent reports" in page
    assert "(4) Alerts" in page, "the flood has not called yet"
    assert alerts.ring_again(centre.machine) == 1
    page = browser.get("/desk/reports/alarms/").content.decode()
    assert "(5) Alerts" in page, "every alarm that calls is counted, the flood's as one"
    assert alerts.bell(centre.analyst).sounding == 5
    assert numbers[answered] in browser.get("/desk/reports/alarms/?page=2").content.decode()
    address = f"/desk/reports/alarms/?lane={flooder.organisation_id}"
    both = [browser.get(f"{address}&page={page}").content.decode() for page in (1, 2)]
    assert [sum(numbers[one] in page for one in flood) for page in both] == [4, 2]
    assert not [one for one in real if numbers[one] in "".join(both)]
    file = browser.get("/desk/reports/alarms/?format=csv").content.decode()
    assert all(number in file for number in numbers.values())
    assert browser.get("/desk/reports/alarms/?lane=x").status_code == 200
    assert browser.post(f"/desk/reports/alarms/{flooder.organisation_id}/take/").status_code == 302
    page = browser.get("/desk/reports/alarms/").content.decode()
    assert "(4) Alerts" in page, "one answer for all of them"
    assert centre.analyst.name in page


def test_a_flood_calls_with_one_voice_until_it_is_answered_and_again_when_more_comes(
    cast: Cast, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reports of one sender that lead somewhere and are urgent are a flood too; another's are not delayed by it."""
    monkeypatch.setattr("tutela.reports.scoring.lanes.URGENT_AN_HOUR", 2)
    flooder, now = cast.organisation("Flooder", "provider", "IE"), clock.now()
    sender = flooder.organisation_id

    def at(minutes: float) -> Any:
        return clock.simulate(now + timedelta(minutes=minutes))

    def rung() -> list[str]:
        with acting(centre.machine):
            rows = Alarm.objects.filter(sender_id=sender)
            return list(rows.order_by("created_at").values_list("ring", flat=True))

    with pytest.raises(NotFound):
        flood_alerts.take(centre.analyst, sender)
    flood = [centre.file(report(**URGENT), flooder) for _ in range(6)]
    assert [centre.row(one).lane for one in flood] == [0, 0, 1, 1, 1, 1]
    assert all(centre.row(one).urgent for one in flood)
    calm, other = centre.file(report(), flooder), urgent(centre)
    with acting(centre.machine):
        rows = Report.objects.filter(report_id__in=[*flood, calm, other]).order_by(*ORDER)
        order = list(rows.values_list("report_id", flat=True))
    assert set(order[:3]) == {*flood[:2], other}
    assert order[-1] == calm, "urgent stands above what is not, in every lane"
    for one in (*flood[:2], other):
        alerts.take(centre.analyst, one)
    for minutes, expected in ((0, 1), (1, 1), (14, 1), (16, 2), (17, 2)):
        with at(minutes):
            alerts.ring_again(centre.machine)
            assert len(rung()) == expected, minutes
    assert rung() == ["new", "unanswered"]
    with at(20):
        flood_alerts.take(centre.analyst, sender)
        assert alerts.bell(centre.analyst).sounding == 0
    with at(40):
        assert alerts.ring_again(centre.machine) == 0
        # Of this hour the sender's urgent ones are known: the next stands in its lane, and the flood is more.
        centre.file(report(**URGENT), flooder)
        assert alerts.ring_again(centre.machine) == 1
        assert rung()[-1] == "new"
        flood_alerts.take(centre.analyst, sender)
    with at(121):
        alerts.ring_again(centre.machine)
        assert rung()[-1] == "late"
    with acting(centre.machine):
        Report.objects.filter(report_id__in=flood, lane=OWN).update(state=State.REFERRED)
        assert [one.reports for one in flood_alerts.pending_floods()] == [1]


def test_more_than_a_statement_has_parameters_for_silence_nobody(
    cast: Cast, centre: Centre, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    flooder, many = cast.organisation("Flooder", "provider", "IE"), 66_000
    monkeypatch.setattr("tutela.reports.scoring.lanes.URGENT_AN_HOUR", 0)
    first = centre.row(centre.file(report(**URGENT), flooder))
    with contextlib.suppress(Undone), acting(centre.machine):
        _copied(first, many)
        assert alerts.ring_again(centre.machine) == 1
        assert alerts.bell(centre.analyst).sounding == alerts.sounding() == 1
        shown = alerts.screen(centre.analyst, alerts.AlertFilter(lane=flooder.organisation_id))
        assert (len(shown.rows), shown.more) == (alerts.PER_PAGE, True)
        assert tell(centre, heard) == 1
        assert [one.reports for one in heard.calls[0]] == [many + 1]
        Report.objects.filter(lane=OWN).update(lane=0)
        assert len(schedule.pending_alerts()) == many + 1
        raise Undone


class Undone(Exception):
    """Nothing of it stays."""


def _copied(row: Report, many: int) -> None:
    """So many reports like this one, each with its alarm."""
    own = {"id": "gen_random_uuid()", "report_id": "gen_random_uuid()", "number": "'X' || g"}
    names = [one.column for one in Report._meta.concrete_fields]
    columns, values = ", ".join(names), ", ".join(own.get(one, f"r.{one}") for one in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO reports_report ({columns}) SELECT {values}"
            " FROM reports_report r, generate_series(1, %s) g WHERE r.id = %s",
            [many, row.pk],
        )
        cursor.execute(
            "INSERT INTO reports_alarm (id, organisation_id, created_at, report_id, ring)"
            " SELECT gen_random_uuid(), organisation_id, created_at, id, 'new' FROM reports_report"
            " WHERE provider_id = %s AND id <> %s",
            [row.provider_id, row.pk],
        )


def test_a_clock_that_jumps_mutes_no_alarm(cast: Cast, centre: Centre, heard: Heard) -> None:
    now, day = clock.now(), timedelta(days=1)

    def at(minutes: float) -> Any:
        return clock.simulate(now + timedelta(minutes=minutes))

    early = urgent(centre)
    assert tell(centre, heard) == 1
    browser = cast.client(cast.centre, "analyst")
    with clock.simulate(now + day):
        assert alerts.ring_again(centre.machine) == 1, "by that clock it is late"
        late = urgent(centre)
        alerts.take(centre.analyst, late)
        heard.fails = True
        assert tell(centre, heard) == 0
        assert "data-news" in browser.get(BELL).content.decode()
    heard.fails = False
    with at(1):
        assert tell(centre, heard) == 1, "what was to be told that day is told now"
        assert alerts.ring_again(centre.machine) == 1, "what has sounded that day alone sounds today"
        assert "data-news" in browser.get(BELL).content.decode()
        for one in (early, late):
            alerts.take(centre.analyst, one)
        assert alerts.bell(centre.analyst).sounding == 0, "an answer answers what is dated ahead"
    with at(20):
        assert alerts.ring_again(centre.machine) == 0
    with at(120.5):
        assert alerts.ring_again(centre.machine) == 1, "its time is over today, and not tomorrow"
        assert tell(centre, heard) == 1
    with at(122):
        assert alerts.ring_again(centre.machine) == 1, "the other's two hours began when it sounded today"


def test_what_was_answered_before_it_was_told_is_told_nobody(centre: Centre, heard: Heard) -> None:
    made = urgent(centre)
    alerts.take(centre.analyst, made)
    decided = urgent(centre)
    assess.assess(centre.analyst, decided, "unfounded", "no", seen=0, code="not_sexual")
    assert tell(centre, heard) == 0
    assert heard.calls == []
    with acting(centre.machine):
        assert not AlarmTold.objects.filter(alarm__report__report_id=made, over=False).exists()


def test_what_could_not_be_told_is_tried_again_and_the_page_says_so(cast: Cast, centre: Centre, heard: Heard) -> None:
    now, made = clock.now(), urgent(centre)
    heard.fails = True
    assert tell(centre, heard) == 0
    browser = cast.client(cast.centre, "analyst")
    page = browser.get("/desk/reports/alarms/").content.decode()
    assert "1 alert could not be sent" in page
    assert "ConnectError" in page
    assert "pager.example" not in page, "an address may hold a secret"
    with acting(centre.machine):
        assert "alarm.told" not in [one.kind for one in timeline("report", made)]
    heard.fails = False
    with clock.simulate(now + timedelta(minutes=2)):
        assert tell(centre, heard) == 1
        assert "last notified" in browser.get("/desk/reports/alarms/").content.decode()
    assert heard.numbers == [[centre.row(made).number]]


def test_with_no_channel_nobody_is_told_and_the_page_says_how(cast: Cast, centre: Centre) -> None:
    urgent(centre)
    assert on_call.channels() == []
    assert on_call.tell(centre.machine) == 0
    assert "TUTELA_ALARM_WEBHOOK" in cast.client(cast.centre, "lead").get("/desk/reports/alarms/").content.decode()


def test_a_webhook_gets_numbers_and_deadlines_and_nothing_else(
    centre: Centre, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, asked = urgent(centre), list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(204 if len(asked) < 2 else 500, content=iter([b""]))

    client = Guarded(transport=httpx.MockTransport(answer), resolve=lambda _host, _port: ["93.184.215.14"])
    monkeypatch.setattr(on_call, "Guarded", lambda *_given: client)
    assert on_call.tell(centre.machine) == 1
    (request,) = asked
    assert request.method == "POST"
    said = json.loads(request.content)
    row = centre.row(made)
    assert said.keys() == {"type", "version", "alarms", "more", "own_lanes", "page"}
    assert [one["report"] for one in said["alarms"]] == [row.number]
    assert said["alarms"][0].keys() == {"report", "due", "ring", "calls", "astray"}
    for word in ("child", "Pixelpost", row.provider_name, str(made), "192.0.2.7"):
        assert word not in request.content.decode()
    urgent(centre)
    assert on_call.tell(centre.machine) == 0, "the second answer was an error"


@pytest.mark.parametrize("url", ["http://pager.example/", "https://127.0.0.1/", "https://10.1.2.3/hook"])
def test_a_webhook_is_asked_in_public_networks_alone(
    centre: Centre, heard: Heard, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr(settings, "ALARM_WEBHOOK", url)
    urgent(centre)
    assert on_call.tell(centre.machine) == 0
    (state,) = on_call.states(centre.analyst)
    assert "AddressRefusedError" in state.error


def test_duty_officers_get_a_mail_and_do_not_see_each_other(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALARM_EMAILS", ("duty@centre.example", "night@centre.example"))
    monkeypatch.setattr(settings, "MAILERS", {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}})
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    made = urgent(centre)
    assert on_call.tell(centre.machine) == 1
    (sent,) = mail.outbox
    assert (sent.to, sorted(sent.bcc)) == ([], ["duty@centre.example", "night@centre.example"])
    assert centre.row(made).number in sent.body
    assert re.search(r"refer by \d{4}-\d\d-\d\d \d\d:\d\d UTC \(new urgent report\)", sent.body)
    for word in ("child", "Pixelpost", str(made)):
        assert word not in f"{sent.subject} {sent.body}"


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALARM_EMAILS", "duty"), ("ALARM_EMAILS", "a@b.example, Somebody <c@d.example>"), ("ALARM_WEBHOOK", "ftp://x")],
)
def test_a_node_does_not_start_with_an_address_that_is_none(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"TUTELA_{name}", value)
    with pytest.raises(config.BadSetting, match=f"TUTELA_{name}"):
        config.load()


BELL = "/desk/reports/alarms/bell/"


def known(found: Any) -> str:
    return re.search(r"known=([^\"]*)", found.content.decode())[1]  # type: ignore[index]


def asked_again(browser: Client, found: Any) -> Any:
    return browser.get(f"{BELL}?known={known(found)}")


def test_every_page_of_the_centre_has_the_bell_and_others_have_none(cast: Cast, centre: Centre) -> None:
    for role, address in (("analyst", "/desk/"), ("lead", "/desk/reports/funnel/"), ("analyst", "/desk/directory/")):
        assert f'hx-get="{BELL}"' in cast.client(cast.centre, role).get(address).content.decode()
    for kind, role in (("provider", "lead"), ("authority", "investigator")):
        visitor = cast.client(cast.organisation("Elsewhere", kind, "FR"), role)
        assert BELL not in visitor.get("/desk/").content.decode()
        assert visitor.get(BELL).status_code == 404


def test_the_bell_counts_says_a_new_alarm_once_and_again_when_it_sounds_again(cast: Cast, centre: Centre) -> None:
    browser, now = cast.client(cast.centre, "analyst"), clock.now()
    quiet = browser.get(BELL)
    assert 'data-sounding="0"' in quiet.content.decode()
    assert asked_again(browser, quiet).status_code == 204
    made = urgent(centre)
    found = asked_again(browser, quiet)
    text = found.content.decode()
    assert 'data-sounding="1"' in text
    assert 'role="alert"' in text
    assert "data-news" in text
    assert str(made) not in text
    assert asked_again(browser, found).status_code == 204
    assert 'role="status"' in browser.get(BELL).content.decode(), "another page says the count and calls nobody again"
    with clock.simulate(now + timedelta(minutes=16)):
        alerts.ring_again(centre.machine)
        assert 'role="alert"' in asked_again(browser, found).content.decode()
        alerts.take(centre.analyst, made)
        assert 'data-sounding="0"' in browser.get(BELL).content.decode()


def test_a_bell_still_being_answered_takes_back_no_purpose(cast: Cast, centre: Centre, monkeypatch: Any) -> None:
    browser = cast.client(cast.centre, "analyst")
    session = browser.session
    del session["purpose"]
    session.save()
    urgent(centre)
    counted = alerts.bell

    def slowly(actor: Actor) -> Any:
        browser.post("/desk/purpose/", {"purpose": "assess_reports"})
        return counted(actor)

    monkeypatch.setattr(alerts, "bell", slowly)
    assert "data-news" in browser.get(BELL).content.decode()
    assert browser.session["purpose"] == "assess_reports"
    assert browser.get("/desk/reports/").status_code == 200
    assert 'role="status"' in browser.get(BELL).content.decode(), "and it is remembered that this alarm was heard"

    def gone(actor: Actor) -> Any:
        browser.session.flush()
        return counted(actor)

    monkeypatch.setattr(alerts, "bell", gone)
    urgent(centre)
    key = browser.session.session_key
    assert browser.get(BELL).status_code == 200
    assert not Session.objects.filter(session_key=key).exists(), "an ended session is not made anew"


def test_the_bell_agrees_with_the_page_of_alarms(centre: Centre) -> None:
    made = [urgent(centre) for _ in range(3)]
    alerts.take(centre.analyst, made[0])
    with acting(centre.machine):
        assert alerts.bell(centre.analyst).sounding == alerts.sounding() == 2
