"""A sender's flood calls with one voice, takes no other's place, and silences nobody."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection

from tests.integration.reports.followups.test_spot_checks import thin
from tests.support.alerts_world import URGENT, Heard, quiet_centre, tell, urgent
from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.casework.alerts import desk_bell, messages
from tutela.casework.models import Alert
from tutela.events.errors import NotFound
from tutela.events.transaction import acting
from tutela.reports.alerts import duty_screen, flood_alerts, pending_reports
from tutela.reports.models import ORDER, Report, State
from tutela.reports.scoring.lanes import OWN


@pytest.fixture
def centre(cast: Cast) -> Centre:
    return quiet_centre(cast)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    monkeypatch.setattr(settings, "ALERT_WEBHOOK", "https://pager.example/tutela?secret=7")
    return Heard()


def test_a_flood_of_empty_urgent_reports_takes_no_other_s_place(
    cast: Cast, centre: Centre, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutela.reports.scoring.lanes.AN_HOUR", 2)
    monkeypatch.setattr(messages, "MOST_LISTED", 5)
    flooder, now = cast.organisation("Flooder", "provider", "IE"), clock.now()
    with clock.simulate(now - timedelta(minutes=5)):
        flood = [centre.file(thin(**URGENT), flooder) for _ in range(12)]
    real = urgent(centre)
    assert duty_screen.raise_again(centre.machine) == 1, "one voice"
    assert tell(centre, heard) == 1
    (calls,) = heard.calls
    said = messages.webhook_body(calls)
    first = [centre.row(one).number for one in flood[:2]]
    assert [one["report"] for one in said["alerts"]] == [*sorted(first), centre.row(real).number]
    assert (said["more"], said["own_lanes"]) == (0, 10)
    assert [one.state.many for one in calls] == [1, 1, 1, 10]
    monkeypatch.setattr(settings, "ALERT_EMAILS", ("duty@centre.example",))
    monkeypatch.setattr(settings, "MAILERS", {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}})
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    messages.send_email(calls)
    (sent,) = mail.outbox
    assert len(sent.body.splitlines()) == 3 + 1 + 2
    assert "10 from senders in a separate queue; refer the first by" in sent.body


def test_the_screen_shows_a_flood_as_one_line_and_each_of_its_reports_behind_it(
    cast: Cast, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutela.reports.scoring.lanes.AN_HOUR", 0)
    monkeypatch.setattr(duty_screen, "PER_PAGE", 4)
    flooder, now = cast.organisation("Flooder", "provider", "IE"), clock.now()
    with clock.simulate(now - timedelta(minutes=5)):
        flood = [centre.file(thin(**URGENT), flooder) for _ in range(6)]
    real = [urgent(centre) for _ in range(5)]
    answered = real[0]
    duty_screen.answer(centre.analyst, answered)
    browser = cast.client(cast.centre, "analyst")
    page = browser.get("/desk/reports/alerts/").content.decode()
    numbers = {one: centre.row(one).number for one in (*flood, *real)}
    assert [one for one in real if numbers[one] in page] == real[1:], "those that call first, a page of them"
    assert not [one for one in flood if numbers[one] in page]
    assert "6 urgent reports" in page
    assert "(4) Alerts" in page, "the flood has not called yet"
    assert duty_screen.raise_again(centre.machine) == 1
    page = browser.get("/desk/reports/alerts/").content.decode()
    assert "(5) Alerts" in page, "every alert that calls is counted, the flood's as one"
    assert desk_bell.bell(centre.analyst)[0].unanswered == 5
    assert numbers[answered] in browser.get("/desk/reports/alerts/?page=2").content.decode()
    address = f"/desk/reports/alerts/?lane={flooder.organisation_id}"
    both = [browser.get(f"{address}&page={page}").content.decode() for page in (1, 2)]
    assert [sum(numbers[one] in page for one in flood) for page in both] == [4, 2]
    assert not [one for one in real if numbers[one] in "".join(both)]
    file = browser.get("/desk/reports/alerts/?format=csv").content.decode()
    assert all(number in file for number in numbers.values())
    assert browser.get("/desk/reports/alerts/?lane=x").status_code == 200
    assert browser.post(f"/desk/reports/alerts/{flooder.organisation_id}/take/").status_code == 302
    page = browser.get("/desk/reports/alerts/").content.decode()
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
            rows = Alert.objects.filter(subject_id=sender)
            return list(rows.order_by("created_at").values_list("reason", flat=True))

    with pytest.raises(NotFound):
        duty_screen.answer_flood(centre.analyst, sender)
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
        duty_screen.answer(centre.analyst, one)
    for minutes, expected in ((0, 1), (1, 1), (14, 1), (16, 2), (17, 2)):
        with at(minutes):
            duty_screen.raise_again(centre.machine)
            assert len(rung()) == expected, minutes
    assert rung() == ["new", "unanswered"]
    with at(20):
        duty_screen.answer_flood(centre.analyst, sender)
        assert desk_bell.bell(centre.analyst)[0].unanswered == 0
    with at(40):
        assert duty_screen.raise_again(centre.machine) == 0
        # Of this hour the sender's urgent ones are known: the next stands in its lane, and the flood is more.
        centre.file(report(**URGENT), flooder)
        assert duty_screen.raise_again(centre.machine) == 1
        assert rung()[-1] == "new"
        duty_screen.answer_flood(centre.analyst, sender)
    with at(121):
        duty_screen.raise_again(centre.machine)
        assert rung()[-1] == "late"
    with acting(centre.machine):
        Report.objects.filter(report_id__in=flood, lane=OWN).update(state=State.REFERRED)
        assert [one.many for one in flood_alerts.pending_floods()] == [1]


def test_more_than_a_statement_has_parameters_for_silence_nobody(
    cast: Cast, centre: Centre, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    flooder, many = cast.organisation("Flooder", "provider", "IE"), 66_000
    monkeypatch.setattr("tutela.reports.scoring.lanes.URGENT_AN_HOUR", 0)
    first = centre.row(centre.file(report(**URGENT), flooder))
    with contextlib.suppress(Undone), acting(centre.machine):
        _copied(first, many)
        assert duty_screen.raise_again(centre.machine) == 1
        assert desk_bell.bell(centre.analyst)[0].unanswered == duty_screen.unanswered_count() == 1
        shown = duty_screen.screen(centre.analyst, duty_screen.AlertFilter(lane=flooder.organisation_id))
        assert (len(shown.rows), shown.more) == (duty_screen.PER_PAGE, True)
        assert tell(centre, heard) == 1
        assert [one.state.many for one in heard.calls[0]] == [many + 1]
        Report.objects.filter(lane=OWN).update(lane=0)
        assert len(pending_reports.pending_alerts()) == many + 1
        raise Undone


class Undone(Exception):
    """Nothing of it stays."""


def _copied(row: Report, many: int) -> None:
    """So many reports like this one, each with its alert."""
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
            "INSERT INTO casework_alert (id, organisation_id, created_at, subject_kind, subject_id, reason)"
            " SELECT gen_random_uuid(), organisation_id, created_at, 'report', report_id, 'new' FROM reports_report"
            " WHERE provider_id = %s AND id <> %s",
            [row.provider_id, row.pk],
        )
