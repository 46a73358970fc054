"""A reviewer sees the picture before a decision, or learns why it does not appear; in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browser import Demo, quiet, signed_in


@pytest.fixture
def reviewer(demo: Demo, chromium: Browser) -> Page:
    return signed_in(chromium, demo, "tom@pixelpost.example").new_page()


def _open_first(page: Page) -> None:
    page.goto("/desk/candidates/")
    page.locator("tbody[data-queue] a").first.click()
    page.click("form[action$='/open/'] button")
    page.wait_for_url("**/item/")


@pytest.mark.slow
def test_the_picture_is_shown_and_only_then_decided(reviewer: Page) -> None:
    said = quiet(reviewer)
    _open_first(reviewer)
    picture = reviewer.locator("#item")
    expect(picture).to_be_visible()
    reviewer.wait_for_function("document.querySelector('#item').complete")
    assert picture.evaluate("one => one.naturalWidth") > 0
    for name in ("Confirm", "Reject"):
        expect(reviewer.locator(f"button:has-text('{name}')").first).to_be_enabled()
    expect(reviewer.locator("#item-missing")).to_be_hidden()
    assert said == []


@pytest.mark.slow
def test_a_picture_that_does_not_come_says_why_and_stops_the_decision(reviewer: Page) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=403, body="no")

    reviewer.route("**/items/**", refuse)
    _open_first(reviewer)
    missing = reviewer.locator("#item-missing")
    expect(missing).to_be_visible()
    expect(missing.locator("[data-cause-text]")).to_contain_text("torage")
    confirm = reviewer.locator("button[data-key=y]")
    expect(confirm).to_be_disabled()
    reviewer.keyboard.press("y")
    assert reviewer.url.endswith("/item/"), "the key decides nothing either"
    missing.locator("[data-unobtainable]").check()
    expect(confirm).to_be_enabled()
    assert reviewer.locator("form:has(button[data-key=y]) [name=picture]").first.input_value() == "unobtainable"
