"""No page of a desk opens before the person has said for what purpose; nobody's guess stands on what they look at."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast
from tutela.events.models import Event
from tutela.events.purposes import VOCABULARY
from tutela.events.transaction import acting

ASKED = "/desk/purpose/?next=%2Fdesk%2Freports%2F%3Fstate%3Dall"


def test_the_first_page_asks_for_the_purpose_and_goes_on(cast: Cast) -> None:
    browser = cast.client(cast.centre, "analyst", stated=False)
    assert browser.get("/desk/reports/?state=all")["Location"] == ASKED
    page = browser.get(ASKED).content.decode()
    for code in VOCABULARY["centre"]:
        assert f'value="{code}"' in page
    assert page.count(" checked") == 1
    assert 'id="purpose"' not in page, "it is asked once"
    said = browser.post("/desk/purpose/", {"purpose": "data_quality", "next": "/desk/reports/?state=all"})
    assert said["Location"] == "/desk/reports/?state=all"
    assert browser.get("/desk/reports/?state=all").status_code == 200
    with acting(cast.centre):
        newest = list(Event.objects.filter(organisation_id=cast.centre.organisation_id).order_by("-id")[:2])
    assert {one.kind for one in newest} == {"purpose.stated", "report.listed"}
    assert {one.purpose for one in newest} == {"data_quality"}


@pytest.mark.parametrize("said", ["", "reporting", "everything", "ASSESS_REPORTS"])
def test_a_word_that_is_none_of_the_kind_s_is_refused(cast: Cast, said: str) -> None:
    browser = cast.client(cast.centre, "analyst", stated=False)
    answer = browser.post("/desk/purpose/", {"purpose": said})
    assert answer.status_code == 422
    assert browser.get("/desk/")["Location"].startswith("/desk/purpose/")


def test_nothing_is_done_before_it(cast: Cast) -> None:
    browser = cast.client(cast.centre, "administrator", stated=False)
    answer = browser.post("/desk/organisation/keys/new/", {"name": "Machine", "scopes": ["law:read"]})
    assert answer["Location"] == "/desk/purpose/?next="
    assert "Machine" not in browser.get("/desk/organisation/", follow=True).content.decode()


def test_who_may_not_see_a_page_is_not_asked(cast: Cast) -> None:
    browser = cast.client(cast.pixelpost, "reviewer", stated=False)
    assert browser.get("/desk/reports/").status_code == 404


@pytest.mark.parametrize("target", ["https://evil.example/desk/", "//evil.example/", "/account/logout/", "/desk\\evil"])
def test_the_way_on_stays_at_the_desk(cast: Cast, target: str) -> None:
    browser = cast.client(cast.centre, "analyst", stated=False)
    assert browser.post("/desk/purpose/", {"purpose": "statistics", "next": target})["Location"] == "/desk/"


def test_a_new_session_asks_again(cast: Cast) -> None:
    browser = cast.client(cast.centre, "analyst")
    assert browser.get("/desk/").status_code == 200
    browser.logout()
    assert browser.get("/desk/")["Location"].startswith("/account/login/")
    assert "purpose" not in browser.session
