"""Lists in a browser: the first row stands high, filters become chips, columns are chosen, and a phone shows cards."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Demo, quiet, signed_in, submit

HIGHEST = 300
LISTS = {
    "marek@centre.example": ("/desk/reports/", "/desk/reports/?state=all", "/desk/indicators/"),
    "tom@pixelpost.example": ("/desk/candidates/", "/desk/drafts/?state=received"),
    "katrin@police-de.example": ("/desk/inbox/?state=all",),
}
# The top of the first row, below the banner that only a demonstration has.
FIRST_ROW = """() => document.querySelector("tbody[data-queue] tr").getBoundingClientRect().top
  - document.querySelector(".demo").getBoundingClientRect().bottom"""
WIDER = """() => [document.documentElement, ...document.querySelectorAll(".table.cards")]
  .some((one) => one.scrollWidth > one.clientWidth + 1)"""


def shown(page: Page) -> list[str]:
    return [one.strip() for one in page.locator("thead th").all_inner_texts() if one.strip()]


@pytest.mark.slow
@pytest.mark.parametrize("person", LISTS)
def test_the_first_row_stands_high_and_a_phone_scrolls_no_list_sideways(
    demo: Demo, chromium: Browser, person: str
) -> None:
    page = signed_in(chromium, demo, person).new_page()
    said = quiet(page)
    for address in LISTS[person]:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(address)
        assert page.evaluate(FIRST_ROW) <= HIGHEST, address
        page.set_viewport_size({"width": 390, "height": 844})
        assert not page.evaluate(WIDER), address
        label = page.locator("tbody[data-queue] [data-label]").first
        assert label.evaluate("one => getComputedStyle(one, '::before').content") not in ("none", ""), address
    assert said == []


@pytest.mark.slow
def test_filters_columns_and_views_work_without_a_script(demo: Demo, chromium: Browser) -> None:
    context = signed_in(chromium, demo, "marek@centre.example")
    page = chromium.new_context(
        base_url=demo.address, java_script_enabled=False, storage_state=context.storage_state()
    ).new_page()
    page.goto("/desk/reports/")
    page.select_option("#state", "all")
    page.fill("#provider", "Pixelpost")
    page.locator(".filters button").click()
    chips = page.locator(".chips a")
    assert [one.split("×")[0].strip() for one in chips.all_inner_texts()] == ["State: all", "Provider: Pixelpost"]
    chips.last.click()
    expect(page.locator(".chips a")).to_have_count(1)
    assert parse_qs(urlsplit(page.url).query)["state"] == ["all"]
    page.get_by_text("Columns", exact=True).click()
    for name in ("Relevance", "Completeness", "Claimed by", "Kind", "Sightings"):
        page.get_by_role("checkbox", name=name, exact=True).uncheck()
    page.get_by_role("button", name="Show columns").click()
    assert shown(page) == ["Report", "Urgency", "Provider", "Received", "Review by"]
    page.get_by_text("Save view", exact=True).click()
    page.get_by_label("View name").fill("Few columns")
    submit(page.get_by_role("button", name="Save", exact=True))
    page.goto("/desk/reports/")
    page.get_by_role("link", name="Few columns").click()
    expect(page.get_by_role("link", name="Few columns")).to_have_attribute("aria-current", "true")
    assert shown(page) == ["Report", "Urgency", "Provider", "Received", "Review by"]
    page.get_by_text("Save view", exact=True).click()
    page.get_by_role("button", name="Remove view").first.click()
