"""What a provider's people file by hand: an urgent report calls until it is answered, an unfounded one comes back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Demo, confirm, quiet, signed_in, submit

pytestmark = pytest.mark.slow

PATIENCE_MS = 40_000
DRAFT = re.compile(r"/desk/drafts/([0-9a-f-]{36})/$")


@pytest.fixture(scope="module")
def desks(demo: Demo, chromium: Browser) -> Iterator[tuple[Page, Page]]:
    """The provider's lead and the Centre's analyst, each signed in once: a code works once."""
    contexts = [signed_in(chromium, demo, email) for email in ("priya@pixelpost.example", "marek@centre.example")]
    yield contexts[0].new_page(), contexts[1].new_page()
    for context in contexts:
        context.close()


def test_an_urgent_report_is_checked_filed_and_its_alert_answered(desks: tuple[Page, Page]) -> None:
    priya, marek = desks
    said = [quiet(page) for page in desks]
    report = _drafted(priya, "solicitation", urgency="The child said that they meet tomorrow", danger="contact")
    priya.click("form[action$='/check/'] button")
    opinion = priya.locator("#opinion [role=status]")
    expect(opinion.locator(".badge.urgent")).to_have_text("urgent")
    expect(opinion).to_contain_text("the provider declared the report urgent and gave a reason")
    expect(opinion).to_contain_text("an adult is in contact with a child")
    expect(opinion.locator("li code", has_text=re.compile("^locations$"))).to_be_visible()
    # What the Centre says is kept nowhere, and sends nothing.
    priya.goto(f"/desk/drafts/{report}/")
    expect(priya.locator("#opinion [role=status]")).to_have_count(0)
    assert _status(marek, f"/desk/reports/{report}/") == 404

    _sent(priya, report)
    row = marek.locator("#alerts tr", has=marek.locator(f"a[href='/desk/reports/{report}/']"))

    def calls() -> bool:
        marek.goto("/desk/reports/alerts/")
        return bool(row.locator(".badge.urgent", has_text="unanswered").count())

    _wait(marek, calls, "the alert calls")
    expect(row).to_contain_text("an adult is in contact with a child")
    submit(row.locator("form[action$='/alert/'] button"))
    expect(marek.get_by_text("You have answered this alert")).to_be_visible()
    marek.goto("/desk/reports/alerts/")
    expect(row).to_contain_text("Marek Novak")
    expect(row.locator("form[action$='/alert/']")).to_have_count(0)
    assert [_unexpected(one) for one in said] == [[], []]


def test_an_unfounded_report_comes_back_with_its_reason_and_the_user_is_reinstated(desks: tuple[Page, Page]) -> None:
    priya, marek = desks
    said = [quiet(page) for page in desks]
    report = _drafted(priya, "new", sha256=secrets.token_hex(32))
    _sent(priya, report)
    marek.goto(f"/desk/reports/{report}/")
    marek.check("[name=decision][value=unfounded]")
    marek.select_option("#code", "family_or_medical")
    marek.fill("#reason", "A bath at home, sent to a grandmother")
    marek.click("form[action$='/assess/'] button")
    expect(marek.locator("main")).to_contain_text("an everyday family picture, or a medical picture")

    _wait_for(priya, f"/desk/drafts/{report}/", "#reinstating .note.urgent")
    expect(priya.locator("main")).to_contain_text("an everyday family picture, or a medical picture")
    expect(priya.locator("main")).to_contain_text("A bath at home, sent to a grandmother")
    form = priya.locator("form[action$='/reinstated/']")
    form.locator("[name=kind][value=reinstated]").check()
    form.locator("[name=words]").fill("Account open again since this morning")
    form.locator("button").click()
    expect(priya.locator("#reinstating .note")).to_contain_text("The user is reinstated")
    expect(priya.locator("#reinstating .note")).to_contain_text("Account open again since this morning")
    priya.click("#reinstating a[href$='/reinstated/message/']")
    expect(priya.locator("h1")).to_have_text("Notice to the reinstated user")
    assert [_unexpected(one) for one in said] == [[], []]


def test_a_report_that_was_filed_in_error_is_retracted_and_the_centre_decides(desks: tuple[Page, Page]) -> None:
    priya, marek = desks
    said = [quiet(page) for page in desks]
    report = _drafted(priya, "new", sha256=secrets.token_hex(32))
    _sent(priya, report)
    retract = priya.locator("details", has=priya.locator("form[action$='/retract/']"))
    _wait_for(priya, f"/desk/drafts/{report}/", "form[action$='/retract/']")
    retract.locator("summary").click()
    retract.locator("[name=reason]").fill("The upload was another user's")
    retract.locator("button").click()
    confirm(priya)
    expect(priya.locator("main .note", has_text="Retracted")).to_contain_text("The upload was another user's")
    expect(priya.locator("form[action$='/retract/']")).to_have_count(0)

    _wait_for(marek, f"/desk/reports/{report}/", "form[action$='/retraction/']")
    expect(marek.locator("main .note.warn", has_text="The upload was another user's")).to_be_visible()
    marek.goto("/desk/reports/?state=retracted")
    marek.click(f"main a[href='/desk/reports/{report}/']")
    expect(marek.locator("#code")).to_have_value("filed_by_mistake")
    marek.check("[name=decision][value=unfounded]")
    marek.click("form[action$='/assess/'] button")
    expect(marek.locator("form[action$='/retraction/']")).to_have_count(0)
    _wait_for(priya, f"/desk/drafts/{report}/", "#reinstating .note.urgent")
    expect(priya.locator("main")).to_contain_text("the provider filed the report by mistake")
    assert [_unexpected(one) for one in said] == [[], []]


def test_a_bundle_is_split_and_the_split_taken_back_with_its_history(desks: tuple[Page, Page]) -> None:
    priya, marek = desks
    said = [quiet(page) for page in desks]
    digest = secrets.token_hex(32)
    first, second = (_drafted(priya, "known", sha256=digest) for _ in range(2))
    for report in (first, second):
        priya.goto(f"/desk/drafts/{report}/")
        _sent(priya, report)
    marek.goto(f"/desk/reports/{first}/")
    marek.locator("main a[href^='/desk/reports/bundles/']").first.click()
    bundle, rows = marek.url, marek.locator("form[action$='/split/'] tbody tr")
    expect(rows).to_have_count(2)
    marek.check(f"[name=reports][value='{second}']")
    marek.fill("#split-reason", "Two cases that share a picture")
    submit(marek.locator("form[action$='/split/'] button"))
    marek.goto(bundle)
    expect(rows).to_have_count(1)
    expect(rows.locator(f"a[href='/desk/reports/{first}/']")).to_be_visible()
    history = marek.locator("main .timeline li")
    expect(history.first).to_contain_text("Two cases that share a picture")
    expect(history.first).to_contain_text("Marek Novak")
    # Both are still open: what stands where decides nothing.
    marek.goto(f"/desk/reports/{second}/")
    expect(marek.locator("form[action$='/assess/']").first).to_be_visible()
    marek.goto(bundle)
    undo = marek.locator("form[action$='/undo/']").first
    undo.locator("[name=reason]").fill("One case after all")
    submit(undo.locator("button"))
    marek.goto(bundle)
    expect(rows).to_have_count(2)
    expect(marek.locator("main .timeline")).to_contain_text("undone")
    expect(marek.locator("main .timeline")).to_contain_text("One case after all")
    assert [_unexpected(one) for one in said] == [[], []]


def _drafted(page: Page, kind: str, *, sha256: str = "", urgency: str = "", danger: str = "") -> str:
    """Fill in the form of a report by hand; returns the report's id."""
    page.goto("/desk/drafts/new/")
    page.select_option("[name=kind]", kind)
    page.select_option("[name=awareness]", "user_flag")
    page.fill("[name=sha256]", sha256)
    page.fill("[name=account]", f"account-{secrets.token_hex(4)}")
    page.fill("[name=urgency]", urgency)
    if danger:
        page.check(f"[name=dangers][value={danger}]")
    page.check("[name=confirmed]")
    page.click("main form button")
    page.wait_for_url(DRAFT)
    found = DRAFT.search(page.url)
    assert found
    return found[1]


def _sent(page: Page, report: str) -> None:
    page.check("[name=without_address]")
    submit(page.locator("form[action$='/send/'] button"))
    _wait_for(page, f"/desk/drafts/{report}/", "main:has-text('Receipt verified:')")


def _status(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer
    return answer.status


def _unexpected(said: list[str]) -> list[str]:
    return [text for text in said if "status of 404" not in text]


def _wait_for(page: Page, address: str, there: str) -> None:
    def look() -> bool:
        page.goto(address)
        return bool(page.locator(there).count())

    _wait(page, look, there)


def _wait(page: Page, look: Callable[[], bool], what: str) -> None:
    for _ in range(PATIENCE_MS // 500):
        if look():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"waited {PATIENCE_MS} ms: {what}")
