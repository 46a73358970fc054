"""Prevention in a real browser: a worried person reads without a trace, and a question returns answered."""

from __future__ import annotations

import re
import secrets

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import APIResponse, Browser, BrowserContext, Request, expect

from tests.support.browser import Demo, quiet, signed_in

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
WORRIED = ("", "duty/", "adult/", "young/", "relative/", "early-signs/", "organisations/", "code-of-conduct/")
HUB = ("", "coverage/", "rule/", "overdue/", "questions/", "briefs/", "network/")
PATIENCE = 60_000
STUDY = re.compile(r"/desk/prevention/studies/([0-9a-f-]{36})/")
PROGRAMME = re.compile(r"/desk/prevention/programmes/([0-9a-f-]{36})/")
LOW = dict.fromkeys(("allocation", "deviation", "missing", "measurement", "reporting"), "low") | {"reason": "Journey."}


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
def test_a_worried_person_reads_and_no_request_has_an_answer_or_leaves(
    demo: Demo, chromium: Browser, script: bool
) -> None:
    small = {"width": 390, "height": 800}
    context = chromium.new_context(base_url=demo.address, java_script_enabled=script, viewport=small)
    page = context.new_page()
    asked = list[Request]()
    page.on("request", lambda request: asked.append(request))
    page.goto("/en/worried/")
    for name in ("Who must report?", "Continue", "I am an adult and worry about myself"):
        page.locator("main").get_by_role("link", name=name).first.click()
    expect(page.locator("main")).to_contain_text("112")
    assert all(one.url.startswith(demo.address) for one in asked)
    assert {one.method for one in asked} == {"GET"}
    assert not [one.url for one in asked if "?" in one.url]
    assert context.cookies() == []


@pytest.mark.slow
def test_pages_have_no_barrier_that_a_machine_finds(demo: Demo, chromium: Browser) -> None:
    context = chromium.new_context(base_url=demo.address, bypass_csp=True)
    page = context.new_page()
    for address in (*(f"/en/worried/{one}" for one in WORRIED), *(f"/en/prevention/{one}" for one in HUB)):
        page.goto(address)
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate("options => axe.run(options)", AXE)
        assert [one["id"] for one in found["violations"]] == [], address


@pytest.mark.slow
def test_a_practitioners_question_returns_answered(demo: Demo, chromium: Browser) -> None:
    asker = chromium.new_context(base_url=demo.address).new_page()
    said = quiet(asker)
    asker.goto("/en/prevention/questions/")
    asker.get_by_role("link", name="Ask a question").click()
    asker.locator("#text").fill("What helps lighthouse keepers?")
    asker.locator("main button").click()
    expect(asker.locator("#number:not(input)")).to_be_visible(timeout=PATIENCE)
    number, words = asker.locator("#number").inner_text(), asker.locator("#passphrase").inner_text()
    desk = signed_in(chromium, demo, "lena@centre.example").new_page()
    desk.goto("/desk/prevention/questions/?state=asked")
    desk.locator("main li a").last.click()
    desk.locator("#wording_wording").fill("What helps lighthouse keepers after release?")
    desk.get_by_role("button", name="Save wording").click()
    desk.locator("#step_step").select_option("not_known")
    desk.locator("#step_text").fill("Nobody has studied this yet.")
    desk.get_by_role("button", name="Record step").click()
    expect(desk.locator("main")).to_contain_text("nobody knows")
    asker.goto("/en/prevention-question/answers/")
    asker.locator("#number").fill(number)
    asker.locator("#passphrase").fill(words)
    asker.locator("main button").click()
    expect(asker.locator("main")).to_contain_text("Nobody has studied this yet.", timeout=PATIENCE)
    assert said == []


def _submit(person: BrowserContext, page: str, action: str, given: dict[str, str]) -> APIResponse:
    """Send a form of a page as its browser does. Fails where the answer shows an error."""
    form = person.request.get(page)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text())
    assert token is not None, page
    said = {"csrfmiddlewaretoken": token[1], **given}
    answer = person.request.post(action, form=said, headers={"Referer": form.url})
    assert answer.status == 200, answer.text()
    assert not re.search(r'class="(?:message error|errorlist)', answer.text()), answer.text()
    return answer


def _number() -> str:
    """A registration number that no study has."""
    return f"NCT8{secrets.randbelow(10**7):07d}"


