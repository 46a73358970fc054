"""Help for anybody: the numbers of the country that the visitor chose, on every public page and kept by no one else."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.support.markup import flat

PUBLIC = ("/", "/law/", "/account/login/", "/nothing/here/")


def test_chosen_country_is_named_on_every_public_page_until_it_is_forgotten() -> None:
    visitor = Client()
    assert "116 111" in visitor.get("/help/?country=de").content.decode()
    for address in PUBLIC:
        shown = flat(visitor.get(address).content.decode())
        assert "Germany: emergency<strong>112</strong>" in shown, address
    assert "Germany" in visitor.get("/help/").content.decode()
    assert visitor.get("/help/?forget=1").status_code == 302
    for address in PUBLIC:
        assert "Germany: emergency" not in visitor.get(address).content.decode(), address


@pytest.mark.parametrize("country", ["XX", "", "<script>", "D" * 5000, "\u0130E"])
def test_unknown_country_is_refused_and_not_remembered(country: str) -> None:
    visitor = Client()
    answer = visitor.get("/help/", {"country": country})
    assert answer.status_code == 200
    assert "helplines" not in answer.cookies
    assert "<script>" not in answer.content.decode().split("<main")[1].split("</main>")[0]


def test_a_cookie_that_somebody_edited_shows_the_general_number() -> None:
    visitor = Client()
    visitor.cookies["helplines"] = "nowhere"
    assert "call 112" in visitor.get("/").content.decode()


def test_cookie_ends_with_the_browser_and_is_closed_to_scripts() -> None:
    cookie = Client().get("/help/?country=FR").cookies["helplines"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"], cookie["expires"]) == (True, "Lax", "", "")
