"""Removal requests in browsers: a telephone whose traffic is watched, and hosts whose Edge reports what matches."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from tests.support.browser import Demo, confirm, quiet, signed_in
from tests.support.drills import until
from tests.support.pictures import texture
from tutela.app.demo.removal.edge_messages import entry_of, matched_item

PATIENCE, SECONDS = 60_000, 60.0
MOST_BYTES = 16_000


@dataclass(frozen=True)
class CaseAccess:
    """A case number with its passphrase, and the kind of conversation."""

    number: str
    passphrase: str
    kind: str = "remove-pictures"


@dataclass
class Telephone:
    """A browser with a narrow window that keeps what left it and what it complained about."""

    page: Page
    context: BrowserContext
    language: str = "en"
    traffic: list[Request] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def open(self, place: str) -> None:
        """Open a page below the language."""
        self.page.goto(f"/{self.language}/{place}")

    def choose(self, file: Path, told: str = "ready") -> None:
        """Choose a file, and wait until the page tells of its fingerprint."""
        self.page.locator("#picture").set_input_files(file)
        self._tells(told)

    def send(self) -> dict[str, Any]:
        """Send the fingerprint; returns the body that left."""
        with self.page.expect_request("**/removal/fingerprints/", timeout=PATIENCE) as caught:
            self.page.locator("[data-fingerprints] button").click()
        self._tells("sent")
        body: dict[str, Any] = json.loads(caught.value.post_data or "")
        return body

    def access(self, kind: str = "remove-pictures") -> CaseAccess:
        """The case number and the passphrase that are shown now."""
        shown = [self.page.locator(f"#{one}").inner_text() for one in ("number", "passphrase")]
        return CaseAccess(*shown, kind)

    def read(self, case: CaseAccess) -> Locator:
        """Enter a case; returns what its page shows."""
        self.open(f"{case.kind}/answers/")
        self.page.locator("#number").fill(case.number)
        self.page.locator("#passphrase").fill(case.passphrase)
        self.page.locator("main button").click()
        expect(self.page.locator("main [name=reader]").first).to_be_attached(timeout=PATIENCE)
        assert self.page.locator("html").get_attribute("lang") == self.language
        return self.page.locator("main")

    def reads(self, case: CaseAccess, shown: str) -> Locator:
        """Enter a case again and again until its page shows something; returns all that it shows."""
        return until(shown, lambda: main if (main := self.read(case)).locator(shown).count() else None, SECONDS)

    def submit(self, route: str) -> None:
        """Open a part of the page of a case and send its form, which is known by its address."""
        part = self.page.locator("details", has=self.page.locator(f'form[action$="/{route}/"]'))
        part.locator("summary").click()
        part.locator("button").click()

    def _tells(self, name: str) -> None:
        state = self.page.locator("#state")
        expect(state).to_have_text(state.get_attribute(f"data-{name}") or "", timeout=PATIENCE)


def telephone(chromium: Browser, demo: Demo, language: str = "en") -> Telephone:
    """A telephone of somebody whom nobody knows, who reads a language."""
    context = chromium.new_context(base_url=demo.address, viewport={"width": 390, "height": 800})
    made = Telephone(context.new_page(), context, language)
    made.said = quiet(made.page)
    context.on("request", lambda request: made.traffic.append(request))
    return made


def picture(folder: Path) -> Path:
    """A generated picture that nobody has asked about before."""
    seed = secrets.randbits(32)
    file = folder / f"texture-{seed}.png"
    Image.fromarray(texture(seed)).save(file)
    return file


@dataclass
class Desks:
    """Pages of people of the cast. Each signs in once: a code of the second factor is good for one time."""

    demo: Demo
    chromium: Browser
    pages: dict[str, Page] = field(default_factory=dict)

    def __call__(self, email: str) -> Page:
        """The page of somebody who is signed in."""
        if email not in self.pages:
            self.pages[email] = signed_in(self.chromium, self.demo, email).new_page()
        return self.pages[email]


def opened(page: Page, place: str, row: str) -> None:
    """Open the last row of a list that has a text, as soon as there is one."""

    def there() -> bool:
        page.goto(place)
        return page.locator("tbody tr", has_text=row).count() > 0

    until(row, lambda: there() or None, SECONDS)
    page.locator("tbody tr", has_text=row).last.locator("a").first.click()


def appears(page: Page, text: str) -> None:
    """Read a page again until it says something."""

    def there() -> bool:
        page.reload()
        return text in page.locator("main").inner_text()

    until(text, lambda: there() or None, SECONDS)


@dataclass(frozen=True)
class Host:
    """A host of the scheme: its service and the key of its Edge."""

    address: str
    service: str
    key: str = field(repr=False)

    def entry(self, digits: str) -> str:
        """The entry of a hash in the list for its Edge, as soon as the host has it."""

        def look() -> str | None:
            lines = self._call("GET", "/api/v1/removal/requested-hashes").text.splitlines()
            return next((entry_of(one) for one in lines if digits in one), None)

        return until("the hash at the host", look, SECONDS)

    def has(self, digits: str) -> bool:
        """Whether the host looks for a hash now."""
        return digits in self._call("GET", "/api/v1/removal/requested-hashes").text

    def report(self, entry: str) -> httpx.Response:
        """Report, as an Edge does, that an item of the host matches an entry."""
        digits = secrets.token_hex(32)
        said = matched_item(f"album/{digits[:8]}", self.service, entry, digits=digits, at=datetime.now(UTC))
        return self._call("POST", "/api/v1/candidates", json.dumps(said))

    def finds(self, page: Page, entry: str, outcome: str, because: str = "") -> None:
        """An item matches; a reviewer opens it and decides."""
        found = self.report(entry).json()["id"]
        page.goto(f"/desk/removal-items/{found}/")
        page.locator("aside").get_by_role("button", name="Open item").click()
        page.locator(f"[name=outcome][value={outcome}]").check()
        if because:
            page.locator("[name=because]").select_option(because)
        page.get_by_role("button", name="Record decision").click()
        confirm(page)
        expect(page.locator("main")).to_contain_text("The decision is recorded.")

    def _call(self, method: str, path: str, body: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": secrets.token_hex(8)}
        answer = httpx.request(method, f"{self.address}{path}", content=body, headers=headers, timeout=30)
        assert answer.status_code < 300, answer.text
        return answer


def pixelpost(demo: Demo) -> Host:
    """The provider whose Edge the demonstration runs."""
    edge = json.loads((Path(demo.env["TUTELA_DATA"]) / "demo.json").read_text())["edge"]
    return Host(demo.address, edge["TUTELA_EDGE_SERVICE"], edge["TUTELA_EDGE_DESK_KEY"])


def second_host(demo: Demo, page: Page, service: str) -> Host:
    """Another provider: its lead sets up a public service and a key for its Edge."""
    page.goto("/desk/lists/services/new/")
    page.locator("[name=name]").fill(service)
    for name, value in (("kind", "hosting"), ("channel", "public"), ("mode", "on")):
        page.locator(f"[name={name}]").select_option(value)
    page.locator("main form button[type=submit], main form button:not([type])").last.click()
    expect(page.locator("main")).to_contain_text(service)
    page.goto("/desk/organisation/keys/new/")
    page.locator("[name=name]").fill("Edge")
    page.locator("[name=scopes][value='candidates:submit']").check()
    page.locator("main form button").last.click()
    confirm(page)
    return Host(demo.address, service, page.locator("#secret").input_value())