def _judged(curators: list[BrowserContext], programme: str, number: str, interval: tuple[str, str, str]) -> None:
    """A registered trial of a programme with one result, judged by all curators."""
    new, given = "/desk/prevention/studies/new/", {"title": f"Invented trial {number}", "registration": number}
    given |= {"design": "randomised", "status": "published", "source": "invented", "registered_before": "on"}
    given |= {"published": "2026-01-02", "attrition_percent": "5"}
    found = STUDY.search(_submit(curators[0], new, new, given).url)
    assert found is not None
    path = f"/desk/prevention/studies/{found[1]}/"
    result = {"programme": programme, "kind": "record", "outcome": "invented outcome", "target": "worried"}
    result |= {"setting": "clinic", "metric": "risk_ratio", "lower_is_better": "on"}
    result |= dict(zip(("estimate", "low", "high"), interval, strict=True))
    _submit(curators[0], path, f"{path}result/", result)
    for curator in curators:
        _submit(curator, path, f"{path}judge/", LOW)


@pytest.mark.slow
def test_a_powered_null_changes_a_grade_and_a_small_one_does_not(demo: Demo, chromium: Browser) -> None:
    marek, lena = (signed_in(chromium, demo, f"{name}@centre.example") for name in ("marek", "lena"))
    new, given = "/desk/prevention/new/", {"name": "Invented: Journey", "language": "en", "stages": "before"}
    given |= {"targets": "worried", "status": "running", "source": "invented for the journey"}
    found = PROGRAMME.search(_submit(marek, new, new, given).url)
    assert found is not None
    shown = lambda: marek.request.get(f"/desk/prevention/programmes/{found[1]}/").text()  # noqa: E731
    _judged([marek], found[1], _number(), ("1.00", "0.90", "1.11"))
    assert "no effect shown" not in shown()
    _judged([marek, lena], found[1], _number(), ("0.95", "0.50", "1.80"))
    assert "no effect shown" not in shown()
    _judged([marek, lena], found[1], _number(), ("1.00", "0.90", "1.11"))
    assert "no effect shown" in shown()


@pytest.mark.slow
def test_a_stale_leaflet_is_renewed_at_once_and_a_campaign_is_refused_a_word(demo: Demo, chromium: Browser) -> None:
    desk = signed_in(chromium, demo, "lena@centre.example").new_page()
    desk.goto("/desk/prevention/materials/")
    desk.locator("main li a").first.click()
    expect(desk.locator("main li .badge.warn", has_text="stale")).to_have_count(2)
    desk.get_by_role("button", name="Renew materials").click()
    expect(desk.locator("main li .badge.warn", has_text="stale")).to_have_count(0)
    desk.goto("/desk/prevention/campaigns/")
    desk.get_by_text("Record result").first.click()
    form = desk.locator("form[action$='/result/']").first
    form.locator("[name=statement]").fill("The campaign was effective.")
    form.get_by_role("button").click()
    expect(desk.locator(".errorlist, .message.error").first).to_contain_text("effective")


@pytest.mark.slow
def test_worksheets_work_and_no_request_follows(demo: Demo, chromium: Browser) -> None:
    context = chromium.new_context(base_url=demo.address, viewport={"width": 390, "height": 800})
    page = context.new_page()
    said = quiet(page)
    page.goto("/en/worried/organisations/", wait_until="networkidle")
    asked = list[Request]()
    page.on("request", lambda request: asked.append(request))
    for point in page.locator("[data-point]").all():
        point.locator("input[value=yes]").check()
    page.locator("[data-point] input[value=no]").first.check()
    page.locator("[data-owner]").first.fill("Robin")
    page.get_by_role("button", name="Make action plan").click()
    expect(page.locator("[data-result]")).to_contain_text("Not yet safe")
    expect(page.locator("[data-plan] li").first).to_contain_text("Robin")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save file").click()
    assert "Robin" in saved.value.path().read_text()
    assert [one.url for one in asked if not one.url.startswith("blob:")] == []
    page.reload(wait_until="networkidle")
    assert page.locator("[data-owner]").first.input_value() == ""
    page.goto("/en/worried/early-signs/", wait_until="networkidle")
    asked.clear()
    page.locator("[data-choose=country]").select_option("DE")
    page.locator("[data-choose=concern]").select_option("told")
    expect(page.locator("details[data-when]:visible")).to_have_count(1)
    assert [one.url for one in asked] == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert context.cookies() == []
    assert said == []
