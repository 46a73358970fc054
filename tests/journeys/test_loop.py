"""The whole loop in real browsers, people in sessions of their own; and the wrong organisation sees nothing."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Demo, confirm, quiet, signed_in, submit
from tutela.media import Hashed, HasherPool

PATIENCE_MS = 40_000


@pytest.mark.slow
def test_the_loop_in_real_browsers(demo: Demo, chromium: Browser) -> None:
    edge = json.loads((Path(demo.env["TUTELA_DATA"]) / "demo.json").read_text())["edge"]
    picture, hashed = _picture()
    account = f"account-{secrets.token_hex(4)}"

    aoife, jan = (
        signed_in(chromium, demo, e).new_page() for e in ("aoife@hotline-ie.example", "jan@hotline-de.example")
    )
    said = quiet(aoife)
    aoife.goto("/desk/indicators/propose/")
    aoife.fill("[name=sha256]", hashed.digests.sha256)
    aoife.fill("[name=pdq]", hashed.frames[0].pdq.hex())
    aoife.fill("[name=quality]", str(hashed.frames[0].quality))
    aoife.fill("[name=reason]", "Assessed for the journey")
    aoife.click("main button")
    aoife.wait_for_url(re.compile(r"/desk/indicators/[0-9a-f-]{36}/$"))
    indicator = aoife.url
    jan.goto(indicator)
    jan.keyboard.press("c")
    expect(jan.locator("h1 .badge")).to_have_text("active")

    _until_matched(edge, picture)
    _scan(edge, picture, f"album/{account}", account)

    tom = signed_in(chromium, demo, "tom@pixelpost.example").new_page()
    _find_candidate(tom, account)
    tom.click("button[name=decision][value=confirm], button:has-text('Confirm') >> nth=0")
    tom.wait_for_url(re.compile(r"/desk/drafts/[0-9a-f-]{36}/"))
    report = tom.url

    priya = signed_in(chromium, demo, "priya@pixelpost.example").new_page()
    priya.goto(f"{report}edit/")
    priya.fill("[name=locations-0-ip]", "192.0.2.9")
    priya.fill("[name=locations-0-port]", "4711")
    priya.fill("[name=locations-0-at]", "2026-11-20T12:00:00")
    priya.fill("[name=country]", "DE")
    submit(priya.locator("main button:has-text('Save')").first)
    priya.goto(report)
    submit(priya.locator("form[action$='/send/'] button"))
    _reload_until(priya, "received")

    report_id = report.rstrip("/").rsplit("/", 1)[1]
    marek = signed_in(chromium, demo, "marek@centre.example").new_page()
    marek.goto(f"/desk/reports/{report_id}/")
    marek.keyboard.press("f")
    marek.keyboard.press("s")
    marek.wait_for_load_state()
    expect(marek.locator("main")).to_contain_text("Only one country is named")
    marek.click("form[action$='/refer/'] button")
    expect(marek.locator("main")).to_contain_text("Landeskriminalamt")

    katrin = signed_in(chromium, demo, "katrin@police-de.example").new_page()
    _find_referral(katrin, report_id)
    katrin.click("form[action$='/acknowledge/'] button")
    katrin.select_option("select[name=kind]", "closed")
    katrin.select_option("select[name=release]", "provider")
    submit(katrin.locator("form.stack[action$='/outcome/'] button"))
    _reload_until(priya, "closed")

    lena = signed_in(chromium, demo, "lena@centre.example").new_page()
    lena.goto(indicator)
    lena.fill("#rreason", "Revoked by the journey")
    lena.click("form[action$='/revoke/'] button")
    confirm(lena)
    expect(lena.locator("h1 .badge")).to_have_text("revoked")
    _until_matched(edge, picture, matched=False)
    _reload_until(priya, "Revoked by the journey")
    assert said == []


@pytest.mark.slow
def test_the_wrong_organisation_finds_nothing(demo: Demo, chromium: Browser) -> None:
    """Addresses of one desk's work, opened by everybody else: a page that says that there is nothing."""
    owner = {
        "marek@centre.example": "/desk/reports/?state=all",
        "tom@pixelpost.example": "/desk/candidates/",
        "priya@pixelpost.example": "/desk/drafts/",
        "katrin@police-de.example": "/desk/inbox/?state=all",
    }
    addresses: dict[str, str] = {}
    for email, listing in owner.items():
        page = signed_in(chromium, demo, email).new_page()
        page.goto(listing)
        addresses[email] = page.locator("tbody[data-queue] a").first.get_attribute("href") or ""
    for stranger in (
        "luc@police-fr.example",
        "hugo@chatterbox.example",
        "aoife@hotline-ie.example",
        "nora@audit.example",
    ):
        page = signed_in(chromium, demo, stranger).new_page()
        for address in addresses.values():
            answer = page.goto(address)
            assert answer
            assert answer.status == 404, (stranger, address)


def _picture() -> tuple[bytes, Hashed]:
    from tutela.app.demo import pictures

    data = pictures.encoded(pictures.unseen())
    with HasherPool(workers=1) as pool:
        hashed = pool.hash_bytes(data, tenant="house")
    assert isinstance(hashed, Hashed)
    return data, hashed


def _scan(edge: dict[str, str], data: bytes, item: str = "", account: str = "") -> bool:
    headers = {"Authorization": f"Bearer {edge['TUTELA_EDGE_TOKENS']}"}
    if item:
        headers |= {"X-Tutela-Item": item, "X-Tutela-Account": account}
    answer = httpx.post(f"http://{edge['TUTELA_EDGE_LISTEN']}/v1/scan", content=data, headers=headers, timeout=30)
    return answer.status_code == 200 and bool(answer.json()["matches"])


def _until_matched(edge: dict[str, str], data: bytes, *, matched: bool = True) -> None:
    for _ in range(400):
        if _scan(edge, data) is matched:
            return
    raise AssertionError(f"the Edge did not come to {'match' if matched else 'stop matching'}")


def _find_candidate(page: Page, account: str) -> None:
    def look() -> bool:
        page.goto("/desk/candidates/")
        link = page.locator(f"tr:has-text('{account}') a").first
        if not link.count():
            return False
        link.click()
        return True

    _look_until(page, look, f"candidate of {account}")


def _find_referral(page: Page, report_id: str) -> None:
    def look() -> bool:
        page.goto("/desk/inbox/?state=new")
        for address in [a.get_attribute("href") or "" for a in page.locator("tbody[data-queue] a").all()]:
            page.goto(address)
            if page.locator(f"text={report_id}").count():
                return True
        return False

    _look_until(page, look, f"referral of {report_id}")


def _reload_until(page: Page, text: str) -> None:
    def look() -> bool:
        page.reload()
        return bool(page.locator(f"main:has-text('{text}')").count())

    _look_until(page, look, text)


def _look_until(page: Page, look: object, what: str) -> None:
    for _ in range(PATIENCE_MS // 500):
        if look():  # type: ignore[operator]
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"waited {PATIENCE_MS} ms for {what}")
