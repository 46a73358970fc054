"""The search in the header: by its key from any desk, on a telephone, and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Demo, quiet, signed_in


@pytest.mark.slow
def test_a_number_is_found_by_the_key_on_a_telephone_and_without_a_script(demo: Demo, chromium: Browser) -> None:
    context = signed_in(chromium, demo, "marek@centre.example")
    page = context.new_page()
    said = quiet(page)
    page.goto("/desk/reports/?state=all")
    number = page.locator("tbody[data-queue] a").first.inner_text()
    page.goto("/desk/directory/")
    page.keyboard.press("/")
    expect(page.locator("#search-all")).to_be_focused()
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    expect(page.locator("tbody[data-queue] a").first).to_have_text(number)
    assert page.url.endswith("/desk/search/"), "no address has what was searched for"
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator("#search-all")).to_be_visible()
    assert said == []
    plain = chromium.new_context(
        base_url=demo.address, java_script_enabled=False, storage_state=context.storage_state()
    ).new_page()
    plain.goto("/desk/")
    plain.locator("#search-all").fill("kim@mail.example")
    plain.locator("header form[role=search] button").click()
    expect(plain.locator("[role=alert]")).to_contain_text("Choose a reason")
    plain.locator("#reason").select_option("child")
    plain.locator("main form[role=search] button").click()
    expect(plain.locator("main")).to_contain_text("Nothing that you may see matches.")
