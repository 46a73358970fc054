"""Pages for worried people ask nothing, set nothing and load nothing from elsewhere."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils.html import escape, strip_tags

from tutela import clock
from tutela.app.website.no_trace import leaves_no_trace
from tutela.casework.public_languages import catalogue
from tutela.prevention.signposts import services
from tutela.prevention.web.worried_pages import PAGES


@pytest.mark.parametrize("address", sorted(PAGES))
def test_a_page_asks_nothing_and_leaves_no_trace(client: Client, address: str) -> None:
    answer = client.get(f"/en/worried/{address}/" if address else "/en/worried/")
    page = answer.content.decode()
    policy = answer["Content-Security-Policy"] + "; "
    assert answer.status_code == 200
    assert not answer.cookies
    assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("no-referrer", "no-store")
    assert "<form" not in page
    assert all('autocomplete="off"' in one for one in re.findall(r"<(?:input|textarea|select)[^>]*>", page))
    assert "form-action 'none'; " in policy
    assert "connect-src 'none'; " in policy
    assert not re.findall(r"(?:src|srcset)=\"https?:", page)
    assert "112" in page


def test_every_country_has_its_services_and_its_duty_without_a_request(client: Client) -> None:
    page = client.get("/en/worried/early-signs/").content.decode()
    assert page.count('data-when="country:') == 27
    assert "All professionals must report." in page
    duty = strip_tags(client.get("/en/worried/duty/").content.decode())
    assert "Germany: There was no general duty for professionals." in " ".join(duty.split())


def test_without_a_named_owner_a_page_points_to_services(client: Client) -> None:
    page = client.get("/en/worried/workbook/").content.decode()
    assert "No professional has given a text yet." in page
    assert "<textarea" not in page


def test_the_duty_to_report_comes_before_any_service(client: Client) -> None:
    page = client.get("/en/worried/adult/").content.decode()
    assert page.index("/en/worried/duty/") < page.index("stopitnow")


def test_a_service_has_its_number_and_one_without_a_day_is_marked_old(client: Client) -> None:
    page = client.get("/en/worried/adult/").content.decode()
    cards = {card[1]: card[0] for card in re.findall(r"(?s)(<h3[^>]*>([^<]+)</h3>.*?</section>)", page)}
    assert 'href="tel:+318002666436"' in cards["Stop it Now! NL"]
    for one in services.find("adult"):
        shown = cards[escape(one.name)]
        assert ("may have changed" in shown) == one.is_old(clock.now().date()), one.name
        assert one.source in shown


def test_an_unknown_page_is_none(client: Client) -> None:
    assert client.get("/en/worried/nothing/").status_code == 404
    assert client.get("/xx/worried/").status_code == 404


@override_settings(DEMO=True)
@pytest.mark.parametrize("language", catalogue.CODES)
def test_every_public_language_is_spoken_without_a_trace(client: Client, language: str) -> None:
    for address in ("duty", "young", "early-signs"):
        path = reverse("worried_page", args=[language, address])
        answer = client.get(path, headers={"accept-language": "en", "cookie": "invented=1"})
        page = answer.content.decode()
        spoken = catalogue.language(language)
        assert leaves_no_trace(path)
        assert f'<html lang="{language}" dir="{spoken.direction}">' in page
        assert answer["Content-Language"] == language
        assert spoken.texts["worry_crisis"].text in unescape(page)
        assert not answer.cookies
        assert "<form" not in page


@override_settings(DEMO=False)
def test_what_nobody_reviewed_is_english_and_marked(client: Client) -> None:
    page = client.get("/de/worried/").content.decode()
    assert '<span lang="en" dir="ltr">Thoughts are no offence.' in page
    assert "Machen dir deine Gedanken Sorgen?" in page


def test_worksheets_for_organisations_say_that_they_are_english(client: Client) -> None:
    page = client.get("/ar/worried/organisations/").content.decode()
    assert catalogue.language("ar").texts["worry_english"].text in page
    assert '<div lang="en" dir="ltr">' in page
    assert "This page is in English" not in client.get("/en/worried/organisations/").content.decode()
