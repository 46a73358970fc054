"""Every page of the picture list passes axe-core and makes the browser complain about nothing."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser import Demo, quiet
from tests.pictures_of_pages import sessions, visit

EXPECTED = ("404 (Not Found)", "422 (Unprocessable", "status of 404", "status of 422")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_pass_axe_and_break_no_policy(demo: Demo, chromium: Browser, width: int) -> None:
    problems: list[str] = []
    for name, address, context in sessions(chromium, demo, width):
        page = context.new_page()
        said = quiet(page)
        visit(page, address)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        problems += [f"{name}: {v['id']}: {v['nodes'][0]['html'][:120]}" for v in found.response["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
        problems += [f"{name}: wider than the screen at {width} px"] if wide else []
        problems += [f"{name}: {text[:160]}" for text in said if not any(e in text for e in EXPECTED)]
        page.close()
    assert problems == []
