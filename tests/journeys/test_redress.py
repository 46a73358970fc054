"""A wrongly flagged user, a serial complainant and a data subject, in real browsers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_anonymous_message import anonymous, send
from tests.support.browser import Demo, confirm, quiet, signed_in
from tests.support.drills import ROOT

# User of a wrong match of the demonstration that nobody has complained about.
USER = "user-redress-5"
TEXT = "My account was closed. My album has pictures of a bridge, for the journey."


def page_of(person: Page, number: str, words: str) -> None:
    """Open the page of a complaint with its case number and passphrase."""
    person.goto("/en/complaint/")
    person.get_by_role("link", name="Pixelpost").click()
    person.get_by_role("link", name="I have a case number").click()
    person.locator("#number").fill(number)
    person.locator("#passphrase").fill(words)
    send(person, True)


def prove(person: Page) -> None:
    """Send the code that was typed."""
    with person.expect_response(lambda one: one.url.endswith("/answers/account/")):
        person.get_by_role("button", name="Send code").click()


def _first(page: Page, queue: str, text: str) -> None:
    """Open the first entry of a queue whose page has a text."""
    for _ in range(40):
        page.goto(queue)
        for address in [row.get_attribute("href") or "" for row in page.locator("tbody[data-queue] a").all()]:
            page.goto(address)
            if text in page.locator("main").inner_text():
                return
        page.wait_for_load_state("networkidle")
    raise AssertionError(f"nothing in {queue} has {text}")


def _number_of_report(chromium: Browser, demo: Demo) -> str:
    priya = signed_in(chromium, demo, "priya@pixelpost.example").new_page()
    _first(priya, "/desk/drafts/", USER)
    found = re.search(r"P-\w{4}-\w{4}-\w", priya.locator("h1").inner_text())
    assert found
    return found[0]


def _answered(chromium: Browser, demo: Demo, email: str, state: str) -> None:
    page = signed_in(chromium, demo, email).new_page()
    heard = quiet(page)
    page.goto("/desk/reversals/")
    _first(page, "/desk/reversals/", "Record answer")
    while page.locator("#own-form").count():
        page.locator("#own-form").get_by_label(state, exact=True).check()
        page.locator(".decision-bar button").first.click()
        confirm(page)
        expect(page.locator("main")).to_contain_text("The answer is recorded.")
        page.goto("/desk/reversals/")
        links = [row.get_attribute("href") or "" for row in page.locator("tbody[data-queue] a").all()]
        for address in links:
            page.goto(address)
            if page.locator("#own-form").count():
                break
    assert heard == []


@pytest.mark.slow
def test_a_user_without_an_account_is_heard_and_corrected_everywhere(demo: Demo, chromium: Browser) -> None:
    person = anonymous(chromium, demo, script=True).new_page()
    said = quiet(person)
    person.goto("/en/complaint/")
    expect(person.locator("main")).to_contain_text("112")
    person.get_by_role("link", name="Pixelpost").click()
    person.locator("#text").fill(TEXT)
    send(person, True)
    number, words = person.locator("#number").inner_text(), person.locator("#passphrase").inner_text()

    report = _number_of_report(chromium, demo)
    desk = signed_in(chromium, demo, "sofia@pixelpost.example").new_page()
    heard = quiet(desk)
    _first(desk, "/desk/complaints/", TEXT)
    main = desk.locator("main")
    expect(main.get_by_role("button", name="Record measure")).to_have_count(0)
    desk.get_by_label("code sent to the registered address").check()
    desk.locator("#code_account").fill(USER)
    desk.get_by_role("button", name="Make code").click()
    code = desk.locator("[data-code]").inner_text()
    desk.get_by_role("link", name="Back to the complaint").click()
    page_of(person, number, words)
    person.locator("#code").fill("abcd-efgh-ijkm")
    prove(person)
    expect(person.locator("main")).to_contain_text("This does not fit.")
    person.locator("#code").fill(code)
    prove(person)
    expect(person.locator("main")).to_contain_text("Your proof is accepted.")
    desk.reload()
    desk.locator("#measure_complainant").select_option("user")
    desk.locator("#measure_measure").select_option("account")
    desk.locator("#measure_report").fill(report)
    desk.get_by_role("button", name="Record measure").click()
    expect(main).to_contain_text("The measure is recorded.")
    desk.get_by_label("the measure is reversed", exact=True).check()
    desk.locator("#decide_reason_code").select_option("listed_in_error")
    desk.locator("#decide_reasons").fill("Your album has pictures of a bridge. Nothing is wrong with them.")
    desk.locator("#decide_notes").fill("The listed item is a bridge.")
    desk.locator(".decision-bar button").first.click()
    confirm(desk)
    expect(main).to_contain_text("The complaint is decided.")
    expect(main).to_contain_text("entry stopped at this provider")
    assert heard == []

    lena = signed_in(chromium, demo, "lena@centre.example").new_page()
    _first(lena, "/desk/reversals/", "Accept and tell everybody")
    waiting = lena.url
    # The newest of the Centre's reversals: an older one of the demonstration may wait too.
    while lena.locator("#accept-form").count():
        waiting = lena.url
        lena.locator(".decision-bar button").first.click()
        confirm(lena)
        expect(lena.locator("main")).to_contain_text("Accepted. Every recipient is told.")
        lena.goto("/desk/reversals/")
        for address in [row.get_attribute("href") or "" for row in lena.locator("tbody[data-queue] a").all()]:
            lena.goto(address)
            if lena.locator("#accept-form").count():
                break
    for email, state in (
        ("katrin@police-de.example", "erased"),
        ("aoife@hotline-ie.example", "corrected"),
        ("jan@hotline-de.example", "corrected"),
        ("priya@pixelpost.example", "corrected"),
    ):
        _answered(chromium, demo, email, state)
    for _ in range(60):
        lena.goto(waiting)
        if lena.locator("h1 .badge").first.inner_text() == "corrected":
            break
        lena.wait_for_timeout(1000)
    expect(lena.locator("main")).to_contain_text("connected Edges corrected")
    expect(lena.locator("h1")).to_contain_text("corrected")

    for _ in range(40):
        page_of(person, number, words)
        if "the correction is finished" in person.locator("main").inner_text():
            break
        person.wait_for_timeout(1000)
    answer = person.locator("main").inner_text()
    assert "Your album has pictures of a bridge." in answer
    assert "the account is open again" in answer
    for forbidden in ("hash", "register", "police", "Landeskriminalamt", "hotline", report):
        assert forbidden not in answer
    assert said == [] or all("422" in one for one in said), said


@pytest.mark.slow
def test_a_serial_complainant_is_handled_by_rule(demo: Demo, chromium: Browser) -> None:
    desk = signed_in(chromium, demo, "sofia@pixelpost.example").new_page()
    heard = quiet(desk)
    _first(desk, "/desk/complaints/", "Complaint 4: give me everything back at once.")
    main = desk.locator("main")
    expect(main.locator("[aria-labelledby=misuse]")).to_contain_text("Manifestly unfounded\n3", use_inner_text=True)
    desk.get_by_label("the measure stays", exact=True).check()
    desk.locator("#decide_reason_code").select_option("manifest")
    desk.get_by_label("We read everything that you wrote.").check()
    desk.locator("#decide_notes").fill("The fourth complaint without a decision.")
    desk.locator(".decision-bar button").first.click()
    confirm(desk)
    expect(main).to_contain_text("The complaint is decided.")
    desk.locator("#misuse_text").fill("Four of four complaints in two days.")
    desk.get_by_role("button", name="Suspend complaints for 90 days").click()
    confirm(desk)
    expect(main).to_contain_text("The complaints are suspended.")
    expect(desk.get_by_role("button", name="End suspension")).to_be_visible()
    assert heard == []


def _asked(desk: Page, about: str, through: str) -> None:
    """Enter a request about a case, through the supervisory authority or by the person."""
    desk.goto("/desk/data-subjects/new/")
    desk.get_by_label("Act").select_option("led")
    desk.get_by_label("Supervisory authority").fill(through)
    desk.get_by_label("Number of the case").fill(about)
    desk.get_by_label("Text of the request").fill("A person asks what is stored.")
    desk.get_by_role("button", name="Enter request").click()


@pytest.mark.slow
def test_a_data_subject_asks_through_the_authority_during_a_hold(demo: Demo, chromium: Browser) -> None:
    desk = signed_in(chromium, demo, "katrin@police-de.example").new_page()
    heard, main = quiet(desk), desk.locator("main")
    # The authority asked that the user of this referral is not told yet.
    _first(desk, "/desk/inbox/?state=open&sort=-received", "End hold")
    found = re.search(r"[A-Z]-\w{4}-\w{4}-\w", desk.locator("h1").inner_text())
    assert found
    letters = []
    for about in ("", found[0]):
        _asked(desk, about, "Data protection authority")
        desk.get_by_label("Text of the answer").fill("Verified by a colleague.")
        desk.get_by_role("button", name="Record answer").click()
        confirm(desk)
        expect(main).to_contain_text("The answer is recorded.")
        expect(desk.locator("h1")).to_contain_text("answered")
        letters.append(desk.locator("[aria-labelledby=letter] .words").inner_text())
    assert letters[0] == letters[1]
    assert "All necessary verifications and a review took place" in letters[0]
    assert "colleague" not in letters[0]
    # The person asks directly: nothing but the neutral letter is possible.
    _asked(desk, found[0], "")
    desk.get_by_label("Text:", exact=True).fill("By letter, with a copy of a document.")
    desk.get_by_role("button", name="Record", exact=True).click()
    desk.get_by_label("request met", exact=True).check()
    for label in ("Data held", "Source of the data", "Recipients", "Retention period", "Text of the answer"):
        desk.get_by_label(label).fill("Everything.")
    desk.get_by_role("button", name="Record answer").click()
    expect(main).to_contain_text("A hold is in effect on this case.")
    for label in ("Data held", "Source of the data", "Recipients", "Retention period"):
        desk.get_by_label(label).fill("")
    desk.get_by_label("request refused", exact=True).check()
    desk.get_by_label("Ground:", exact=True).select_option("led_15")
    desk.get_by_label("Text of the answer").fill("An operation is being prepared.")
    desk.get_by_role("button", name="Record answer").click()
    confirm(desk)
    letter = desk.locator("[aria-labelledby=letter] .words").inner_text()
    assert "We cannot give you information" in letter
    assert "operation" not in letter
    assert heard == []


@pytest.mark.slow
def test_the_operator_runs_a_drill_and_the_centre_reads_who_was_late(demo: Demo, chromium: Browser) -> None:
    commands = re.findall(r"^tutela (.+)$", (ROOT / "docs/howto/drills.md").read_text(), re.MULTILINE)
    assert commands == ["drill run", "drill list"]
    done, listed = (demo.command(*one.split()) for one in commands)
    assert (done.returncode, listed.returncode) == (0, 0), done.stdout + done.stderr
    assert done.stdout.partition(":")[0] in listed.stdout
    assert "Edge has the entry" in done.stdout
    assert "nobody was late" in done.stdout
    lena = signed_in(chromium, demo, "lena@centre.example").new_page()
    heard = quiet(lena)
    lena.goto("/desk/drills/")
    lena.get_by_role("link", name=done.stdout.partition(":")[0]).click()
    expect(lena.locator("h1")).to_contain_text("in time")
    expect(lena.locator("main")).to_contain_text("no longer has the entry")
    aoife = signed_in(chromium, demo, "aoife@hotline-ie.example").new_page()
    aoife.goto("/desk/drills/")
    expect(aoife.locator("main")).to_contain_text("Your organisation takes part since")
    assert heard == []
