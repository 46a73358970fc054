"""From a public report to a verified absence, in real browsers: a person without a name, and an analyst."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_anonymous_message import anonymous, send
from tests.support.browser import Demo, confirm, quiet, signed_in


def _open_case(desk: Page) -> None:
    """Open the case once the worker has read the message."""
    for _ in range(60):
        desk.goto("/desk/takedown/?urgent=1")
        for address in [row.get_attribute("href") or "" for row in desk.locator("tbody[data-queue] a").all()]:
            desk.goto(address)
            if "journey.quickpages.example" in desk.locator("main").inner_text():
                return
        desk.wait_for_load_state("networkidle")
    raise AssertionError("the case did not reach the desk")


@pytest.mark.slow
def test_an_address_is_reported_and_taken_down(demo: Demo, chromium: Browser) -> None:
    page = anonymous(chromium, demo, script=True).new_page()
    said = quiet(page)
    page.goto("/en/report/")
    expect(page.locator("h1")).to_have_text("Is someone in danger or threatening you now?")
    page.get_by_role("link", name="Yes").click()
    expect(page.locator(".note.urgent").first).to_contain_text("112")
    page.locator("#text").fill("She is afraid. It is at https://journey.quickpages.example/t/1 now.")
    send(page, True)
    assert page.locator("#number").inner_text().startswith("M-")
    assert said == []

    desk = signed_in(chromium, demo, "aoife@hotline-ie.example").new_page()
    heard = quiet(desk)
    _open_case(desk)
    main = desk.locator("main")
    expect(main).to_contain_text("https://journey.quickpages.example/t/1")
    desk.get_by_role("button", name="Answer alert").click()
    expect(main).to_contain_text("You have answered this alert")
    desk.get_by_label("illegal here").check()
    desk.get_by_label("Label of the content").select_option("eu-2011-93:known-material")
    desk.get_by_label("Child").select_option("unclear")
    desk.locator(".decision-bar button").first.click()
    expect(main).to_contain_text("Assessment recorded")
    desk.get_by_label("Reference of the receipt").fill("AZ journey")
    desk.get_by_role("button", name="Record report").click()
    confirm(desk)
    expect(main).to_contain_text("Report to the police recorded")
    desk.get_by_text("Evidence", exact=True).click()
    reason = desk.get_by_label("Or: why no evidence is sealed")
    if not reason.is_visible():
        desk.get_by_text("Evidence", exact=True).click()
    reason.fill("The police secured it.")
    desk.get_by_role("button", name="Record evidence").click()
    expect(main).to_contain_text("no evidence sealed")
    desk.get_by_label("Sent as").select_option("file")
    desk.locator(".decision-bar button").first.click()
    expect(main).to_contain_text(re.compile(r"N-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]"))
    desk.get_by_label("Answer of the host").select_option("removed")
    desk.get_by_role("button", name="Record answer").click()
    expect(main).to_contain_text("Answer recorded")
    desk.locator("summary", has_text="I saw that it is gone").click()
    desk.get_by_role("button", name="Record that it is gone").click()
    expect(main).to_contain_text("verified absent")
    assert heard == []
