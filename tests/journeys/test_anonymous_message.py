"""An anonymous person writes, reads the answer and leaves, with JavaScript and without; no log names them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import Demo, confirm, quiet, signed_in

NEUTRAL = "https://www.wikipedia.org/"
AGENT = "TraceableBrowser/9.1"
# Longer than a ticket needs to be old enough without a script.
PATIENCE = 60_000


def anonymous(chromium: Browser, demo: Demo, *, script: bool) -> BrowserContext:
    """A telephone whose requests to the neutral page are answered here."""
    context = chromium.new_context(
        base_url=demo.address,
        java_script_enabled=script,
        user_agent=AGENT,
        viewport={"width": 390, "height": 800},
    )
    context.route(f"{NEUTRAL}**", lambda route: route.fulfill(body="<h1>Neutral</h1>", content_type="text/html"))
    return context


def send(page: Page, script: bool) -> None:
    """Send the form of a page; without a script again until its ticket is old enough."""
    done = page.locator("#number:not(input), ol.plain")
    fields = [one for one in ("number", "passphrase") if page.locator(f"input#{one}").count()]
    # After an error both are empty again.
    typed = {one: page.locator(f"input#{one}").input_value() for one in fields}
    page.locator("main button").click()
    while not script and page.locator("main [role=alert]").count():
        expect(page.locator("main [role=alert]")).to_contain_text("sent too soon")
        page.wait_for_timeout(2_000)  # as a person; the form is admitted after twenty seconds
        for name, value in typed.items():
            page.locator(f"input#{name}").fill(value)
        page.locator("main button").click()
    expect(done.first).to_be_visible(timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
def test_a_message_is_written_answered_read_and_left(demo: Demo, chromium: Browser, script: bool) -> None:
    context = anonymous(chromium, demo, script=script)
    page = context.new_page()
    said = quiet(page)
    page.goto("/en/message/")
    text = f"A stranger writes to my sister ({script})."
    page.locator("#text").fill(text)
    send(page, script)
    number, words = page.locator("#number").inner_text(), page.locator("#passphrase").inner_text()
    assert len(words.split()) == 9
    desk = signed_in(chromium, demo, "lena@centre.example").new_page()
    desk.goto("/desk/conversations/")
    desk.get_by_role("link", name=number).click()
    expect(desk.locator("main")).to_contain_text(text)
    desk.locator("#text").fill("Thank you. Tell an adult you trust.")
    desk.get_by_role("button", name="Send answer").click()
    confirm(desk)
    expect(desk.locator("main")).to_contain_text("Answer sent.")
    page.goto("/en/message/answers/")
    page.locator("#number").fill(number)
    page.locator("#passphrase").fill(words)
    send(page, script)
    expect(page.locator("main")).to_contain_text("Tell an adult you trust.")
    assert context.cookies() == []
    assert said == [] or all("422" in one for one in said), said
    page.get_by_role("link", name="Leave this page").click()
    expect(page.locator("h1")).to_have_text("Neutral")
    if script:
        page.go_back()
        expect(page.locator("body")).not_to_contain_text("Tell an adult you trust.")
    logs = b"".join(file.read_bytes() for file in demo.folder.rglob("*log*") if file.is_file())
    assert logs
    for trace in (AGENT, words, text, "/en/message/"):
        assert trace.encode() not in logs
