"""Public help in a real browser: a child on a telephone, a threat at night, a quick exit, and the keyboard alone.

Journeys choose the voice. No age, name or act is typed, and what is typed is a neutral token.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import Demo, confirm, quiet, signed_in, submit

NEUTRAL = "https://www.wikipedia.org/"
AGENT = "TraceableTelephone/3.2"
PATIENCE = 60_000
MOST_BYTES = 60_000
LANGUAGES = ("de", "ar")
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
PLACES = (
    *("", "danger/", "who/", "child/", "teen/threat/", "professional/hurt/", "easy/hurt/", "follow/", "safety/"),
    *("find/", "find/?country=FR", "duties/", "learn/", "learn/law/"),
)


def telephone(chromium: Browser, demo: Demo, language: str, *, script: bool = True) -> BrowserContext:
    """A telephone in a language, whose requests to the neutral page are answered here."""
    context = chromium.new_context(
        base_url=demo.address,
        locale=language,
        java_script_enabled=script,
        user_agent=AGENT,
        viewport={"width": 390, "height": 800},
    )
    context.route(f"{NEUTRAL}**", lambda route: route.fulfill(body="<h1>Neutral</h1>", content_type="text/html"))
    return context


def follow(page: Page, end: str) -> None:
    """Press the way on a page whose address ends like this."""
    page.locator(f'main .ways a[href$="{end}"]').first.click()
    page.wait_for_url(f"**{end}")


def send(page: Page) -> None:
    """Send the form of a page, and wait for its answer."""
    page.locator("main button").click()
    expect(page.locator("#number:not(input), ol.plain").first).to_be_visible(timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_child_on_a_telephone_reports_and_follows_up(demo: Demo, chromium: Browser, language: str) -> None:
    context = telephone(chromium, demo, language)
    page = context.new_page()
    said = quiet(page)
    page.goto("/help/")
    assert page.locator("html").get_attribute("lang") == language
    for end in (f"/help/{language}/who/", f"/help/{language}/child/", f"/help/{language}/child/seen/", "/report/"):
        follow(page, end)
    assert page.evaluate("history.length") <= 2, "steps leave no entry in the history"
    page.locator("main a.second").click()
    text = f"A neutral token from a telephone ({language})."
    page.locator("#text").fill(text)
    send(page)
    number, words = page.locator("#number").inner_text(), page.locator("#passphrase").inner_text()
    desk = signed_in(chromium, demo, "aoife@hotline-ie.example").new_page()
    desk.goto("/desk/conversations/")
    desk.get_by_role("link", name=number).click()
    desk.locator("#text").fill("Thank you. We have read it.")
    submit(desk.get_by_role("button", name="Send answer"))
    confirm(desk)
    page.goto(f"/help/{language}/follow/")
    page.locator("main .ways a").first.click()
    page.locator("#number").fill(number)
    page.locator("#passphrase").fill(words)
    send(page)
    expect(page.locator("main")).to_contain_text("We have read it.")
    assert context.cookies() == []
    assert said == []
    logs = b"".join(file.read_bytes() for file in demo.folder.rglob("*log*") if file.is_file())
    for trace in (AGENT, words, text, f"/help/{language}/child/"):
        assert trace.encode() not in logs


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_threat_at_night_leads_to_a_crisis_line_and_to_removal(demo: Demo, chromium: Browser, language: str) -> None:
    context = telephone(chromium, demo, language)
    page = context.new_page()
    page.goto("/help/")
    for end in ("/who/", "/teen/", "/teen/threat/"):
        follow(page, end)
    expect(page.locator('main a[href="tel:116111"]')).to_be_visible()
    assert page.locator("main .steps li").count() == 6
    assert page.locator('main .ways a[href$="/removal/"]').count() == 1
    follow(page, f"/help/{language}/find/")
    page.locator("#country").select_option("PL")
    page.locator('input[name="always"]').check()
    page.locator("main form button").click()
    page.wait_for_url("**country=PL**")
    expect(page.locator("main .service").first).to_contain_text("Telefon zaufania")
    assert page.evaluate("history.length") <= 2
    assert context.cookies() == []


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
def test_leaving_replaces_the_page_and_asks_the_browser_to_forget(
    demo: Demo, chromium: Browser, language: str, script: bool
) -> None:
    page = telephone(chromium, demo, language, script=script).new_page()
    page.goto(f"/help/{language}/teen/")
    note = page.locator(".exit small")
    assert note.is_visible() is not script, "without a script, the page says what it cannot do"
    with page.expect_response("**/leave/") as left:
        page.locator("a[data-leave]").click()
    assert "storage" in left.value.all_headers()["clear-site-data"]
    expect(page.locator("h1")).to_have_text("Neutral")
    if script:
        page.go_back()
        assert "/teen/" not in page.url


@pytest.mark.slow
def test_first_page_is_small_and_loads_nothing_from_elsewhere(demo: Demo, chromium: Browser) -> None:
    page = telephone(chromium, demo, "de").new_page()
    said, bodies = quiet(page), list[int]()
    page.on("response", lambda answer: bodies.append(len(answer.body())))
    page.goto("/help/", wait_until="networkidle")
    assert len(bodies) >= 3
    assert sum(bodies) <= MOST_BYTES
    assert said == []


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_pass_axe_on_a_screen_and_on_a_telephone(demo: Demo, chromium: Browser, language: str) -> None:
    context = chromium.new_context(base_url=demo.address)
    page, problems = context.new_page(), list[str]()
    said = quiet(page)
    for place in PLACES:
        page.goto(f"/help/{language}/{place}")
        page.evaluate(AXE_SCRIPT)
        for width, scheme in ((1440, "light"), (390, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 3000})
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate("rules => axe.run(rules).then(found => found.violations)", AXE)
            problems += [f"{place} {width} {scheme} {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
                problems.append(f"{place} is wider than {width} px")
    assert not problems, "\n".join(problems)
    assert said == []


@pytest.mark.slow
def test_keyboard_reaches_the_exit_first_and_then_each_way_in_order(demo: Demo, chromium: Browser) -> None:
    page = telephone(chromium, demo, "ar").new_page()
    page.goto("/help/ar/")
    reached = list[str]()
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href')"))
    assert reached[:2] == ["#main", "/help/ar/leave/"]
    assert reached[2:5] == ["tel:112", "tel:116111", "tel:116000"]
    assert "/help/ar/danger/" in reached
    assert reached.index("/help/ar/danger/") < reached.index("/help/ar/who/")
    page.locator('main a[href="/help/ar/who/"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/help/ar/who/")


@pytest.mark.slow
def test_accessibility_tree_names_the_question_the_numbers_and_the_ways(demo: Demo, chromium: Browser) -> None:
    page = telephone(chromium, demo, "de").new_page()
    page.goto("/help/de/")
    expect(page.get_by_role("heading", level=1, name="Ist jetzt jemand in Gefahr?")).to_be_visible()
    for name in ("112", "116 111", "116 000", "Ja", "Nein", "Diese Seite verlassen"):
        expect(page.get_by_role("link", name=name, exact=True)).to_have_count(1)
    expect(page.get_by_role("navigation", name="Sprachen").get_by_role("link")).to_have_count(26)
    expect(page.get_by_role("main")).to_have_count(1)
