"""A chart of a figure's page: values on hover and by the keyboard under the page's policy, and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Demo, quiet, signed_in


@pytest.mark.slow
def test_a_value_is_read_by_keyboard_on_hover_and_in_the_table(demo: Demo, chromium: Browser) -> None:
    context = signed_in(chromium, demo, "marek@centre.example")
    page = context.new_page()
    said = quiet(page)
    page.goto("/desk/reports/volumes/")
    # One drawing for a desk's screen, and one for a telephone's.
    bars = page.locator(".drawing [aria-roledescription=bar]:visible")
    expect(page.locator(".drawing > div svg:visible")).to_have_count(1)
    page.locator(".drawing").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".chart-figure .value").first).to_contain_text("Reports: ")
    bars.last.hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text("Reports")
    assert said == []
    plain = chromium.new_context(
        base_url=demo.address, java_script_enabled=False, storage_state=context.storage_state()
    ).new_page()
    plain.goto("/desk/reports/volumes/")
    expect(plain.locator(".drawing > svg:visible")).to_have_count(1)
    plain.locator(".chart-figure summary").first.click()
    expect(plain.locator(".chart-figure table").first).to_be_visible()
    expect(plain.locator(".chart-figure a[download]").first).to_be_visible()
