"""Acts on the register that take a security key, in real Chromium with a virtual one: asked, signed, done, verified."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import quiet
from tests.support.drills import Installation, until

pytestmark = pytest.mark.slow

PASSWORD = "a calm sentence about lighthouses"
FOUND = f"""
import secrets
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from tutela.app.config import load
from tutela.casework.mandates import records
from tutela.indicators.register.propose import propose
from tutela.indicators.hashes.validation import HashValue
from tutela.law import classification
from tutela.organisations.people.bootstrap import enrol
from tutela.organisations.people.bootstrap import found

url = load().public_url
centre = found("EU Centre", "centre", "NL", api_url=url)
value = {{"value": "known-material", "label": "Material within Art. 2(c)"}}
scheme = {{"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": [value]}}
classification.import_scheme(centre, scheme)
irish, germans = found("Hotline Ireland", "hotline", "IE", api_url=url), found("Hotline", "hotline", "DE", api_url=url)
made = [
    propose(
        irish, given=[HashValue("sha256", secrets.token_hex(32))], media_type="image",
        classification="eu-2011-93:known-material", reason="Assessed",
    )
    for _ in range(3)
]
for one in (centre, irish, germans):
    records.seed_provisional(one)
person = enrol(germans, email="jan@hotline-de.example", name="Jan", password="{PASSWORD}",
               roles=["administrator", "analyst"])
secret = generate_totp_secret()
TOTP.activate(person, secret)
print(json.dumps({{"secret": secret, "made": [str(one) for one in made]}}))
"""
KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Desk:
    """A running node, the second factor of its analyst, and what waits to be certified."""

    node: Installation
    secret: str
    made: list[str]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    node = Installation()
    node.url = f"http://localhost:{node.port}"  # a security key is bound to a name, never to an address
    node.env["TUTELA_PUBLIC_URL"] = node.url
    try:
        node.migrate()
        found = node.run(FOUND)
        node.serve()
        until("the node answers", lambda: _answers(node.url), 120)
        yield Desk(node, found["secret"], found["made"])
    finally:
        node.stop()


def test_an_analyst_certifies_with_a_key(chromium: Browser, desk: Desk) -> None:
    context = chromium.new_context(base_url=desk.node.url)
    context.set_default_timeout(20_000)
    page = context.new_page()
    said = quiet(page, desk.node.url)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    known = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]
    _signed_in(page, desk)
    _add_key(page)

    page.goto("/desk/organisation/approval-rules/")
    page.fill("#key-reason", "Policy of the house")
    page.click("section:has(#key-reason) button")
    expect(page.locator("h1")).to_contain_text("Require more for actions on the register")
    _press_when_there(page, "y")
    expect(page.locator(".message")).to_contain_text("Rule changed.")

    first = desk.made[0]
    page.goto(f"/desk/indicators/{first}/")
    page.click("button[form='certify-form']")
    expect(page.locator("h1")).to_contain_text("Certify an indicator")
    page.click("text=Confirm with your security key")
    expect(page.locator(".message")).to_contain_text("The indicator is active")
    expect(page.locator("main")).to_contain_text("confirmed with a security key")

    # Several at once, by the keyboard.
    page.goto("/desk/indicators/?state=mine_to_certify")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    page.click("button[name=act][value=certify]")
    expect(page.locator("h1")).to_contain_text("Certify selected indicators")
    _press_when_there(page, "y")
    expect(page.locator("h1")).to_contain_text("Certify several indicators")
    _press_when_there(page, "y")
    expect(page.locator("main [role=status]").first).to_contain_text("2 of 2 done")

    # Without the key nothing is done, and the page says so.
    devtools.send("WebAuthn.clearCredentials", {"authenticatorId": known})
    page.goto("/desk/organisation/approval-rules/")
    page.fill("#key-reason", "Too slow")
    page.click("section:has(#key-reason) button")
    page.click("text=Confirm with your security key")
    expect(page.locator("form [role=status]")).to_contain_text("did not answer")
    assert not said

    file = json.loads(_text(page, f"/desk/indicators/{first}/certifications.json"))
    place = desk.node.data / "certifications.json"
    place.write_text(json.dumps(file))
    done = desk.node.cli("verify", "certification", str(place))
    assert done.returncode == 0, done.stderr
    assert "confirmed with a security key" in done.stdout
    context.close()


def _signed_in(page: Page, desk: Desk) -> None:
    page.goto("/account/login/")
    page.fill("#id_login", "jan@hotline-de.example")
    page.fill("#id_password", PASSWORD)
    page.click("main form button >> nth=0")
    page.wait_for_url("**/2fa/**")
    for _ in range(3):  # the code may turn over while it is typed
        page.fill("[name=code]", pyotp.TOTP(desk.secret).now())
        with page.expect_navigation():
            page.click("main form button[type=submit] >> nth=0")
        if "/2fa/" not in page.url:
            break
    page.wait_for_url("**/desk/purpose/**")
    page.click("main button")
    page.wait_for_url("**/desk/")


def _add_key(page: Page) -> None:
    page.goto("/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit] >> nth=0")
    page.fill("[name=name]", "Key on my ring")
    page.click("main form button >> nth=0")
    page.wait_for_url(re.compile("recovery-codes|webauthn/$"))
    page.goto("/desk/you/")
    expect(page.locator("main")).to_contain_text("Key on my ring")


def _text(page: Page, address: str) -> str:
    answer = page.request.get(address)
    assert answer.ok
    return answer.text()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url + "/", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _press_when_there(page: Page, key: str) -> None:
    """A heading is there before the page's scripts are: until then nobody listens to keys."""
    page.wait_for_load_state()
    page.keyboard.press(key)
