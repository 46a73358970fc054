"""The field in the header, the page of results, and the auditor's list."""

from __future__ import annotations

import logging
import secrets
from uuid import UUID, uuid4

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.reporting import account, report
from tests.support.reports_world import Centre
from tutela.casework.models import DrawnSearch, SearchCheck
from tutela.casework.search import samples, search
from tutela.casework.search.errors import ComparedTooOften
from tutela.casework.search.search import Asked
from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Forbidden, Invalid, NotFound
from tutela.events.models import Event, EventFacts
from tutela.events.record import erase_facts
from tutela.events.transaction import acting

PAGE = "/desk/search/"
NOTHING = "Nothing that you may see matches."


@pytest.fixture
def drawn(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> tuple[UUID, Actor]:
    """A drawn search for a person, and who searched."""
    monkeypatch.setattr(search, "ONE_IN", 1)
    analyst = cast.actor(cast.hotline_ie, "analyst")
    search.search(analyst, Asked("kim@mail.example", "child"))
    with acting(analyst):
        return DrawnSearch.objects.get(organisation_id=analyst.organisation_id).pk, analyst


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    for answer in (client.get(PAGE), client.post(PAGE, {"q": "kim"}), client.get(f"{PAGE}samples/")):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/")
        assert "kim" not in answer["Location"]


def test_every_desk_has_the_field_in_its_header(cast: Cast) -> None:
    homes = {
        cast.pixelpost: ("lead", "/desk/candidates/"),
        cast.centre: ("analyst", "/desk/reports/"),
        cast.authority: ("investigator", "/desk/inbox/"),
        cast.hotline_ie: ("analyst", "/desk/indicators/"),
        cast.auditor: ("auditor", "/desk/events/"),
    }
    for home, (role, address) in homes.items():
        text = cast.client(home, role).get(address).content.decode()
        head = text.partition("<main")[0]
        assert f'action="{PAGE}"' in head
        assert 'method="post"' in head
        # The key / focuses the first field of this type.
        assert text.index('type="search"') == head.index('type="search"')
    unstated = cast.client(cast.hotline_ie, "analyst", stated=False).get("/desk/", follow=True).content.decode()
    assert PAGE not in unstated


def test_results_are_grouped_and_lead_to_their_pages(cast: Cast) -> None:
    centre = Centre(cast)
    sent = centre.file(report())
    number, browser = centre.row(sent).number, cast.client(cast.centre, "analyst")
    answer = browser.post(PAGE, {"q": number})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'href="/desk/reports/{sent}/"' in text
    assert "<h2>Reports" in text
    assert "<h2>Indicators" not in text
    assert browser.get(f"/desk/reports/{sent}/").status_code == 200


def test_a_person_is_asked_for_a_reason_first(cast: Cast) -> None:
    centre, token = Centre(cast), secrets.token_hex(5)
    sent = centre.file(report(users=[account(token)]))
    browser, asked = cast.client(cast.centre, "analyst"), {"q": f"{token}@mail.example"}
    first = browser.post(PAGE, asked)
    assert first.status_code == 200
    assert "Choose a reason" in first.content.decode()
    assert str(sent) not in first.content.decode()
    again = browser.post(PAGE, {**asked, "reason": "", "case": ""})
    assert again.status_code == 422
    assert f"/desk/reports/{sent}/" in browser.post(PAGE, {**asked, "reason": "child"}).content.decode()
    case = centre.row(sent).number
    assert f"/desk/reports/{sent}/" in browser.post(PAGE, {**asked, "case": case}).content.decode()
    wrong = browser.post(PAGE, {**asked, "case": "R-1111-1111-1"})
    assert wrong.status_code == 422
    assert "No report, referral or draft" in wrong.content.decode()


def test_an_account_is_searched_once_there_is_a_reason(cast: Cast) -> None:
    centre, token = Centre(cast), secrets.token_hex(5)
    sent = centre.file(report(users=[account(token)]))
    browser, asked = cast.client(cast.centre, "analyst"), {"q": f"account-{token}"}
    first = browser.post(PAGE, asked).content.decode()
    assert NOTHING in first
    assert "Accounts were not searched." in first
    second = browser.post(PAGE, {**asked, "reason": "assessment", "account": "on"}).content.decode()
    assert f"/desk/reports/{sent}/" in second
    assert "Accounts were not searched." not in second


def test_what_somebody_may_not_see_does_not_exist(cast: Cast) -> None:
    centre = Centre(cast)
    number = centre.row(centre.file(report())).number
    for home, role in ((cast.authority, "investigator"), (cast.pixelpost, "lead"), (cast.auditor, "auditor")):
        found, nothing = (cast.client(home, role).post(PAGE, {"q": text}) for text in (number, "R-1111-1111-1"))
        assert (found.status_code, nothing.status_code) == (200, 200)
        assert NOTHING in found.content.decode()
        assert NOTHING in nothing.content.decode()


def test_mistakes_are_told_on_the_page_and_kept_from_the_log(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    browser, secret = cast.client(cast.centre, "analyst"), f"kim{secrets.token_hex(4)}"
    with caplog.at_level(logging.DEBUG):
        wild = browser.post(PAGE, {"q": f"{secret}*", "reason": "child"})
        browser.post(PAGE, {"q": f"{secret}@mail.example", "reason": "child"})
        empty = browser.post(PAGE, {"q": " "})
    assert (wild.status_code, empty.status_code) == (422, 422)
    assert "Wildcards are not allowed" in wild.content.decode()
    assert secret not in caplog.text
    assert wild["Cache-Control"] == "no-store"


def test_an_auditor_checks_a_drawn_search_once(cast: Cast, drawn: tuple[UUID, Actor]) -> None:
    sample, analyst = drawn
    auditor, browser = cast.actor(cast.auditor, "auditor"), cast.client(cast.auditor, "auditor")
    text = browser.get(f"{PAGE}samples/").content.decode()
    assert analyst.organisation_name in text
    assert "Identify or protect a child" in text
    assert "kim@" not in text
    assert sample in {one.id for one in samples.pending_samples(auditor)}
    assert browser.post(f"{PAGE}samples/{sample}/", {"finding": "in_order"}).status_code == 302
    assert sample not in {one.id for one in samples.pending_samples(auditor)}
    with acting(auditor):
        assert SearchCheck.objects.get(drawn=sample).finding == "in_order"
    with pytest.raises(Conflict):
        samples.check(auditor, sample, "to_clarify")
    with pytest.raises(Conflict):
        samples.matches(auditor, sample, "kim@mail.example")
    with pytest.raises(Invalid):
        samples.check(auditor, sample, "fine")
    with pytest.raises(NotFound):
        samples.check(auditor, uuid4(), "in_order")


def test_an_auditor_compares_what_the_organisation_says(cast: Cast, drawn: tuple[UUID, Actor]) -> None:
    sample, _analyst = drawn
    auditor, browser = cast.actor(cast.auditor, "auditor"), cast.client(cast.auditor, "auditor")
    assert samples.matches(auditor, sample, " Kim@mail.example")
    assert not samples.matches(auditor, sample, "lee@mail.example")
    said = browser.post(f"{PAGE}samples/{sample}/", {"compare": "yes", "text": "lee@mail.example"}, follow=True)
    assert "Another text was searched for." in said.content.decode()
    with pytest.raises(Invalid):
        samples.matches(auditor, sample, " ")


def test_nobody_erases_what_a_search_says_of_itself(drawn: tuple[UUID, Actor]) -> None:
    _sample, analyst = drawn
    with acting(analyst):
        searched = Event.objects.filter(kind="desk.searched", actor=analyst.reference).latest("at")
        with pytest.raises(Invalid):
            erase_facts(analyst, searched.pk, "Nobody is to read it")
        assert EventFacts.objects.filter(event_id=searched.pk).exists()


def test_an_auditor_cannot_find_the_text_by_trying(cast: Cast, drawn: tuple[UUID, Actor]) -> None:
    sample, _analyst = drawn
    auditor = cast.actor(cast.auditor, "auditor")
    for number in range(samples.COMPARISONS.limit):
        samples.matches(auditor, sample, f"guess-{number}@mail.example")
    with pytest.raises(ComparedTooOften):
        samples.matches(auditor, sample, "kim@mail.example")


def test_nobody_else_sees_the_list(cast: Cast, drawn: tuple[UUID, Actor]) -> None:
    sample, analyst = drawn
    for home, role in ((cast.centre, "lead"), (cast.hotline_ie, "administrator"), (cast.authority, "investigator")):
        browser = cast.client(home, role)
        assert browser.get(f"{PAGE}samples/").status_code == 404
        assert browser.post(f"{PAGE}samples/{sample}/", {"finding": "in_order"}).status_code == 404
    with pytest.raises(Forbidden):
        samples.pending_samples(analyst)
    with pytest.raises(Forbidden):
        samples.check(analyst, sample, "in_order")
    with pytest.raises(Forbidden):
        samples.matches(analyst, sample, "kim@mail.example")
    other = cast.actor(cast.organisation("Hotline France", "hotline", "FR"), "analyst")
    with acting(other):
        assert not DrawnSearch.objects.filter(pk=sample).exists()


def test_the_start_page_of_an_auditor_counts_them(cast: Cast, drawn: tuple[UUID, Actor]) -> None:
    assert "Searches to check" in cast.client(cast.auditor, "auditor").get("/desk/").content.decode()
    assert samples.overview(drawn[1]) is None
