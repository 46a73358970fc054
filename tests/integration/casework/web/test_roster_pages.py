"""Page of the on-call roster: people who may answer alerts see it, leads change it."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from tests.support.cast import Cast
from tests.support.rosters import shifts_of
from tutela import clock
from tutela.casework.alerts import roster
from tutela.events.actor import Actor
from tutela.organisations.models import Person
from tutela.organisations.people import own_profile
from tutela.organisations.people.members import actor_of

PAGE = "/desk/on-call/"


@pytest.fixture
def analyst(cast: Cast) -> Actor:
    return actor_of(cast.person(cast.hotline_ie, "analyst", name="Aoife"))


def form(person: Actor, /, **other: object) -> dict[str, object]:
    day = clock.now().date() - timedelta(days=2)
    given = {"weekdays": list("0123456"), "start": "00:00", "end": "00:00", "zone": "Europe/Dublin"}
    return {"person": person.reference, "valid_from": str(day), **given, **other}


def read(client: Client) -> str:
    return str(client.get(PAGE).content.decode())


def test_a_shift_is_added_shown_and_ended(cast: Cast, analyst: Actor) -> None:
    client = cast.client(cast.hotline_ie, "analyst")
    empty = read(client)
    assert "There are no shifts." in empty
    assert "Nobody is on call now." in empty
    assert client.post(PAGE, form(analyst)).status_code == 302
    shown = read(client)
    assert "Aoife, until" in shown
    assert "Mon–Sun 00:00–24:00 (Europe/Dublin)" in shown
    assert "Nobody is on call now." not in shown
    assert shown.count('<th scope="row">') == 7
    again = client.post(PAGE, form(analyst))
    assert again.status_code == 409, "a double click adds one shift"
    assert "already" in again.content.decode()
    (state,) = shifts_of(analyst)
    ending = f"{PAGE}{state.row.pk}/end/"
    opened = client.get(ending)
    assert (opened.status_code, opened["Allow"]) == (405, "POST"), "by Back, or after signing in again"
    assert "Opening it has changed nothing." in opened.content.decode()
    assert "Go to the start page" in opened.content.decode()
    assert client.post(ending)["Location"] == PAGE
    assert client.post(ending)["Location"] == PAGE
    assert "has ended already" in read(client)
    assert shifts_of(analyst) == []


@pytest.mark.parametrize(
    "bad",
    [
        {"start": "25:00"},
        {"start": ""},
        {"end": "noon"},
        {"weekdays": []},
        {"weekdays": ["7"]},
        {"zone": "Europe/Atlantis"},
        {"valid_from": "0001-01-01"},
        {"valid_from": "tomorrow"},
        {"person": "person:nobody"},
        {"start": "09:00:30"},
    ],
)
def test_a_bad_form_is_shown_again(cast: Cast, analyst: Actor, bad: dict[str, object]) -> None:
    answer = cast.client(cast.hotline_ie, "analyst").post(PAGE, form(analyst, **bad))
    assert answer.status_code in (400, 422)
    assert "Add shift" in answer.content.decode()
    assert shifts_of(analyst) == []


def test_a_wrong_role_and_another_organisation_find_nothing(cast: Cast, analyst: Actor) -> None:
    now = clock.now()
    given = roster.ShiftInput(analyst.reference, range(7), time(), time(), "UTC", now.date() - timedelta(days=2))
    made = roster.add_shift(analyst, given, now)
    for organisation, role in ((cast.hotline_ie, "administrator"), (cast.auditor, "auditor")):
        client = cast.client(organisation, role)
        assert client.get(PAGE).status_code == 404
        assert client.post(f"{PAGE}{made}/end/").status_code == 404
    other = cast.client(cast.hotline_de, "analyst")
    assert "Aoife" not in read(other)
    assert other.post(f"{PAGE}{made}/end/").status_code == 404
    assert other.post(PAGE, form(analyst)).status_code == 422
    assert len(shifts_of(analyst)) == 1


def test_analysts_of_a_centre_read_and_leads_change(cast: Cast) -> None:
    analyst = cast.client(cast.centre, "analyst")
    assert "Add shift" not in read(analyst)
    assert PAGE in analyst.get("/desk/").content.decode(), "in the navigation"
    assert analyst.post(PAGE, {}).status_code == 404
    assert "Add shift" in read(cast.client(cast.centre, "lead"))


@pytest.mark.parametrize("zone", ["Etc/GMT+5", "America/Argentina/Buenos_Aires", ""])
def test_a_reader_of_any_time_zone_sees_the_roster(cast: Cast, analyst: Actor, zone: str) -> None:
    given = roster.ShiftInput(analyst.reference, list(range(7)), time(), time(), "UTC", clock.now().date())
    roster.add_shift(analyst, given, clock.now())
    client = cast.client(cast.hotline_ie, "analyst")
    reader = actor_of(Person.objects.get(pk=client.session[SESSION_KEY]))
    own_profile.update(reader, name="Brendan", time_zone=zone)
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert "Aoife, until" in answer.content.decode()
