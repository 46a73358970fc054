"""What happens to a report after it was referred: a hold, a return, bundles; each as the people who do it see it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Demo, confirm, quiet, signed_in

PATIENCE_MS = 40_000
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.mark.slow
def test_an_authority_asks_that_the_content_stays_and_the_provider_reads_it(demo: Demo, chromium: Browser) -> None:
    katrin = signed_in(chromium, demo, "katrin@police-de.example").new_page()
    priya = signed_in(chromium, demo, "priya@pixelpost.example").new_page()
    said = quiet(katrin)
    draft = _open_one_of(katrin, priya)
    katrin.click("form[action$='/acknowledge/'] button")
    katrin.click("summary:has-text('Request that the user is not notified')")
    form = katrin.locator("form[action$='/hold/']")
    form.locator("[name=reason]").fill("An operation is being prepared")
    form.locator("[name=until]").fill((datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M"))
    form.locator("[name=keep_content]").check()
    form.locator("button").click()
    expect(katrin.locator("main")).to_contain_text("The content is not removed before then.")
    _until(priya, draft, "An authority asked you not to remove the content")
    katrin.click("form[action$='/hold/end/'] button")
    confirm(katrin)
    expect(katrin.locator("main")).not_to_contain_text("The content is not removed before then.")
    _until(priya, draft, "An authority asked you not to remove the content", there=False)
    assert said == []


@pytest.mark.slow
def test_what_is_not_ours_goes_on_to_whose_it_is(demo: Demo, chromium: Browser) -> None:
    katrin, luc, marek = (
        signed_in(chromium, demo, email).new_page()
        for email in ("katrin@police-de.example", "luc@police-fr.example", "marek@centre.example")
    )
    katrin.goto("/desk/inbox/?state=new")
    addresses = [one.get_attribute("href") or "" for one in katrin.locator("tbody[data-queue] a").all()]
    for address in addresses:
        katrin.goto(address)
        withdrawn = katrin.locator("main:has-text('The Centre withdrew')").count()
        if not withdrawn and katrin.locator("summary:has-text('This referral is not ours')").count():
            break
    reports = set(UUID.findall(katrin.locator("main").inner_html()))
    katrin.click("summary:has-text('This referral is not ours')")
    form = katrin.locator("form[action$='/return/']")
    form.locator("[name=reason]").fill("The account was used in Lyon")
    form.locator("[name=country]").select_option("FR")
    form.locator("button").click()
    confirm(katrin)
    expect(katrin.locator("main")).to_contain_text("The account was used in Lyon")
    expect(katrin.locator("form[action$='/acknowledge/']")).to_have_count(0)
    report = next(one for one in sorted(reports) if (marek.goto(f"/desk/reports/{one}/") or _none()).status == 200)
    _until(marek, f"/desk/reports/{report}/", "The account was used in Lyon")

    def arrived() -> bool:
        luc.goto("/desk/inbox/?state=new")
        for address in [one.get_attribute("href") or "" for one in luc.locator("tbody[data-queue] a").all()]:
            luc.goto(address)
            if report in luc.locator("main").inner_html():
                return True
        return False

    _wait(luc, arrived, "the referral is in France")


@pytest.mark.slow
def test_bundles_are_merged_with_a_reason_and_taken_apart_again(demo: Demo, chromium: Browser) -> None:
    marek = signed_in(chromium, demo, "marek@centre.example").new_page()
    said = quiet(marek)
    into, number = _two_bundles(marek)
    marek.goto(into)
    marek.click("summary:has-text('Merge another bundle')")
    marek.fill("#merge-number", number)
    marek.fill("#merge-reason", "The same room in both")
    marek.click("form[action$='/merge/'] button")
    newest = marek.locator("ol.timeline > li", has_text="The same room in both").first
    expect(newest).to_contain_text(number)
    newest.locator("form[action*='/undo/'] [name=reason]").fill("It is another room")
    newest.locator("form[action*='/undo/'] button").click()
    expect(marek.locator("ol.timeline > li", has_text="The same room in both").first).to_contain_text("undone")
    assert said == []


def _two_bundles(page: Page) -> tuple[str, str]:
    """The address of one bundle and the number of another, as reports of the queue name theirs."""
    page.goto("/desk/reports/?state=all")
    found = dict[str, str]()
    for address in [one.get_attribute("href") or "" for one in page.locator("tbody[data-queue] td a").all()]:
        page.goto(address)
        link = page.locator("main a[href*='/bundles/']", has_text=re.compile("^B-")).first
        if link.count():
            found[link.get_attribute("href") or ""] = link.inner_text()
        if len(found) == 2:
            return next(iter(found)), list(found.values())[1]
    raise AssertionError("the queue has no two bundles")


def _none() -> object:
    raise AssertionError("no answer")


def _open_one_of(katrin: Page, priya: Page) -> str:
    """Open a new referral whose report the provider's desk has; returns the address of that report."""
    katrin.goto("/desk/inbox/?state=new")
    for address in [one.get_attribute("href") or "" for one in katrin.locator("tbody[data-queue] a").all()]:
        katrin.goto(address)
        withdrawn = katrin.locator("main:has-text('The Centre withdrew')").count()
        if withdrawn or not katrin.locator("form[action$='/acknowledge/']").count():
            continue
        for report in sorted(set(UUID.findall(katrin.locator("main").inner_html()))):
            answer = priya.goto(f"/desk/drafts/{report}/")
            if answer is not None and answer.status == 200:
                return f"/desk/drafts/{report}/"
    raise AssertionError("no new referral has a report of this provider")


def _until(page: Page, address: str, text: str, *, there: bool = True) -> None:
    def look() -> bool:
        page.goto(address)
        return bool(page.locator(f"main:has-text('{text}')").count()) is there

    _wait(page, look, text)


def _wait(page: Page, look: object, what: str) -> None:
    for _ in range(PATIENCE_MS // 500):
        if look():  # type: ignore[operator]
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"waited {PATIENCE_MS} ms for {what}")
