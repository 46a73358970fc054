"""A case at a desk in a browser: the keyboard map, the claim by a key, and decisions in sight on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Demo, signed_in

# The machine also runs all other tests.
PATIENCE = 60_000


def _open(browser: Browser, demo: Demo, width: int) -> Page:
    page = signed_in(browser, demo, "marek@centre.example", width).new_page()
    page.goto("/desk/reports/")
    page.locator("tbody[data-queue] a").first.click()
    page.wait_for_url(re.compile(r"/desk/reports/[0-9a-f-]{36}/"))  # else a key may still go to the list
    return page


def test_the_keyboard_map_opens_and_closes_by_keys(chromium: Browser, demo: Demo) -> None:
    page = _open(chromium, demo, 1440)
    address = page.url
    page.keyboard.press("?")
    expect(page.locator("#keyboard")).to_be_visible()
    page.keyboard.press("n")  # no key of the page acts below the map
    assert page.url == address
    page.keyboard.press("Escape")
    assert not page.locator("#keyboard").is_visible()
    page.click("[data-opens='#keyboard']")
    page.click("#keyboard button")
    assert not page.locator("#keyboard").is_visible()


def test_a_case_is_claimed_and_released_by_one_key(chromium: Browser, demo: Demo) -> None:
    page = _open(chromium, demo, 1440)
    # Another test of this demonstration may have claimed it already.
    mine = "claimed by you" in page.locator(".workbar").inner_text()
    for said in ("unclaimed", "claimed by you") if mine else ("claimed by you", "unclaimed"):
        page.wait_for_load_state()
        page.keyboard.press("l")
        expect(page.locator(".workbar")).to_contain_text(said, timeout=PATIENCE)


def test_decisions_are_in_sight_and_hide_nothing_on_a_phone(chromium: Browser, demo: Demo) -> None:
    page = _open(chromium, demo, 390)
    for place in ("0", "document.body.scrollHeight / 2", "document.body.scrollHeight"):
        page.evaluate(f"window.scrollTo(0, {place})")
        box = page.locator(".decision-bar").bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 901
        assert box["height"] < 300
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # At the end of the page the bar stands in its own place: the last part before it is above it.
    last = page.locator(".split").bounding_box()
    bar = page.locator(".decision-bar").bounding_box()
    assert last is not None
    assert bar is not None
    assert last["y"] + last["height"] <= bar["y"] + 1
