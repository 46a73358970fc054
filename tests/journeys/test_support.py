"""The support desk in browsers: a survivor, a parent who learns nothing, the vault with real keys, a quarter."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.support.barriers import barriers
from tests.support.browser import confirm, quiet
from tests.support.drills import Installation, until
from tutela.app.runtime import backup
from tutela.app.runtime.postgres_binaries import binaries

pytestmark = pytest.mark.slow

# Forms whose effect is previewed first.
CONFIRMED = {"neutral"}
PASSWORD = "a calm sentence about lighthouses"
FOUND = f"""
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from tutela.app.config import load
from tutela.casework.mandates import records
from tutela.organisations.people.bootstrap import enrol, found

url = load().public_url
centre = found("EU Centre", "centre", "NL", api_url=url)
support = found("Victim Support", "victim_support", "NL", api_url=url)
for one in (centre, support):
    records.seed_provisional(one)
secrets = {{}}
for name, roles in (("ines", ["analyst"]), ("bram", ["analyst"]), ("chef", ["administrator"])):
    person = enrol(support, email=f"{{name}}@support.example", name=name.title(), password="{PASSWORD}", roles=roles)
    secrets[name] = generate_totp_secret()
    TOTP.activate(person, secrets[name])
print(json.dumps(secrets))
"""
KEY = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "hasPrf": True,
    "automaticPresenceSimulation": True,
}
# Not the name of anybody; nothing else in the node has these letters.
NAME = "Quillow Tarvendish"
PASSPHRASE = "a long passphrase for backups"
NEUTRAL = "We cannot give you information in answer to this request."


@dataclass
class Desk:
    """A running node with its people, each in a browser of their own."""

    node: Installation
    secrets: dict[str, str]
    chromium: Browser
    pages: dict[str, Page] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> Page:
        """The browser of a person, signed in."""
        if name not in self.pages:
            self.pages[name] = _signed_in(self._page(), f"{name}@support.example", self.secrets[name])
        return self.pages[name]

    def somebody(self) -> Page:
        """A browser of somebody without an account."""
        return self._page()

    def _page(self) -> Page:
        context: BrowserContext = self.chromium.new_context(base_url=self.node.url)
        context.set_default_timeout(30_000)
        page = context.new_page()
        self.said.append(quiet(page, self.node.url))  # type: ignore[arg-type]
        return page


@pytest.fixture(scope="module")
def desk(chromium: Browser) -> Iterator[Desk]:
    node = Installation()
    node.url = f"http://localhost:{node.port}"  # a hardware key is bound to a name, never to an address
    node.env["TUTELA_PUBLIC_URL"] = node.url
    try:
        node.migrate()
        secrets: Any = node.run(FOUND)
        node.serve()
        until("the node answers", lambda: _answers(node.url), 120)
        yield Desk(node, secrets, chromium)
    finally:
        node.stop()


def test_names_open_with_admitted_hardware_keys_alone_and_the_person_reads_each_opening(
    desk: Desk, tmp_path: Path
) -> None:
    person = desk.somebody()
    number, words = _writes(person, "support", "I would like to talk. A neutral token.")
    ines, bram = desk("ines"), desk("bram")
    _hardware_key(ines)
    bram_key = _hardware_key(bram)
    _press(ines, "/desk/support/vault/", "Begin the vault with your key", "The hardware key is enrolled.")
    case = _case_of(ines, number)

    ines.goto(f"{case}identity/")
    ines.fill("#name", NAME)
    ines.fill("#contact", "Neutral place")
    with ines.expect_request(lambda one: one.method == "POST" and one.url.endswith("/identity/store/")) as sent:
        ines.click("text=Encrypt and store")
    assert NAME.split()[0] not in (sent.value.post_data or "")
    expect(ines.locator("main")).to_contain_text("The identity is stored.")
    assert _opened(ines, case) == NAME
    assert barriers(ines) == []
    _answers_and_does_not_open(ines)

    # A colleague with a key of their own reads nothing until a member admits it.
    bram.goto("/desk/support/vault/")
    bram.click("main button:has-text('Enrol hardware key')")
    expect(bram.locator("[data-own]")).to_be_visible()
    own = bram.locator("[data-own-fingerprint]").inner_text()
    assert re.fullmatch(r"([0-9a-f]{4} ){4}[0-9a-f]{4}", own), "shown before anything is sent"
    bram.click("text=I wrote it down. Send")
    _signs_in_again(bram, "The hardware key is enrolled.")
    ines.goto("/desk/support/vault/")
    expect(ines.locator("[data-fingerprint-of]")).to_have_text(own)
    bram.goto(f"{case}identity/")
    expect(bram.locator("main")).to_contain_text("You have no admitted hardware key.")
    _press(ines, "/desk/support/vault/", "Admit hardware key", "The hardware key is admitted.")
    assert _opened(bram, case) == NAME
    session, known = bram_key
    session.send("WebAuthn.clearCredentials", {"authenticatorId": known})
    assert _opened(bram, case) == "", "without the hardware key nothing is shown"
    expect(bram.locator("main form [role=status]")).to_contain_text("did not answer")

    # An administrator has no way to it.
    chef = desk("chef")
    for place in ("/desk/support/vault/", f"{case}identity/", case):
        answer = chef.goto(place)
        assert answer is not None
        assert answer.status == 404

    _enters(person, "support", number, words)
    expect(person.locator("[data-openings]")).to_have_attribute("data-openings", "3")
    expect(person.locator("main")).to_contain_text("contact the person, as they wished")
    assert barriers(person) == []
    _nowhere_in_clear(desk.node, tmp_path)


def test_a_survivor_reads_the_answer_in_accessible_formats(desk: Desk) -> None:
    person, ines = desk.somebody(), desk("ines")
    number, words = _writes(person, "ask-about-pictures", f"sha256 {'ab' * 32}")
    _answered(ines, _request_of(ines, number))
    _enters(person, "ask-about-pictures", number, words)
    expect(person.locator("main")).to_contain_text("Pixelpost reported it on 2026-11-02.")
    assert barriers(person) == []
    with person.expect_download() as caught:
        person.click("button[value=pdf]")
    assert caught.value.path().read_bytes().startswith(b"%PDF-")
    person.click("button[value=large]")
    expect(person.locator("h1")).to_have_text("Answer")
    expect(person.locator("main")).to_contain_text("Pixelpost")
    assert barriers(person) == []
    _enters(person, "ask-about-pictures", number, words)
    person.click("text=If your pictures are seen again")
    person.select_option("#notify", "never")
    person.click("text=Save")
    expect(person.locator("main .message.success")).to_be_visible()
    assert person.context.cookies() == []


def test_an_abusing_parent_asks_and_learns_nothing(desk: Desk) -> None:
    parent, ines = desk.somebody(), desk("ines")
    number, words = _writes(parent, "ask-for-another", "I am the father. What do you have about my child?")
    _enters(parent, "ask-for-another", number, words)
    before = _seen(parent)
    request = _request_of(ines, number)
    _prepared(ines, request)
    _heard(ines, request, "does_not", excluded="no")
    ines.goto(request)
    ines.click("#answer-form button")
    expect(ines.locator("main")).to_contain_text("Hear the child alone first, and record the child's own wish.")
    _enters(parent, "ask-for-another", number, words)
    assert _seen(parent) == before
    _neutral(ines, request)
    _enters(parent, "ask-for-another", number, words)
    page = parent.locator("main").inner_text()
    assert NEUTRAL in page
    assert "Pixelpost" not in page


def test_a_representative_is_answered_by_the_childs_recorded_wish(desk: Desk) -> None:
    guardian, ines = desk.somebody(), desk("ines")
    number, words = _writes(guardian, "ask-for-another", "I am the guardian of a child.")
    request = _request_of(ines, number)
    _heard(ines, request, "wants", excluded="yes")
    _answered(ines, request)
    _enters(guardian, "ask-for-another", number, words)
    expect(guardian.locator("main")).to_contain_text("Pixelpost reported it on 2026-11-02.")


def test_a_helpline_returns_its_quarter(desk: Desk) -> None:
    ines = desk("ines")
    day = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
    while (day.month % 3) != 0:
        day = day.replace(day=1) - timedelta(days=1)
    for _ in range(3):
        ines.goto("/desk/helpline/")
        ines.fill("#id_day", day.isoformat())
        ines.select_option("#id_category", "grooming")
        ines.select_option("#id_age", "teen")
        ines.select_option("#id_channel", "chat")
        ines.click("text=Log contact")
        expect(ines.locator("main")).to_contain_text("The contact is logged.")
    ines.click("text=Make return")
    expect(ines.locator("main")).to_contain_text("The return is made.")
    ines.click("main a[href*='/returns/']")
    expect(ines.locator("main")).to_contain_text("withheld")
    answer = ines.request.get(f"{ines.url}?file=json")
    assert answer.json()["groups"]["category"] == {"grooming": None}


def _hardware_key(page: Page) -> tuple[CDPSession, str]:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]


def _press(page: Page, place: str, button: str, said: str) -> None:
    page.goto(place)
    page.click(f"main button:has-text('{button}')")
    _signs_in_again(page, said)


def _signs_in_again(page: Page, said: str) -> None:
    """Wait for the page that says it, and give the password where it is asked first."""
    asked, done = page.locator("main [name=password]"), page.locator("main").filter(has_text=said)
    expect(asked.or_(done).first).to_be_visible(timeout=30_000)
    if asked.is_visible():
        asked.fill(PASSWORD)
        page.click("main form button[type=submit] >> nth=0")
    expect(done).to_be_visible(timeout=30_000)


def _opened(page: Page, case: str) -> str:
    """Open the identity of a case; returns the name that the page shows, or nothing where no key answers."""
    page.goto(f"{case}identity/")
    page.select_option("main [name=purpose]", "contact")
    page.click("main button:has-text('Open identity')")
    page.click("main button:has-text('Decrypt')")
    shown, failed = page.locator("[data-identity-shown=name]"), page.locator("main form [role=status]")
    expect(shown.or_(failed).locator("visible=true").first).to_be_visible()
    return shown.inner_text() if shown.is_visible() else ""


def _answers_and_does_not_open(page: Page) -> None:
    """On the page of an opened identity: a hardware key that answers for another vault is told apart from none."""
    form = page.locator("form[data-vault=reveal]").first
    form.evaluate("form => { form.dataset.check = 'of another vault'; }")
    form.locator("button").click()
    expect(form.locator("[role=status]")).to_contain_text("answered, but does not open this vault")


def _nowhere_in_clear(node: Installation, tmp_path: Path) -> None:
    """No log, no file of the data folder and no part of an opened backup has the name."""
    file = tmp_path / "node.backup"
    done = node.cli("backup", str(file), TUTELA_BACKUP_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 0, done.stderr
    entries = backup._entries(backup._open(file.read_bytes(), PASSPHRASE, []))
    restore = [str(binaries() / "pg_restore"), "--file=-"]
    dump = subprocess.run(restore, input=entries.pop(backup.DUMP), capture_output=True, check=True).stdout
    assert b"vault_identity" in dump or b"victims_vaultidentity" in dump
    texts = [dump, *entries.values(), node.log.read_bytes(), *(one.read_bytes() for one in node.data.rglob("*.log"))]
    for part in NAME.split():
        assert not any(part.encode() in text for text in texts)


def _writes(page: Page, kind: str, text: str) -> tuple[str, str]:
    page.goto(f"/en/{kind}/")
    page.fill("#text", text)
    page.click("main form button")
    page.wait_for_selector("#number")
    return page.inner_text("#number"), page.inner_text("#passphrase")


def _enters(page: Page, kind: str, number: str, words: str) -> None:
    page.goto(f"/en/{kind}/answers/")
    page.fill("#number", number)
    page.fill("#passphrase", words)
    page.click("main form button")
    page.wait_for_selector("textarea#text")


def _case_of(page: Page, number: str) -> str:
    return _found(page, f"/desk/support/?text={number}")


def _request_of(page: Page, number: str) -> str:
    return _found(page, f"/desk/information/?text={number}")


def _found(page: Page, place: str) -> str:
    page.goto(place)
    found = page.locator("tbody[data-queue] a").first.get_attribute("href")
    assert found
    return found


def _prepared(page: Page, request: str) -> None:
    """Identity is proved, and one own item has a fact."""
    _form(page, request, "identity", method="proof_in_person", proved="yes")
    _form(page, request, "items", text=f"sha256 {'ab' * 32}")
    _form(page, request, "own", own="yes")
    said = {"place": "1", "provider": "Pixelpost", "reported_on": "2026-11-02", "removed": "yes"}
    _form(page, request, "facts", **said, forwarded_to="Garda")


def _answered(page: Page, request: str) -> None:
    _prepared(page, request)
    page.goto(request)
    page.click("#answer-form button")
    confirm(page)
    expect(page.locator("main")).to_contain_text("The answer is given.")


def _heard(page: Page, request: str, wish: str, *, excluded: str) -> None:
    said = {"wish": wish, "age_band": "from_12", "maturity": "Speaks for herself.", "heard_alone": "on"}
    _form(page, request, "wish", **said)
    _form(page, request, "conflict", excluded=excluded, ground="Spoke with the guardian's office.")


def _neutral(page: Page, request: str) -> None:
    _form(page, request, "neutral", reason="Conflict of interest.")


def _form(page: Page, request: str, action: str, /, **values: str) -> None:
    """Fill in the form of a page that is sent to a place below it, and send it."""
    page.goto(request)
    form = page.locator(f"form[action='{request}{action}/']").first
    form.evaluate("form => form.closest('details')?.setAttribute('open', '')")
    for name, value in values.items():
        fields = form.locator(f"[name={name}]")
        kind = fields.first.evaluate("one => one.type || one.tagName.toLowerCase()")
        if kind == "radio":
            form.locator(f"[name={name}][value={value}]").check()
        elif kind == "checkbox":
            fields.first.check()
        elif kind == "select-one":
            fields.first.select_option(value)
        else:
            fields.first.fill(value)
    form.locator("button").click()
    if action in CONFIRMED:
        confirm(page)
    expect(page.locator("main .message.success, .message.success").first).to_be_visible()


def _seen(page: Page) -> str:
    """What a page says, without what differs between two visits."""
    return re.sub(r"\d{4}-\d\d-\d\d.*", "*", page.locator("main").inner_text())


def _signed_in(page: Page, email: str, secret: str) -> Page:
    page.goto("/account/login/")
    page.fill("#id_login", email)
    page.fill("#id_password", PASSWORD)
    page.click("main form button >> nth=0")
    page.wait_for_url("**/2fa/**")
    for _ in range(3):  # the code may turn over while it is typed
        page.fill("[name=code]", pyotp.TOTP(secret).now())
        with page.expect_navigation():
            page.click("main form button[type=submit] >> nth=0")
        if "/2fa/" not in page.url:
            break
    page.wait_for_url("**/desk/purpose/**")
    page.click("main button")
    page.wait_for_url("**/desk/")
    return page


def _answers(url: str) -> bool:
    try:
        return httpx.get(url + "/", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
