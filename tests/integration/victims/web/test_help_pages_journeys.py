"""Ways through public help without a script, in two languages: a report that is followed up, and a threat at night."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from tests.support.anonymous import ADDRESS, BROWSER, Visitor, told
from tests.support.cast import Cast
from tests.support.reports_world import in_clear
from tutela.casework.anonymous import inbox, work
from tutela.casework.public_languages import catalogue
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.takedown.intake import public_report

LANGUAGES = ("de", "ar")
KIND = "report-address"


@pytest.fixture
def hotline(cast: Cast) -> Iterator[Actor]:
    assert cast.centre
    assert cast.hotline_ie
    entry = public_report.hotline()
    assert entry is not None
    yield directory.acting_for(entry, "system:test", "Test", frozenset({inbox.READ, inbox.ANSWER}))
    for form in ("write", "enter", "follow_up"):
        work.ADMITTED.forget(f"{KIND}.{form}")


class Telephone:
    """A browser without a script that follows one link after the other."""

    def __init__(self, language: str) -> None:
        self.client, self.page = Client(), ""
        headers = {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": BROWSER, "HTTP_ACCEPT_LANGUAGE": f"{language},en;q=0.3"}
        self.headers = headers
        self.open("/help/")

    def open(self, address: str) -> None:
        answer = self.client.get(address, **self.headers)  # type: ignore[arg-type]
        assert answer.status_code == 200, address
        assert not answer.cookies
        self.page = answer.content.decode()

    def follow(self, end: str) -> None:
        """Open the first link of the page whose address ends like this."""
        shown = self.page.partition("<main")[2].partition("</main>")[0]
        (address, *_others) = [one for one in re.findall(r'href="([^"]+)"', shown) if one.endswith(end)]
        self.open(address)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_child_reports_and_follows_up_by_case_number(hotline: Actor, language: str) -> None:
    telephone = Telephone(language)
    assert f'<html lang="{language}"' in telephone.page
    for end in ("/who/", "/child/", "/child/seen/", "/report/"):
        telephone.follow(end)
    text = f"A neutral token ({language})."
    visitor = Visitor(kind=KIND, language=language)
    number, words = told(visitor.writes(text))
    with acting(hotline):
        (conversation,) = inbox.ids_of([number])
    inbox.answer(hotline, conversation, "We have read it.", 1)
    telephone.open(f"/help/{language}/follow/")
    telephone.follow(f"/{KIND}/answers/")
    assert "We have read it." in visitor.enters(number, words).content.decode()
    for trace in (ADDRESS, BROWSER, text, words):
        assert in_clear(hotline, trace) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_threat_at_night_leads_to_a_crisis_line_and_to_removal(hotline: Actor, language: str) -> None:
    telephone = Telephone(language)
    for end in ("/who/", "/teen/", "/teen/threat/"):
        telephone.follow(end)
    calls, steps = telephone.page.index('href="tel:116111"'), telephone.page.index('<ul class="steps')
    assert calls < steps < telephone.page.index(f"/help/{language}/find/"), "numbers, what to do, then where to go"
    telephone.follow(f"/help/{language}/find/")
    telephone.open(f"/help/{language}/find/?country=PL&always=yes")
    assert "Telefon zaufania" in telephone.page


def test_danger_leads_to_the_message_that_raises_an_alert(hotline: Actor) -> None:
    telephone = Telephone("ar")
    telephone.follow("/danger/")
    assert 'href="tel:112"' in telephone.page
    telephone.follow("/report-danger/")
    assert catalogue.say("ar", "danger_place", drafts=True).text in telephone.page
