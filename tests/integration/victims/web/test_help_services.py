"""Desk of the help finder: the stranger first, then another organisation, then a correction that the public sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.markup import flat
from tests.support.removal_world import Removal, forget_limits

# Of the data pack; no other test reads it.
VICTIMS = "Opfer-Telefon (WEISSER RING)"
LIST, EDIT = "/desk/help-services/", "/desk/help-services/edit/"
NEW = {
    "country": "MT",
    "name": "Neutral Line",
    "phone": "12345",
    "hours": "1-5 09:00-17:00",
    "ages": ["child"],
    "needs": ["talk"],
    "languages": ["mt"],
    "source": "https://source.example/",
    "confirmed": "2026-11-01",
}


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def public(country: str) -> str:
    """What a stranger finds in a country."""
    return flat(Client().get(f"/help/en/find/?country={country}").content.decode())


def test_a_stranger_signs_in_first_and_others_find_nothing(world: Removal) -> None:
    provider = world.cast.client(world.hosts[0].provider, "reviewer")
    for place in (LIST, EDIT):
        assert Client().get(place).status_code == 302
        assert provider.get(place).status_code == 404
    assert provider.post(EDIT, NEW).status_code == 404
    assert "Neutral Line" not in public("MT")


def test_a_service_is_entered_corrected_and_hidden(world: Removal) -> None:
    desk = world.cast.client(world.support, "analyst")
    assert "We know no other number here." in public("MT")
    assert "The service is saved." in desk.post(EDIT, NEW, follow=True).content.decode()
    shown = public("MT")
    assert 'href="tel:12345"' in shown
    assert "Mon–Fri 09:00–17:00" in shown
    form = desk.get(EDIT, {"country": "MT", "name": "Neutral Line"}).content.decode()
    assert 'value="12345"' in form
    desk.post(EDIT, NEW | {"phone": "54321"})
    assert 'href="tel:54321"' in public("MT")
    assert "12345" not in public("MT")
    listed = desk.get(LIST).content.decode().partition("Malta:")[2]
    entry = listed.partition("/withdraw/")[0].rpartition("/")[2]
    provider = world.cast.client(world.hosts[0].provider, "reviewer")
    assert provider.post(f"{LIST}{entry}/withdraw/").status_code == 404
    assert "The service is hidden." in desk.post(f"{LIST}{entry}/withdraw/", follow=True).content.decode()
    assert "Neutral Line" not in public("MT")


def test_a_service_of_the_data_pack_is_corrected(world: Removal) -> None:
    desk = world.cast.client(world.support, "analyst")
    form = desk.get(EDIT, {"country": "DE", "name": VICTIMS}).content.decode()
    assert "1-7 07:00-22:00" in form
    desk.post(EDIT, NEW | {"country": "DE", "name": VICTIMS, "phone": "116006", "always": "on"})
    shown = public("DE").partition(VICTIMS)[2].partition("</section>")[0]
    assert "Day and night" in shown
    assert "This entry is old." not in shown


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("phone", "call me", "Enter digits only"),
        ("phone", "", "Enter at least one way"),
        ("hours", "always", "Enter one span a line"),
        ("hours", "1-9 09:00-17:00", "Enter one span a line"),
        ("chat", "javascript:alert(1)", "begins with https://"),
        ("confirmed", "2999-01-01", "not in the future"),
        ("country", "XX", "Select a valid choice"),
    ],
)
def test_what_cannot_be_shown_is_refused_at_its_field(world: Removal, field: str, typed: str, said: str) -> None:
    answer = world.cast.client(world.support, "analyst").post(EDIT, NEW | {field: typed})
    assert answer.status_code == 422
    assert said in answer.content.decode()
