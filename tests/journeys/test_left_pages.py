"""Leave, back, reload: neither screen nor browser profile has a case number, a passphrase or a message."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import ARGUMENTS, CHROMIUM, Demo
from tests.support.patience import PATIENCE

NEUTRAL = "https://www.wikipedia.org/"
TEXT = "zebra-umbrella-9417 waits at the harbour"
WRONG = "acid acorn acid acorn acid acorn acid"
MILLISECONDS = 60_000 * PATIENCE
# Chromium without what Playwright switches off: the memory of pages that "back" returns to.
MEMORY = ["--disable-back-forward-cache"]


@contextmanager
def profile(chromium: Browser, folder: Path, demo: Demo, *, script: bool) -> Iterator[BrowserContext]:
    """A browser with a profile of its own, whose requests to the neutral page are answered here."""
    # By the running driver: of a second one Playwright says that it is inside a loop.
    context = chromium.browser_type.launch_persistent_context(
        str(folder),
        executable_path=CHROMIUM,
        args=ARGUMENTS,
        ignore_default_args=MEMORY,
        base_url=demo.address,
        java_script_enabled=script,
        viewport={"width": 390, "height": 800},
    )
    context.set_default_timeout(MILLISECONDS)
    context.route(f"{NEUTRAL}**", lambda route: route.fulfill(body="<h1>Neutral</h1>", content_type="text/html"))
    try:
        yield context
    finally:
        context.close()


def send(page: Page, script: bool, done: str) -> None:
    """Send the form of a page; without a script again until its ticket is old enough."""
    typed = {one: page.locator(f"#{one}").input_value() for one in ("number", "passphrase") if _has(page, one)}
    page.locator("main button").first.click()
    if script:
        expect(page.locator(done).first).to_be_visible(timeout=MILLISECONDS)
        return
    while "sent too soon" in page.locator("main").inner_text():
        page.wait_for_timeout(2_000)  # as a person; the form is admitted after twenty seconds
        for name, value in typed.items():
            page.locator(f"#{name}").fill(value)
        page.locator("main button").first.click()
    expect(page.locator(done).first).to_be_visible(timeout=MILLISECONDS)


def _has(page: Page, name: str) -> bool:
    return page.locator(f"input#{name}").count() > 0


def write(page: Page, script: bool, kind: str = "message") -> tuple[str, str]:
    """Write a message; returns the case number and the passphrase that the page shows."""
    page.goto(f"/en/{kind}/")
    page.locator("#text").fill(TEXT)
    send(page, script, "dd#passphrase")
    return page.locator("#number").inner_text(), page.locator("#passphrase").inner_text()


def enter(page: Page, script: bool, number: str, words: str, done: str) -> None:
    """Enter a case on the page that is open."""
    page.locator("#number").fill(number)
    page.locator("#passphrase").fill(words)
    send(page, script, done)


def leave(page: Page) -> None:
    page.get_by_role("link", name="Leave this page").click()
    expect(page.locator("h1")).to_have_text("Neutral")


def comes_back(page: Page, secrets: list[str]) -> None:
    """Back and reload, until there is nothing to go back to; nothing secret is on the screen."""
    for _ in range(8):
        page.go_back(wait_until="commit")
        for _twice in range(2):
            page.wait_for_load_state()
            shown = page.content()
            assert not [one for one in secrets if one in shown], page.url
            page.reload()


def found_in(folder: Path, secrets: list[str]) -> list[tuple[str, str]]:
    """Secrets that some file of a profile has, in any form in which a browser stores a text."""
    forms = {one: _forms(one) for one in secrets}
    found = []
    for file in folder.rglob("*"):
        if not file.is_file() or file.is_symlink():
            continue
        body = file.read_bytes()
        for part in (body, *_inflated(body)):
            found += [(file.name, one) for one, ways in forms.items() if any(way in part for way in ways)]
    return found


def _forms(text: str) -> list[bytes]:
    written = (text, text.replace(" ", "+"), text.replace(" ", "%20"), text.replace(" ", "-"))
    return [one.encode(code) for one in written for code in ("utf-8", "utf-16-le")]


def _inflated(body: bytes) -> Iterator[bytes]:
    """Streams of gzip and zlib in a file."""
    for magic, bits in ((b"\x1f\x8b\x08", 31), (b"\x78\x01", 15), (b"\x78\x9c", 15), (b"\x78\xda", 15)):
        at = body.find(magic)
        while at >= 0:
            with suppress(zlib.error):
                yield zlib.decompressobj(bits).decompress(body[at:], 10_000_000)
            at = body.find(magic, at + 1)


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
def test_a_browser_keeps_nothing_of_a_message_and_its_answer(
    demo: Demo, chromium: Browser, tmp_path: Path, script: bool
) -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    folder = tmp_path / "profile"
    with profile(chromium, folder, demo, script=script) as context:
        page = context.new_page()
        number, words = write(page, script)
        secrets = [number, words, TEXT, WRONG]
        leave(page)
        comes_back(page, secrets)
        page.goto("/en/message/answers/")
        enter(page, script, number, WRONG, "#error")
        assert page.locator("#passphrase").input_value() == ""
        assert page.locator("#number").input_value() == ""
        enter(page, script, number, words, "ol.plain")
        expect(page.locator("main")).to_contain_text(TEXT)
        if script:
            page.reload()
            expect(page.locator("#passphrase")).to_have_value("")
        else:
            page.reload()
            expect(page.locator("main")).not_to_contain_text(TEXT)
        enter(page, script, number, words, "ol.plain")
        page.locator("#text").fill(f"{TEXT} again")
        send(page, script, ".message.success")
        leave(page)
        comes_back(page, secrets)
        # A site that is visited afterwards: what was kept is written out.
        page.goto("about:blank")
    assert (folder / "Default").is_dir()
    assert found_in(folder, secrets) == []


def test_the_search_of_a_profile_finds_what_a_browser_would_keep(tmp_path: Path) -> None:
    for name, body in (
        ("a", TEXT.encode()),
        ("b", b"x" + TEXT.encode("utf-16-le")),
        ("c", b"junk" + zlib.compress(TEXT.encode())),
        ("d", TEXT.replace(" ", "+").encode()),
    ):
        (tmp_path / name).write_bytes(body)
    assert {name for name, _ in found_in(tmp_path, [TEXT])} == {"a", "b", "c", "d"}
