"""Every page of the picture list passes axe-core and makes the browser complain about nothing."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.browser import Demo, quiet
from tests.support.pictures_of_pages import sessions, visit

EXPECTED = ("404 (Not Found)", "422 (Unprocessable", "status of 404", "status of 422")


WIDTHS = (1440, 390)
# Of what passes nothing is told: on a large page most of the time went into describing it.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@pytest.mark.slow
def test_pages_pass_axe_and_break_no_policy(demo: Demo, chromium: Browser) -> None:
    """Each person's pages in one tab; each page once, on a desk's screen and then on a telephone's."""
    problems: list[str] = []
    opened = dict[BrowserContext, tuple[Page, list[str]]]()
    for name, address, context in sessions(chromium, demo, WIDTHS[0]):
        if context not in opened:
            page = context.new_page()
            opened[context] = page, quiet(page)
        page, said = opened[context]
        said.clear()
        visit(page, address)
        page.evaluate(AXE_SCRIPT)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found = page.evaluate("rules => axe.run(rules).then(found => found.violations)", RULES)
            shown = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]
            wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
            problems += [
                f"{name} at {width} px: {one}" for one in (*shown, *(["wider than the screen"] if wide else []))
            ]
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        problems += [f"{name}: {text[:160]}" for text in said if not any(e in text for e in EXPECTED)]
    assert problems == []
