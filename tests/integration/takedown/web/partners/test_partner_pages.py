"""Pages of partner hotlines: enter one, keys, send a case, take it back; and who may do none of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from tests.support.cast import Cast
from tests.support.partners_world import Partners
from tutela import clock
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.takedown.models import Partner, Transfer

LIST = "/desk/takedown/partners/"


@pytest.fixture
def world(cast: Cast) -> Partners:
    return Partners(cast)


def _case(number: object) -> str:
    return f"/desk/takedown/{number}/"


def test_an_administrator_enters_a_partner_and_both_exchange_keys(cast: Cast) -> None:
    assert cast.centre
    ours = cast.client(cast.hotline_ie, "administrator")
    theirs = cast.client(cast.hotline_de, "administrator")
    page = ours.get(f"{LIST}new/").content.decode()
    assert cast.hotline_de.organisation_name in page
    assert re.search(r"[0-9a-f]{64}", page), "the own message key"
    for one, other in ((ours, cast.hotline_de), (theirs, cast.hotline_ie)):
        for _click in range(2):
            answer = one.post(f"{LIST}new/", {"organisation": str(other.organisation_id), "token": ""})
        assert answer.status_code == 200, "the second click says that it is a partner already"
        assert "partner already" in answer.content.decode()
    keys = []
    for one, mine in ((ours, cast.hotline_ie), (theirs, cast.hotline_de)):
        with acting(mine):
            row = Partner.objects.get()
        shown = one.post(f"{LIST}{row.pk}/issue/").content.decode()
        found = re.search(r"tut_[0-9a-f]+_[\w-]+", shown)
        assert found
        keys.append((row.pk, found[0]))
    bad = ours.post(f"{LIST}{keys[0][0]}/key/", {"token": "password"}, follow=True).content.decode()
    assert "begins with tut_" in bad
    own = ours.post(f"{LIST}{keys[0][0]}/key/", {"token": keys[0][1]}, follow=True).content.decode()
    assert "issued for another recipient" in own, "one's own key is not the partner's"
    ours.post(f"{LIST}{keys[0][0]}/key/", {"token": keys[1][1]})
    theirs.post(f"{LIST}{keys[1][0]}/key/", {"token": keys[0][1]})
    shown = ours.get(LIST).content.decode()
    assert "key of the partner missing" not in shown
    assert "no key issued" not in shown
    assert cast.hotline_de.organisation_name in ours.get(f"{LIST}?format=csv").content.decode()
    for _click in range(2):
        assert ours.post(f"{LIST}{keys[0][0]}/end/").status_code == 302
    assert "Its key no longer works" in ours.get(LIST).content.decode()


def test_a_case_is_sent_and_taken_back_on_its_page(world: Partners, cast: Cast) -> None:
    case = world.assessed()
    page, client = _case(case), cast.client(world.sender.machine, "analyst")
    assert "Send to Hotline Deutschland" in client.get(page).content.decode()
    for _click in range(2):
        assert client.post(f"{page}partner/", {"partner": str(world.there)}).status_code == 302
    shown = client.get(page).content.decode()
    assert "waiting for the receipt" in shown
    assert "Attempts: 0" in shown
    assert 'id="notice-form"' not in shown
    with acting(world.sender.machine):
        assert Transfer.objects.count() == 1
    world.post()
    shown = client.get(page).content.decode()
    number = _only(world)
    assert number in shown
    assert "received by the partner" in shown
    found = client.post("/desk/search/", {"q": number.lower()}).content.decode()
    assert page in found
    listed = client.get("/desk/takedown/?stage=all&partner=with").content.decode()
    assert page in listed
    assert page not in client.get("/desk/takedown/?stage=all&partner=silent").content.decode()
    client.post(f"{page}partner/back/", {"reason": ""})
    assert "received by the partner" in client.get(page).content.decode()
    client.post(f"{page}partner/back/", {"reason": "Asked by telephone."})
    shown = client.get(page).content.decode()
    assert "handled here instead" in shown
    assert "Asked by telephone." in shown
    assert 'id="notice-form"' in shown


def _only(world: Partners) -> str:
    with acting(world.sender.machine):
        return Transfer.objects.get().partner_reference


def test_the_partner_sees_the_sender_and_what_it_states(world: Partners, cast: Cast) -> None:
    _case_here, _transfer, there = world.arrived()
    client = cast.client(world.host.machine, "analyst")
    listed = client.get("/desk/takedown/?source=hotline").content.decode()
    assert _case(there) in listed
    shown = client.get(_case(there)).content.decode()
    assert "Hotline Ireland" in shown
    assert "eu-2011-93:known-material" in shown
    assert "Example Hosting" in shown
    world.removed_there(there)
    shown = client.get(_case(there)).content.decode()
    assert shown.count("reported to the police") == 2, "by us, and to the partner"
    assert "A status waits for the partner" in shown
    world.post()
    assert "A status waits for the partner" not in client.get(_case(there)).content.decode()


def test_a_partner_that_is_silent_is_shown(world: Partners, cast: Cast) -> None:
    case, transfer = world.sent()
    with acting(world.sender.machine):
        Transfer.objects.filter(pk=transfer).update(created_at=clock.now() - timedelta(hours=25))
    client = cast.client(world.sender.machine, "analyst")
    assert "has not answered for 24 hours" in client.get(_case(case)).content.decode()
    assert _case(case) in client.get("/desk/takedown/?stage=recheck&partner=silent").content.decode()
    assert "Cases whose partner hotline has not answered" in client.get("/desk/").content.decode()


def test_wrong_roles_and_strangers_see_nothing(world: Partners, cast: Cast) -> None:
    case = world.assessed()
    analyst = cast.client(world.sender.machine, "analyst")
    assert analyst.get(LIST).status_code == 200
    for path in (f"{LIST}new/", f"{LIST}{world.there}/end/", f"{LIST}{world.there}/issue/"):
        assert analyst.post(path, {"organisation": str(cast.hotline_de.organisation_id)}).status_code == 404
    administrator = cast.client(world.host.machine, "administrator")
    for end in ("key", "issue", "end"):
        assert administrator.post(f"{LIST}{world.there}/{end}/", {"token": "tut_x"}).status_code == 404
    assert administrator.post(f"{_case(case)}partner/", {"partner": str(world.there)}).status_code == 404
    other = cast.client(world.host.machine, "analyst")
    assert other.post(f"{_case(case)}partner/", {"partner": str(world.back)}).status_code == 404
    assert other.get(f"{_case(case)}iccam.json").status_code == 404
    provider = cast.client(cast.pixelpost, "administrator", "lead")
    assert provider.get(LIST).status_code == 404
    assert analyst.post(f"{_case(case)}partner/", {"partner": str(world.back)}).status_code in (302, 404)
    assert analyst.post(f"{_case(case)}partner/", {"partner": "x"}).status_code == 302
    anonymous = Client()
    for path in (LIST, f"{LIST}new/", f"{LIST}files/"):
        assert anonymous.get(path).status_code == 302
    with acting(world.sender.machine):
        assert Transfer.objects.count() == 0
        assert Partner.objects.get().ended_at is None


def test_only_who_looks_after_a_node_without_a_centre_enters_a_hotline_of_another_node(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "name": "Hotline Elsewhere",
        "country": "FR",
        "organisation": "0190f5fe-0000-7000-8000-000000000001",
        "api_url": "https://tutela.example",
        "message_key": Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex(),
        "token": "",
    }
    first = cast.client(cast.hotline_ie, "administrator")
    entry = directory.entry(cast.hotline_ie.organisation_id)
    monkeypatch.setattr(directory, "founder", lambda: entry)
    monkeypatch.setattr(directory, "the_centre", lambda: None)
    second = cast.client(cast.hotline_de, "administrator")
    assert "Ask the Centre" in second.post(f"{LIST}new/", given).content.decode()
    for name, value, reason in (
        ("message_key", "zz", "64 hex digits"),
        ("api_url", "http://other.example", "https://"),
        ("api_url", "https://other.example/path", "scheme and host"),
        ("country", "", "required"),
    ):
        assert reason in first.post(f"{LIST}new/", given | {name: value}).content.decode()
    assert first.post(f"{LIST}new/", given).status_code == 302
    assert "Hotline Elsewhere" in first.get(LIST).content.decode()
    monkeypatch.setattr(directory, "the_centre", lambda: entry)
    again = given | {"organisation": "0190f5fe-0000-7000-8000-000000000002", "name": "Other"}
    assert "Ask the Centre" in first.post(f"{LIST}new/", again).content.decode()
