"""An officer grades a seized phone by keyboard, in the viewer of their own machine, without a node."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import quiet
from tests.support.triage_world import authorisation, edited, picture
from tutela.forensics.authorisation import load_authorisation
from tutela.forensics.case_folder.case import Case
from tutela.forensics.pipeline.run import TriageRun
from tutela.forensics.pipeline.start import start_case
from tutela.forensics.viewer.grading_viewer import GradingViewer
from tutela.media import HasherPool

pytestmark = pytest.mark.slow
NOW = datetime(2026, 11, 30, tzinfo=UTC)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
ONE, OTHER = picture(1, form="JPEG", size=(640, 480)), picture(2, form="JPEG")
FILES = {"a/one.jpg": ONE, "b/one.jpg": ONE, "c.jpg": edited(ONE), "d.jpg": OTHER}


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """Two copies of one picture, an edit of it, and another picture."""
    for name, data in FILES.items():
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    allowed = load_authorisation(authorisation(tmp_path / "authorisation.json", tmp_path / "source"))
    folder = tmp_path / "case"
    with (
        start_case(folder, allowed, now=NOW, support="Support line 100", writable_source=True) as opened,
        HasherPool(workers=1) as pool,
    ):
        TriageRun(opened, pool, 1).run()
        yield opened


@pytest.fixture
def viewer(case: Case) -> Iterator[GradingViewer]:
    running = GradingViewer(case, "Ada Officer", {"1": "be:1", "2": "be:2"}, now=lambda: NOW)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield running
    running.finish()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_items_are_graded_by_keyboard_and_shown_one_at_a_time(
    viewer: GradingViewer, case: Case, chromium: Browser, width: int, scheme: str
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    said = quiet(page)
    page.goto(viewer.address)
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Support line 100")
    assert _barriers(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("img")).to_have_count(1)
    assert page.locator("img").evaluate("one => one.naturalWidth") > 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert _barriers(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("img")).to_have_count(0)
    page.keyboard.press("r")
    expect(page.get_by_role("button", name="real (r)")).to_contain_text("chosen")
    page.keyboard.press("1")
    expect(page.get_by_role("status")).to_contain_text("Graded be:1 (real)")
    page.keyboard.press("z")
    expect(page.get_by_role("status")).to_contain_text("undone")
    for _ in range(3):
        page.keyboard.press("2")
        expect(page.get_by_role("status")).to_contain_text("Graded be:2")
        if page.get_by_text("There is no further item.").count():
            break
        page.get_by_role("button", name="Show (Enter)").wait_for()
    expect(page.locator("main")).to_contain_text("There is no further item.")
    assert _barriers(page) == []
    # The browser asks for an icon, which the viewer has not.
    assert [one for one in said if "404 (Not Found)" not in one] == []
    assert case.count("SELECT count(DISTINCT sha256) FROM grade") == 3
    context.close()


def _barriers(page: Page) -> list[str]:
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("rules => axe.run(rules)", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:100]}" for one in found["violations"]]
