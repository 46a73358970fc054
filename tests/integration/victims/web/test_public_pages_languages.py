"""Public forms in every language: English is left only where a review is missing, and links keep the language."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client, override_settings

from tests.support.anonymous import Visitor
from tests.support.cast import Cast
from tests.support.removal_world import forget_limits
from tutela.casework.public_languages import catalogue
from tutela.redress.complaints import intake
from tutela.victims import public_form

VOID = {"meta", "link", "input", "br"}
PLACES = (
    *("removal/", "removal/danger/", "removal/for-somebody/", "removal/pictures/", "remove-pictures/"),
    *("remove-pictures/answers/", "remove-for-another/", "report/", "report-address/", "report-danger/"),
    *("report-address/answers/", "complaint/", "message/", "message/answers/"),
)


class Sentences(HTMLParser):
    """Texts of a page that are sentences of the catalogue, each with the language in which the page says it is."""

    def __init__(self) -> None:
        super().__init__()
        self.languages, self.found = [""], set[tuple[str, str]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.languages.append(dict(attrs).get("lang") or self.languages[-1])
        for name, value in attrs:
            if name == "aria-label" or name.startswith("data-"):
                self._note(value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.languages.pop()

    def handle_data(self, data: str) -> None:
        self._note(data)

    def _note(self, text: str) -> None:
        if " ".join(text.split()) in catalogue.by_sentence():
            self.found.add((self.languages[-1], " ".join(text.split())))


@pytest.fixture
def support(cast: Cast) -> Iterator[Cast]:
    assert cast.centre
    assert cast.hotline_ie
    cast.organisation("Victim Support", "victim_support", "NL")
    yield cast
    forget_limits()


# The others have the same templates, and the unit tests show that each has every sentence.
@pytest.mark.parametrize("demo", [False, True])
@pytest.mark.parametrize("code", ["en", "ar", "hu"])
def test_forms_speak_the_language_of_their_address(support: Cast, code: str, demo: bool) -> None:
    client, critical = Client(), catalogue.language("en").critical
    same = {one.text for one in catalogue.language(code).texts.values()}
    drafts = 0
    for place in (*PLACES, f"{intake.code_of(support.pixelpost.organisation_id)}/"):
        with override_settings(DEMO=demo):
            answer = client.get(f"/{code}/{place}")
        page = answer.content.decode()
        assert answer.headers["Content-Language"] == code, place
        assert f'lang="{code}" dir="{catalogue.language(code).direction}"' in page
        assert f'href="/help/{code}/"' in page
        read = Sentences()
        read.feed(page)
        english = {text for language, text in read.found if language == "en"}
        foreign = {text for language, text in read.found if language == code} - same
        drafts += page.count('class="draft"')
        if code != "en":
            assert not foreign, f"{place}: said to be {code}"
            assert {catalogue.by_sentence()[text] for text in english} <= critical, place
            assert not (english and demo), place
    assert (drafts > 0) == (demo and code != "en")


@pytest.mark.parametrize("code", ["de", "ar"])
def test_links_of_the_help_pages_keep_their_language(support: Cast, code: str) -> None:
    page = Client().get(f"/help/{code}/child/seen/").content.decode()
    assert f'href="/{code}/report/"' in page
    assert f'href="/{code}/removal/"' in Client().get(f"/help/{code}/child/pictures/").content.decode()


def test_a_message_is_answered_and_refused_in_the_language_of_its_page(support: Cast) -> None:
    visitor = Visitor(language="de", kind=public_form.REMOVAL.code)
    with override_settings(DEMO=False):
        assert "Schreib eine Nachricht" in visitor.writes("").content.decode()
        sent = visitor.writes("A neutral token.").content.decode()
    assert "Nachricht gesendet" in sent
    assert catalogue.language("en").texts["f_write_down"].text in sent
