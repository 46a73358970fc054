"""Pages pass axe-core and make the browser complain about nothing.

One page of each layout, at two widths in turn; in a drill every page of the picture list, at both, light and dark.
"""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser

from tests.support.barriers import WIDTHS, barriers
from tests.support.browser import Demo, quiet
from tests.support.drills import LONG
from tests.support.pictures_of_pages import PAGES, visit, window

EXPECTED = ("404 (Not Found)", "422 (Unprocessable", "status of 404", "status of 422")
# Pages of one person in one test.
MOST = 30
# Lists with and without entries, single cases, forms and their errors, dashboards, public questions, and each page that
# has a layout of its own.
LAYOUTS = {
    "": "start help-language help-danger help-find law-gate-no log figures figure-map figure-flows open-data-set"
    " docs-page figure-calculator-error tour sign-in-error not-found public-report public-report-danger removal-written"
    " ask-for-support worried-young workbook hub hub-study",
    "aoife": "takedown-case takedown-yearly-report propose-error foreign-entries acts-waiting-empty",
    "ines": "support-case vault helpline-return removal-request",
    "jan": "dossier-to-certify import",
    "katrin": "referral order-new-error deconfliction",
    "lena": "roles-centre act-rules samples import-sizes network-map return-form own-figures directory-entry",
    "marek": "queue queue-empty report report-error report-routing report-bundle report-volumes search-results",
    "nora": "audit-today figures-recomputed",
    "priya": "draft draft-recipients event second-factors security-keys hosting-notice error-ledger reversal-finished",
    "tom": "provider-today candidate candidate-video",
}
SCHEMES = ("light", "dark") if LONG else ("light",)


def _parts() -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Each person with names and addresses of pages, by a name of the part."""
    pages: dict[str, list[tuple[str, str]]] = {}
    for person, name, address in PAGES:
        if LONG or name in LAYOUTS.get(person.partition("@")[0], "").split():
            pages.setdefault(person, []).append((name, address))
    return {
        f"{person or 'nobody'} from {first + 1}": (person, found[first : first + MOST])
        for person, found in pages.items()
        for first in range(0, len(found), MOST)
    }


PARTS = _parts()


# The first of all journeys: making the demonstration is not part of the time that the pages may take.
def test_the_demonstration_answers(demo: Demo) -> None:
    assert httpx.get(f"{demo.address}/healthz/ready").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_pages_pass_axe_and_break_no_policy(demo: Demo, chromium: Browser, part: str) -> None:
    """Pages of a person in one tab; no page is wider than a desk's screen, nor than a telephone's."""
    person, pages = PARTS[part]
    context = window(chromium, demo, person, WIDTHS[0])
    page = context.new_page()
    said, problems = quiet(page), list[str]()
    for number, (name, address) in enumerate(pages):
        said.clear()
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        try:
            visit(page, address)
        except AssertionError as missing:
            problems.append(f"{name}: {missing}")
            continue
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            widths = WIDTHS if LONG else WIDTHS[number % 2 :][:1]
            problems += [f"{name} {scheme} {one}" for one in barriers(page, widths)]
        problems += [f"{name}: {text[:160]}" for text in said if not any(e in text for e in EXPECTED)]
    context.close()
    assert not problems, "\n".join(problems)


def test_every_layout_is_a_page_of_the_list() -> None:
    named = {(person, name) for person, names in LAYOUTS.items() for name in names.split()}
    assert named <= {(person.partition("@")[0], name) for person, name, _ in PAGES}


def test_a_page_that_is_not_found_is_refused(chromium: Browser) -> None:
    """It has no barriers, so that it would pass in place of the page that was wanted."""
    page = chromium.new_page(base_url="http://127.0.0.1")
    page.route("**/*", lambda route: route.fulfill(status=404, body="Not found"))
    with pytest.raises(AssertionError, match="/desk/support/vault/"):
        visit(page, "/desk/support/vault/")
    visit(page, "/nothing/here/")
    page.close()
