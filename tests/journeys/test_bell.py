"""The head of every page of the Centre's desk: it counts alerts, in the title too, and its tone is switched on once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Demo, quiet, signed_in


@pytest.mark.slow
def test_the_bell_counts_in_head_and_title_and_keeps_its_tone(demo: Demo, chromium: Browser) -> None:
    context = signed_in(chromium, demo, "marek@centre.example")
    page = context.new_page()
    said = quiet(page)
    for address in ("/desk/directory/", "/desk/reports/"):
        page.goto(address)
        bell = page.locator("#bell[data-unanswered]")
        expect(bell).to_be_visible()
        count = int(bell.get_attribute("data-unanswered") or "")
        expect(page).to_have_title(re.compile(rf"^\({count}\) " if count else r"^[^(]"))
        expect(bell.locator("a")).to_contain_text(str(count) if count else "No unanswered alerts")
    sound = page.locator("[data-bell-sound]")
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    page.goto("/desk/reports/alerts/")
    expect(page.locator("[data-bell-sound]")).to_have_attribute("aria-pressed", "true")
    page.locator("[data-bell-sound]").click()
    expect(page.locator("[data-bell-sound]")).to_have_attribute("aria-pressed", "false")
    assert said == []
