"""The keyboard of a list whose rows can be chosen; on a page of its own, with the desk's script."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

SCRIPT = Path("src/tutela/app/static/desk.js").read_text(encoding="utf-8")
ROWS = "".join(
    f'<tr><td><input type="checkbox" name="entry" value="{n}"></td><td><a href="#{n}">{n}</a></td></tr>' for n in "abcd"
)
PAGE = (
    f"<details><summary data-key='h'>Keys</summary></details><form onsubmit='return false'>"
    f"<table><tbody data-queue>{ROWS}</tbody></table><input id='reason' required>"
    "<button id='certify' data-key='c' type='button' onclick=\"this.dataset.pressed = 'yes'\">Certify</button></form>"
)


def _page(chromium: Browser) -> Page:
    page = chromium.new_page()
    page.set_content(PAGE)
    page.add_script_tag(content=SCRIPT)
    return page


def _chosen(page: Page) -> str:
    found: list[str] = page.eval_on_selector_all("input[name=entry]:checked", "all => all.map(one => one.value)")
    return "".join(found)


def test_rows_are_chosen_by_keys_and_by_clicks(chromium: Browser) -> None:
    page = _page(chromium)
    for key in ("j", "x"):
        page.keyboard.press(key)
    assert _chosen(page) == "a"
    for key in ("j", "j", "Space"):
        page.keyboard.press(key)
    assert _chosen(page) == "ac"
    for key in ("j", "Shift+X"):
        page.keyboard.press(key)
    assert _chosen(page) == "acd"
    for key in ("k", "k", "k", "Shift+X"):
        page.keyboard.press(key)
    assert _chosen(page) == "abcd", "all rows since the one that was chosen last"
    page.keyboard.press("x")
    assert _chosen(page) == "bcd"
    page.locator("input[value=b]").click()
    page.locator("input[value=d]").click(modifiers=["Shift"])
    assert _chosen(page) == ""
    page.locator("input[value=c]").click()
    page.keyboard.press("c")
    assert page.locator("#certify").get_attribute("data-pressed") == "yes", (
        "a box that has the focus takes no keys away"
    )
    page.keyboard.press("h")
    assert page.locator("details").get_attribute("open") is not None
    page.locator("#reason").focus()
    page.keyboard.press("x")
    assert page.locator("#reason").input_value() == "x"
    assert _chosen(page) == "c"
    page.close()
