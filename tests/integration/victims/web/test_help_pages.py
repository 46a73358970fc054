"""Public help: every page for a stranger without cookies, scripts or a database, in the language of the address."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client, override_settings

from tests.support.markup import flat
from tutela.app.runtime.database_watchdog import LIFELINE
from tutela.casework.public_languages import catalogue
from tutela.victims.web import help_pages

HOSTILE = ("XX", "<script>", "D" * 5000, "\u0130E")


def page(address: str, **headers: str) -> str:
    """A page as a visitor without cookies reads it."""
    answer = Client().get(address, headers=headers or None)
    assert answer.status_code == 200, address
    assert not answer.cookies, address
    return answer.content.decode()


def test_every_page_stands_in_every_language_without_a_cookie() -> None:
    for address in [*help_pages.pages(), "find", "duties"]:
        place = f"{address}/" if address else ""
        for code in ("en", "ar"):
            shown = page(f"/help/{code}/{place}")
            assert f'<html lang="{code}" dir="{catalogue.language(code).direction}">' in shown
    for code in catalogue.CODES:
        assert 'href="tel:112"' in page(f"/help/{code}/")


def test_every_link_of_every_page_leads_somewhere() -> None:
    links = set[str]()
    for address in help_pages.pages():
        place = f"{address}/" if address else ""
        found = set(re.findall(r'href="(/[^"]*)"', page(f"/help/de/{place}")))
        # The same page in the other languages, which the test above reads.
        others = {f"/help/{code}/{place}" for code in catalogue.CODES if code != "de"}
        assert others <= found, address
        links |= found - others
    for link in links - {"/help/", "/help/de/leave/"} - {f"/help/de/{one}/" for one in help_pages.pages()}:
        if not link.startswith("/static/"):
            assert Client().get(link).status_code == 200, link


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/help/de/nothing/", "de"),
        ("/help/xx/", "en"),
        ("/help/xx/find/", "en"),
        ("/de/report/nothing/", "de"),
        ("/ar/nothing", "ar"),
        ("/xx/report/", "en"),
    ],
)
def test_a_mistyped_address_shows_the_first_page_and_its_way_out(address: str, code: str) -> None:
    answer = Client().get(address)
    shown = answer.content.decode()
    assert (answer.status_code, answer["Content-Language"]) == (404, code)
    assert f'<html lang="{code}"' in shown
    assert 'href="tel:112"' in shown
    assert f'href="/help/{code}/leave/"' in shown


def test_first_page_alone_reads_the_languages_of_the_browser() -> None:
    wished = {"accept-language": "xx, ar-EG;q=0.9, de;q=0.5"}
    assert '<html lang="ar" dir="rtl">' in page("/help/", **wished)
    assert '<html lang="fr"' in page("/help/fr/", **wished)
    assert '<html lang="en"' in page("/help/", **{"accept-language": "\x00<script>" * 200})


def test_danger_and_the_duty_to_report_come_before_the_first_question() -> None:
    shown = flat(page("/help/en/"))
    order = ["tel:112", "tel:116111", "tel:116000", "Staff may have to tell the authorities", "help/en/who/"]
    assert sorted(order, key=shown.index) == order
    danger = flat(page("/help/en/danger/"))
    assert "We cannot find you unless you tell us where you are." in danger


def test_critical_sentences_are_shown_in_the_reviewed_language_outside_the_demonstration() -> None:
    with override_settings(DEMO=False):
        shown = flat(page("/help/ar/danger/"))
    assert 'lang="en" dir="ltr">We cannot find you unless you tell us where you are.' in shown
    assert 'class="draft"' not in shown
    with override_settings(DEMO=True):
        drafted = flat(page("/help/ar/danger/"))
    assert "We cannot find you" not in drafted
    assert 'class="draft"' in drafted
    assert catalogue.say("ar", "draft", drafts=True).text in drafted


@pytest.mark.parametrize("given", HOSTILE)
def test_hostile_choices_find_what_no_choice_finds(given: str) -> None:
    asked = dict.fromkeys(("country", "language", "age", "need", "channel", "always"), given)
    answer = Client().get("/help/en/find/", asked)
    assert answer.status_code == 200
    assert answer.content == Client().get("/help/en/find/").content
    for place in (f"/help/{given}/", f"/help/en/{given}/"):
        assert Client().get(place).status_code in (400, 404)


def test_help_finder_shows_numbers_as_links_with_source_hours_and_age_of_an_entry() -> None:
    shown = flat(page("/help/en/find/?country=DE&age=child"))
    assert 'href="tel:116111"' in shown
    assert "Mon–Sat 14:00–20:00" in shown
    assert "This entry is old. The number may have changed." in shown
    assert "Rat auf Draht" not in shown
    unknown = flat(page("/help/en/find/?country=MT"))
    assert "We know no other number here." in unknown
    assert "Clear-Site-Data" not in unknown


def test_leaving_asks_the_browser_to_forget_and_names_no_referrer() -> None:
    answer = Client().get("/help/ar/leave/")
    assert (answer.status_code, answer.headers["Location"]) == (302, settings.EXIT_URL)
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert Client().get("/help/xx/leave/").status_code == 404


def test_pages_load_only_from_this_site_and_run_no_script_of_a_page() -> None:
    answer = Client().get("/help/en/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    shown = answer.content.decode()
    assert not re.findall(r'(?:src|action)="(?!/)|<style|<script(?! src="/)|\son[a-z]+=|style="', shown)


def test_help_is_shown_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIFELINE, "away", True)
    assert 'href="tel:116111"' in page("/help/de/danger/")
    assert 'href="tel:112"' in page("/help/de/find/?country=DE")
