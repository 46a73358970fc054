"""What axe-core finds on a page that is open in a browser, on a desk's screen and on a telephone's."""

from __future__ import annotations

from collections.abc import Sequence

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Of what passes nothing is told: on a large page most of the time went into describing it.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
WIDTHS = (1440, 390)


def barriers(page: Page, looked_at: Sequence[int] = WIDTHS) -> list[str]:
    """What axe-core finds on the page that is open at some widths, and whether at any it is wider than the screen."""
    page.evaluate(AXE_SCRIPT)
    problems = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # As high as the page: a bar at the lower edge of a screen covers what a reader scrolls to.
        whole = page.evaluate("Math.min(document.documentElement.scrollHeight, 8000)")
        page.set_viewport_size({"width": width, "height": max(900, whole)})
        if width in looked_at:
            found = page.evaluate("rules => axe.run(rules).then(found => found.violations)", RULES)
            problems += [f"at {width} px: {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            problems.append(f"at {width} px: wider than the screen")
    return problems
