"""A notice waits after the report to the police where a national procedure asks for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.takedown.errors import SameWait, WaitForPolice
from tutela.takedown.models import Channel, TakedownCase
from tutela.takedown.notices import notify
from tutela.takedown.police import notice_waits
from tutela.takedown.police.notice_waits import WaitInput

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
TODAY = NOW.date()
PAGE = "/desk/takedown/waits/"
FILE = notify.Recipient(channel=Channel.FILE)


@pytest.fixture
def hotline(cast: Cast) -> Hotline:
    return Hotline(cast)


def told(hotline: Hotline, country: str) -> UUID:
    """A case hosted in a country, of which the police know since `NOW`."""
    with clock.simulate(NOW):
        case = hotline.assessed()
        hotline.police_know(case)
        with acting(hotline.analyst):
            TakedownCase.objects.filter(pk=case).update(hosting_country=country)
    return case


def add(hotline: Hotline, country: str, hours: int, day: date = TODAY) -> None:
    notice_waits.add(hotline.analyst, WaitInput(country, hours, day, "Agreement with the police, 2026"))


def test_without_a_wait_the_notice_is_made_in_parallel(hotline: Hotline) -> None:
    case = told(hotline, "DE")
    with clock.simulate(NOW):
        notify.queue(hotline.analyst, case, FILE)


def test_a_notice_waits_its_hours_and_leaves_then(hotline: Hotline) -> None:
    add(hotline, "DE", 24)
    case = told(hotline, "DE")
    with clock.simulate(NOW + timedelta(hours=23, minutes=59)), pytest.raises(WaitForPolice) as refused:
        notify.queue(hotline.analyst, case, FILE)
    assert "2026-05-05 10:00 UTC" in str(refused.value)
    with clock.simulate(NOW + timedelta(hours=24)):
        notify.queue(hotline.analyst, case, FILE)


@pytest.mark.parametrize(
    ("rows", "country", "hours"),
    [
        ([("", 6, 0)], "NL", 6),
        ([("", 6, 0)], "", 6),
        ([("", 6, 0), ("NL", 2, 0)], "NL", 2),
        ([("", 6, 0), ("NL", 0, 0)], "NL", None),
        ([("DE", 6, 0)], "NL", None),
        ([("NL", 6, 1)], "NL", None),
        ([("NL", 6, -30), ("NL", 3, -1)], "NL", 3),
        ([("NL", 3, -1), ("NL", 6, -30)], "NL", 3),
        ([("NL", 6, -30), ("NL", 0, -1)], "NL", None),
    ],
)
def test_the_newest_row_of_the_country_counts(
    hotline: Hotline, rows: list[tuple[str, int, int]], country: str, hours: int | None
) -> None:
    for of, wait, days in rows:
        add(hotline, of, wait, TODAY + timedelta(days=days))
    case = told(hotline, country)
    with acting(hotline.analyst):
        found = notice_waits.notice_from(TakedownCase.objects.get(pk=case), NOW)
    assert found == (None if hours is None else NOW + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (WaitInput("XX", 1, TODAY, "D"), "country"),
        (WaitInput("DE", -1, TODAY, "D"), "hours"),
        (WaitInput("DE", 24 * 30 + 1, TODAY, "D"), "hours"),
        (WaitInput("DE", 1, TODAY, " "), "source"),
    ],
)
def test_bad_input_is_refused_by_its_field(hotline: Hotline, given: WaitInput, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        notice_waits.add(hotline.analyst, given)
    assert refused.value.field == field
    assert notice_waits.list_waits(hotline.analyst) == []


def test_other_roles_and_organisations_change_and_see_nothing(cast: Cast, hotline: Hotline) -> None:
    add(hotline, "DE", 24)
    with pytest.raises(SameWait):
        add(hotline, "DE", 24)
    with pytest.raises(Forbidden):
        notice_waits.list_waits(cast.actor(hotline.machine, "administrator"))
    assert notice_waits.list_waits(cast.actor(cast.hotline_de, "analyst")) == []
    assert Client().get(PAGE).status_code == 302
    assert cast.client(cast.pixelpost, "lead").get(PAGE).status_code == 404


def test_a_wait_is_recorded_and_shown_on_its_page_and_case(cast: Cast, hotline: Hotline) -> None:
    client = cast.client(hotline.machine, "analyst")
    assert "No procedure asks to wait" in client.get(PAGE).content.decode()
    today = clock.now().date()
    form = {"country": "DE", "hours": "24", "valid_from": str(today), "source": "Agreement with the police"}
    assert client.post(PAGE, {**form, "hours": "-1"}).status_code == 422
    assert client.post(PAGE, form)["Location"] == PAGE
    assert client.post(PAGE, form).status_code == 409, "a double click records one"
    shown = client.get(PAGE).content.decode()
    assert "counts today" in shown
    assert "Agreement with the police" in shown
    case = hotline.assessed()
    hotline.police_know(case)
    with acting(hotline.analyst):
        TakedownCase.objects.filter(pk=case).update(hosting_country="DE")
    page = client.get(f"/desk/takedown/{case}/").content.decode()
    assert "a notice may leave from" in page
    refused = client.post(f"/desk/takedown/{case}/notice/", {"channel": "file", "language": "en"}, follow=True)
    assert "The police were told first" in refused.content.decode()
