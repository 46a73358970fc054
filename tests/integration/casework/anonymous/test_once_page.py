"""Pages that are shown once: what a browser without a script asks for again has nothing of a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.anonymous import Visitor, told
from tests.support.cast import Cast
from tutela import clock
from tutela.casework.anonymous import once_page, work
from tutela.casework.models import OncePage
from tutela.events.rate_limits import RateLimit

TEXT = "zebra-umbrella-9417"


@pytest.fixture(autouse=True)
def _node(cast: Cast) -> None:
    assert cast.centre
    for form in ("write", "enter", "follow_up"):
        work.ADMITTED.forget(f"message.{form}")


def sent(place: str, **typed: str) -> str:
    """Send a form without a script; returns the address that the browser keeps."""
    visitor = Visitor(script=False)
    form = visitor.form(visitor.get(place), **typed)
    with clock.simulate(clock.now() + timedelta(seconds=21)):
        answer = visitor.client.post(f"/en/message/{place}", form)
    assert answer.status_code == 303
    assert not answer.content, "nothing is in what was sent by POST"
    return str(answer["Location"])


def test_the_case_number_and_the_passphrase_are_shown_once() -> None:
    place, client = sent("", text=TEXT), Visitor().client
    first = client.get(place)
    assert first.status_code == 203, "Chromium keeps a page with 200 for the back button"
    assert first["Cache-Control"] == "no-store"
    number, words = told(first)
    again = client.get(place)
    assert again["Location"] == "/en/message/answers/"
    neutral = client.get(again["Location"]).content.decode()
    assert not [one for one in (number, words, TEXT) if one in neutral]


def test_messages_are_shown_once() -> None:
    number, words = told(Visitor().writes(TEXT))
    place, client = sent("answers/", number=number, passphrase=words), Visitor().client
    assert TEXT in client.get(place).content.decode()
    assert client.get(place).status_code == 302


@pytest.mark.parametrize("script", [True, False])
def test_no_error_repeats_a_passphrase_or_a_case_number(script: bool) -> None:
    number, words = told(Visitor().writes(TEXT))
    wrong = " ".join(reversed(words.split()))
    page = Visitor(script).enters(number, wrong).content.decode()
    assert "do not belong to an open case" in page
    assert number not in page
    assert wrong not in page


def test_a_stored_page_is_readable_with_its_address_alone_and_gone_after_minutes() -> None:
    token = once_page.keep(TEXT.encode(), 200, {}, "")
    assert token is not None
    row = OncePage.objects.get(digest=once_page._digest(token))
    assert TEXT.encode() not in bytes(row.sealed)
    assert token not in row.digest
    with clock.simulate(clock.now() + once_page.KEPT + timedelta(seconds=1)):
        assert once_page.take(token) is None
    late = once_page.keep(TEXT.encode(), 200, {}, "")
    with clock.simulate(clock.now() + once_page.KEPT + timedelta(seconds=1)):
        once_page.keep(b"another", 200, {}, "")
    assert late is not None
    assert not OncePage.objects.filter(digest=once_page._digest(late)).exists()


def test_one_block_of_addresses_does_not_use_up_the_pages_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once_page, "PAGES_OF_BLOCK", RateLimit("test.once", once_page.KEPT, 2))
    assert [once_page.keep(b"x", 200, {}, "one") is None for _ in range(3)] == [False, False, True]
    assert once_page.keep(b"x", 200, {}, "other") is not None
    assert once_page.keep(b"x", 200, {}, "") is not None


def test_a_forged_token_leads_to_the_form() -> None:
    for token in ("x", "a" * 900):
        answer = Visitor().client.get(f"/en/message/shown/{token}/")
        assert answer.status_code == 302
        assert answer["Location"] == "/en/message/answers/"
