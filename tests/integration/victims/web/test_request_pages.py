"""Pages of victim support: the stranger first, then another organisation, then the work from intake to letter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.confirming import token_of
from tests.support.removal_world import Removal, digests, forget_limits
from tutela import clock
from tutela.casework.search import search
from tutela.events.transaction import acting
from tutela.victims import alerts
from tutela.victims.dashboard import dashboard
from tutela.victims.models import SchemeHost
from tutela.victims.removal import intake, rules

LIST = "/desk/removals/"


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def test_a_stranger_signs_in_first_and_others_find_nothing(world: Removal) -> None:
    request = world.request(world.asks())
    other = world.cast.client(world.hosts[0].provider, "lead")
    for place in (LIST, f"{LIST}{request}/", f"{LIST}hosts/", f"{LIST}new/"):
        assert Client().get(place).status_code == 302
        assert other.get(place).status_code == 404
    analyst = world.cast.client(world.support, "analyst")
    assert analyst.get(f"{LIST}{uuid4()}/").status_code == 404
    for step in ("hosts", "hotline", "close", "withdraw", "look-up", "search", "release", "mandate", "contact", "add"):
        assert other.post(f"{LIST}{request}/{step}/").status_code == 404
        assert analyst.get(f"{LIST}{request}/{step}/").status_code == 405


def test_a_request_from_the_list_to_its_letter(world: Removal) -> None:
    world.accept("pdq")
    person = world.asks()
    request = world.request(person)
    analyst = world.cast.client(world.support, "analyst")
    number = world.row(request).number
    assert number in analyst.get(f"{LIST}?text={number}").content.decode()
    assert number in analyst.get(f"{LIST}?text={person.number}").content.decode()
    assert "No removal request matches" in analyst.get(f"{LIST}?text=W-none").content.decode()
    assert number in analyst.get(f"{LIST}?text={number}&format=csv").content.decode()
    page = analyst.get(f"{LIST}{request}/").content.decode()
    assert "Send fingerprints" in page
    assert "pdq" in page
    host = next(one for one in world_hosts(world))
    done = analyst.post(f"{LIST}{request}/hosts/", {"hosts": [str(host)]}, follow=True)
    assert "The fingerprints are sent." in done.content.decode()
    world.post()
    again = analyst.post(f"{LIST}{request}/hosts/", {"hosts": [str(host)]}, follow=True).content.decode()
    assert "Nothing can be sent" in again
    assert "received by the host" in again
    added = analyst.post(f"{LIST}{request}/add/", {"text": "https://host.example.org/a"}, follow=True).content.decode()
    assert "https://host.example.org/a" in added
    hotline = str(world.hotline.machine.organisation_id)
    assert (
        "handed over" in analyst.post(f"{LIST}{request}/hotline/", {"hotline": hotline}, follow=True).content.decode()
    )
    wrong = analyst.post(f"{LIST}{request}/search/", {"hotline": hotline, "last_day": "2020-01-01"}, follow=True)
    assert "within a year" in wrong.content.decode()
    closed = analyst.post(f"{LIST}{request}/close/", follow=True).content.decode()
    assert "The request is closed." in closed
    assert "verified absent" in person.page()


def test_fingerprints_leave_after_their_recipients_were_named(world: Removal) -> None:
    world.accept("pdq")
    request = world.request(world.asks())
    analyst = world.cast.client(world.support, "analyst")
    given = {"hosts": [str(one) for one in world_hosts(world)]}
    preview = Client.post(analyst, f"{LIST}{request}/hosts/", given)
    assert world.hosts[0].provider.organisation_name in unescape(preview.content.decode())
    assert "Send fingerprints" in analyst.get(f"{LIST}{request}/").content.decode()
    sent = Client.post(analyst, f"{LIST}{request}/hosts/", {**given, "confirmed": token_of(preview)}, follow=True)
    assert "The fingerprints are sent." in sent.content.decode()


def world_hosts(world: Removal) -> list[object]:
    """IDs of the hosts of this world that accepted."""
    mine = [one.provider.organisation_id for one in world.hosts]
    with acting(world.support):
        return list(SchemeHost.objects.filter(host_id__in=mine).values_list("pk", flat=True))


def test_a_request_by_letter_is_entered_and_withdrawn_for_the_person(world: Removal) -> None:
    analyst = world.cast.client(world.support, "analyst")
    assert analyst.post(f"{LIST}new/", {"language": "en"}).status_code == 422
    said = {"acts_for": "lawyer", "received_at": "2026-11-01T10:00", "language": "en", "text": "sha256 " + "a1" * 32}
    page = analyst.post(f"{LIST}new/", said, follow=True)
    assert "The request is entered." in page.content.decode()
    place = page.redirect_chain[-1][0]
    mandate = {"kind": "lawyer", "last_day": f"{clock.now().date():%Y-%m-%d}", "document": "Letter", "may_add": "on"}
    assert "The mandate is recorded." in analyst.post(f"{place}mandate/", mandate, follow=True).content.decode()
    done = analyst.post(f"{place}withdraw/", {"text": "By telephone."}, follow=True).content.decode()
    assert "The request is withdrawn." in done
    assert "a1a1" not in done


def test_a_late_request_raises_an_alert_and_is_found_by_its_values(world: Removal) -> None:
    made = digests()
    person = world.asks(made)
    request = world.request(person)
    intake.add_text(world.analyst, request, "https://host.example.org/found-by-search")
    number = world.row(request).number
    values = (number, person.number, str(request), made["sha256"], made["pdq"])
    for text in (*values, "https://host.example.org/found-by-search"):
        found = search.search(world.analyst, search.Asked(text))
        assert str(request) in {str(one.subject_id) for group in found.groups for one in group.found}, text
    with clock.simulate(clock.now() + timedelta(hours=26)):
        assert alerts.raise_new_requests(world.support) >= 1
        assert alerts.raise_new_requests(world.support) == 0
        shown = dashboard.overview(world.analyst)
        assert shown
        assert shown["todos"][0][1] >= 1
        analyst = world.cast.client(world.support, "analyst")
        done = analyst.post(f"{LIST}{request}/alert/", follow=True).content.decode()
        assert "The alert is answered." in done


def test_a_held_picture_is_decided_before_anything_can_be_sent(world: Removal) -> None:
    world.accept("pdq")
    same = digests()
    request = [world.request(world.asks(same)) for _ in range(rules.SAME_FILE)][-1]
    analyst = world.cast.client(world.support, "analyst")
    page = analyst.get(f"{LIST}{request}/").content.decode()
    assert "A rule holds every picture." in page
    assert "Send fingerprints" not in page
    said = {"kind": "many_requests", "place": "1", "allowed": "yes", "reason": "Three people are in the picture."}
    freed = analyst.post(f"{LIST}{request}/release/", said, follow=True).content.decode()
    assert "The decision is recorded." in freed
    assert "Send fingerprints" in freed
