"""Ways to sign in, in real Chromium: a hardware key (a virtual one), and single sign-on at a real OpenID provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import oidc_provider_mock
import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import quiet, submit
from tests.support.drills import Installation, until

pytestmark = pytest.mark.slow

PASSWORD = "a calm sentence about lighthouses"
FOUND = f"""
from tutela.app.config import load
from tutela.organisations.people.bootstrap import enrol
from tutela.organisations.people.bootstrap import found
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

provider = found("Pixelpost", "provider", "IE", api_url=load().public_url)
secrets = {{}}
for name in ("vera", "olaf", "gone"):
    person = enrol(provider, email=f"{{name}}@pixelpost.example", name=name.title(), password="{PASSWORD}",
                   roles=["administrator"])
    secrets[name] = generate_totp_secret()
    TOTP.activate(person, secrets[name])
    if name == "gone":
        from tutela.organisations.people.roles import set_person_status
        set_person_status(provider, person.pk, "deactivated", "Left")
print(json.dumps(secrets))
"""


@dataclass
class Desk:
    """A running node with single sign-on, and the second factors of its people."""

    url: str
    secrets: dict[str, str]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    users = [
        oidc_provider_mock.User(sub=sub, claims={"email": email, "email_verified": verified})
        for sub, email, verified in (
            ("1", "olaf@pixelpost.example", True),
            ("2", "vera@pixelpost.example", False),
            ("3", "stranger@elsewhere.example", True),
            ("4", "gone@pixelpost.example", True),
        )
    ]
    with oidc_provider_mock.run_server_in_thread(user_claims=users) as issuer:
        node = Installation(
            TUTELA_OIDC_ISSUER=f"http://localhost:{issuer.server_port}",
            TUTELA_OIDC_CLIENT_ID="tutela",
            TUTELA_OIDC_CLIENT_SECRET="secret",
        )
        node.url = f"http://localhost:{node.port}"  # a hardware key is bound to a name, never to an address
        node.env["TUTELA_PUBLIC_URL"] = node.url
        try:
            node.migrate()
            secrets = node.run(FOUND)
            node.serve()
            until("the node answers", lambda: _answers(node.url), 120)
            yield Desk(node.url, secrets)
        finally:
            node.stop()


@contextmanager
def visit(chromium: Browser, desk: Desk) -> Iterator[tuple[BrowserContext, Page]]:
    context = chromium.new_context(base_url=desk.url)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/account/login/")
    try:
        yield context, page
    finally:
        context.close()


def _code(page: Page, secret: str) -> None:
    """The second factor; its code may turn over while it is typed."""
    for _ in range(3):
        page.fill("[name=code]", pyotp.TOTP(secret).now())
        with page.expect_navigation():
            page.click("main form button[type=submit] >> nth=0")
        if "/2fa/" not in page.url:
            return


def test_single_sign_on_opens_the_account_with_the_same_verified_address(chromium: Browser, desk: Desk) -> None:
    with visit(chromium, desk) as (_context, page):
        _at_the_provider(page, "1")
        page.wait_for_url(re.compile("/2fa/|/desk/purpose/"))
        if "/2fa/" in page.url:
            _code(page, desk.secrets["olaf"])
        page.wait_for_url("**/desk/purpose/**")
        expect(page.locator(".who")).to_contain_text("Olaf")


@pytest.mark.parametrize("subject", ["2", "3", "4"], ids=["unverified address", "stranger", "deactivated"])
def test_single_sign_on_makes_no_account_and_trusts_no_unproven_address(
    chromium: Browser, desk: Desk, subject: str
) -> None:
    with visit(chromium, desk) as (_context, page):
        _at_the_provider(page, subject)
        page.wait_for_url("**/account/login/**")
        expect(page.locator("main")).to_contain_text("no verified address that has an active account")
        page.goto("/desk/")
        assert "/account/login/" in page.url


def test_a_hardware_key_is_added_and_opens_the_desk(chromium: Browser, desk: Desk) -> None:
    with visit(chromium, desk) as (context, page):
        said = quiet(page, desk.url)
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "usb",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        _password(page, "vera@pixelpost.example")
        _code(page, desk.secrets["vera"])
        page.wait_for_url("**/desk/purpose/**")
        page.goto("/account/2fa/webauthn/add/")
        if "reauthenticate" in page.url:
            page.fill("[name=password]", PASSWORD)
            page.click("main form button[type=submit] >> nth=0")
        page.fill("[name=name]", "Key on my ring")
        page.click("main form button >> nth=0")
        page.wait_for_url(re.compile("recovery-codes|webauthn/$"))
        page.goto("/account/2fa/webauthn/")
        expect(page.locator("main")).to_contain_text("Key on my ring")
        submit(page.locator(".who button.plain"))
        page.goto("/account/login/")
        _password(page, "vera@pixelpost.example")
        page.click("#mfa_webauthn_authenticate")
        page.wait_for_url("**/desk/purpose/**")
        assert not said


def _password(page: Page, email: str) -> None:
    page.fill("#id_login", email)
    page.fill("#id_password", PASSWORD)
    page.click("main form button >> nth=0")
    page.wait_for_url("**/2fa/**")


def _at_the_provider(page: Page, subject: str) -> None:
    page.click("text=Single sign-on")
    page.wait_for_url("**/account/oidc/oidc/login/**")  # only a form of ours may start it, not a link of somebody's
    page.click("main form button >> nth=0")
    page.wait_for_url(re.compile("oauth2/authorize"))
    with page.expect_navigation():
        page.click(f"button[name=sub][value='{subject}']")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url + "/", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
