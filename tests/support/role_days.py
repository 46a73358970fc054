"""The day of each role in a browser: the jobs of the tour, one after another, with the clicks that each takes.

A click is a click, a choice from a list or a key that acts; what is typed into a field is none. Each job begins on the
page where the one before it ended, or on the start page of the desk.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import Demo, signed_in
from tests.support.patience import PATIENCE

PATIENCE_MS = 40_000 * PATIENCE
# Clicks that each job may take. A case is found with two, and decided and referred with three.
MOST_CLICKS = {
    "Open a candidate": 2,
    "Decide a candidate that was opened": 2,
    "Draft a report by hand": 6,
    "Complete and send the draft": 3,
    "Propose an indicator": 3,
    "Find an indicator by its number": 2,
    "Certify the indicator": 1,
    "Revoke an indicator": 2,
    "Open the first case": 2,
    "Assess the address": 4,
    "Find a report by its number": 2,
    "Decide and refer a report": 3,
    "Find the referral of a report": 2,
    "Acknowledge the referral and send an outcome": 4,
    "Find an event and open it": 2,
    "Add a contact point": 3,
}
LEAD, REVIEWER = "priya@pixelpost.example", "tom@pixelpost.example"
HOTLINE, CERTIFIER = "aoife@hotline-ie.example", "jan@hotline-de.example"
ANALYST, CENTRE_LEAD = "marek@centre.example", "lena@centre.example"
OFFICER, AUDITOR, ADMINISTRATOR = "katrin@police-de.example", "nora@audit.example", "hugo@chatterbox.example"


@dataclass
class Job:
    """One job of the tour: who does it, and what it took."""

    name: str
    role: str
    clicks: int = 0
    seconds: float = 0.0


@dataclass
class Hand:
    """A person at a page, whose clicks are counted."""

    page: Page
    role: str
    jobs: list[Job]
    job: Job | None = None

    def begin(self, name: str) -> None:
        """Begin a job; its clicks and time count from here."""
        self.job = Job(name, self.role, seconds=-time.monotonic())
        self.jobs.append(self.job)

    def done(self) -> None:
        """End a job, when its result was seen."""
        assert self.job is not None
        self.job.seconds += time.monotonic()
        self.job = None

    def click(self, what: str | Locator) -> None:
        """Click once."""
        self._count()
        self._at(what).click()

    def key(self, name: str) -> None:
        """Press a key that acts."""
        self._count()
        self.page.keyboard.press(name)

    def choose(self, what: str | Locator, value: str) -> None:
        """Choose from a list."""
        self._count()
        self._at(what).select_option(value)

    def type(self, what: str, text: str) -> None:
        """Type into a field."""
        self.page.locator(what).first.fill(text)

    def menu(self, address: str) -> None:
        """Click an entry of the navigation."""
        self.click(f"#menu a[href='{address}']")
        self.page.wait_for_url(f"**{address}*")

    def search(self, text: str) -> None:
        """Search in the header: typed, one key, and the first result."""
        self.type("#search-all", text)
        self.page.locator("#search-all").focus()
        self.key("Enter")
        self.page.wait_for_url("**/desk/search/")
        self.click("tbody[data-queue] a")

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until the page says this."""
        expect(self.page.locator("main")).to_contain_text(text, timeout=PATIENCE_MS)

    def _at(self, what: str | Locator) -> Locator:
        return self.page.locator(what).first if isinstance(what, str) else what

    def _count(self) -> None:
        assert self.job is not None
        self.job.clicks += 1


@dataclass
class Days:
    """A demonstration, and the days of its people."""

    demo: Demo
    chromium: Browser
    jobs: list[Job] = field(default_factory=list)

    def hand(self, email: str, role: str) -> Hand:
        """Somebody signed in on the start page."""
        page = signed_in(self.chromium, self.demo, email).new_page()
        page.goto("/desk/")
        return Hand(page, role, self.jobs)

    def all(self) -> list[Job]:
        """Every job, in the order of the tour."""
        report = self.provider()
        self.register()
        self.hotline()
        self.centre(report)
        self.officer(report)
        self.auditor()
        self.administrator()
        return self.jobs

    def provider(self) -> str:
        """A reviewer decides, and a lead files a report by hand; returns the report's number."""
        tom = self.hand(REVIEWER, "Reviewer of a provider")
        chosen = self._undecided(tom.page)
        tom.begin("Open a candidate")
        tom.menu("/desk/candidates/")
        tom.click(f"tbody[data-queue] a[href='{chosen}']")
        tom.page.wait_for_url(f"**{chosen}")
        tom.done()
        tom.begin("Decide a candidate that was opened")
        tom.click("button[form='open-form']")
        tom.page.wait_for_url("**/item/")
        tom.page.wait_for_function("document.querySelector('#item').complete")
        tom.click("button[data-key=y]")
        tom.page.wait_for_load_state()
        expect(tom.page.locator(".messages, [role=status]").first).to_be_visible()
        tom.done()
        priya = self.hand(LEAD, "Lead of a provider")
        priya.begin("Draft a report by hand")
        priya.menu("/desk/drafts/")
        priya.click("a[href='/desk/drafts/new/']")
        priya.choose("[name=kind]", "new")
        priya.choose("[name=awareness]", "user_flag")
        priya.type("[name=sha256]", secrets.token_hex(32))
        priya.type("[name=account]", f"account-{secrets.token_hex(4)}")
        priya.click("[name=confirmed]")
        priya.click("main form button")
        priya.page.wait_for_url(re.compile(r"/desk/drafts/[0-9a-f-]{36}/$"))
        priya.done()
        address = priya.page.url
        priya.begin("Complete and send the draft")
        priya.click("main a[href$='/edit/']")
        priya.type("[name=locations-0-ip]", "192.0.2.9")
        priya.type("[name=locations-0-port]", "4711")
        priya.type("[name=locations-0-at]", "2026-11-20T12:00:00")
        priya.type("[name=country]", "DE")
        priya.click("main button:has-text('Save')")
        priya.page.wait_for_url(address)
        priya.click("form[action$='/send/'] button")
        self._until(priya.page, address, "Receipt verified:")
        priya.done()
        return address.rstrip("/").rpartition("/")[2]

    def _undecided(self, page: Page) -> str:
        """The first candidate that this person has not decided: other journeys of the demonstration decide some."""
        page.goto("/desk/candidates/")
        for address in [one.get_attribute("href") or "" for one in page.locator("tbody[data-queue] a").all()]:
            page.goto(address)
            if page.locator("button[form='open-form']").count():
                page.goto("/desk/")
                return address
        raise AssertionError("every candidate was decided")

    def register(self) -> None:
        """An analyst proposes, another country certifies, and the Centre revokes."""
        aoife = self.hand(HOTLINE, "Analyst of a hotline")
        aoife.begin("Propose an indicator")
        aoife.menu("/desk/indicators/")
        aoife.click("a[href='/desk/indicators/propose/']")
        aoife.type("[name=sha256]", secrets.token_hex(32))
        aoife.type("[name=reason]", "Assessed for the journey")
        aoife.click("main form button")
        aoife.page.wait_for_url(re.compile(r"/desk/indicators/[0-9a-f-]{36}/$"))
        aoife.done()
        address, number = aoife.page.url, aoife.page.locator("h1 code, h1").first.inner_text().split()[0]
        jan = self.hand(CERTIFIER, "Certifier in another country")
        jan.begin("Find an indicator by its number")
        jan.search(number)
        jan.page.wait_for_url(address)
        jan.done()
        jan.begin("Certify the indicator")
        jan.key("c")
        expect(jan.page.locator("h1 .badge")).to_have_text("active")
        jan.done()
        lena = self.hand(CENTRE_LEAD, "Lead of the Centre")
        lena.page.goto(address)
        lena.begin("Revoke an indicator")
        lena.type("#rreason", "Revoked by the journey")
        lena.click("form[action$='/revoke/'] button")
        lena.click("button[data-key=y]")
        expect(lena.page.locator("h1 .badge")).to_have_text("revoked")
        lena.done()

    def hotline(self) -> None:
        """An analyst enters an address and assesses it."""
        hand = self.hand(HOTLINE, "Analyst of a hotline")
        hand.begin("Open the first case")
        hand.menu("/desk/takedown/")
        hand.click("tbody[data-queue] a")
        hand.page.wait_for_url(re.compile(r"/desk/takedown/[0-9a-f-]{36}/"))
        hand.done()
        hand.begin("Assess the address")
        hand.click(hand.page.get_by_label("illegal here"))
        hand.choose(hand.page.get_by_label("Label of the content"), "eu-2011-93:known-material")
        hand.choose(hand.page.get_by_label("Child"), "unclear")
        hand.click(".decision-bar button")
        hand.sees("Assessment recorded")
        hand.done()

    def centre(self, report: str) -> None:
        """An analyst finds a report, decides and refers it."""
        marek = self.hand(ANALYST, "Analyst of the Centre")
        marek.begin("Find a report by its number")
        marek.search(report)
        marek.page.wait_for_url(f"**/desk/reports/{report}/")
        marek.done()
        marek.begin("Decide and refer a report")
        marek.click(".decision-bar button:has-text('Relevant')")
        marek.click(".decision-bar button:has-text('Refer report')")
        expect(marek.page.locator("h1 .badge").first).to_have_text(re.compile("referred|answered"))
        marek.done()

    def officer(self, report: str) -> None:
        """A police officer acknowledges the referral and sends an outcome."""
        katrin = self.hand(OFFICER, "Police officer")
        katrin.begin("Find the referral of a report")
        katrin.search(report)
        katrin.page.wait_for_url(re.compile(r"/desk/inbox/[0-9a-f-]{36}/"))
        katrin.done()
        katrin.begin("Acknowledge the referral and send an outcome")
        katrin.click("form[action$='/acknowledge/'] button")
        katrin.choose("select[name=kind]", "closed")
        katrin.choose("select[name=release]", "provider")
        katrin.click("form.stack[action$='/outcome/'] button")
        expect(
            katrin.page.locator("main .timeline li", has_text=re.compile(r"closed\s+·\s+Katrin")).first
        ).to_be_visible()
        katrin.done()

    def auditor(self) -> None:
        """An auditor searches the events and opens one."""
        nora = self.hand(AUDITOR, "Auditor")
        nora.begin("Find an event and open it")
        nora.menu("/desk/events/")
        nora.click("tbody[data-queue] a")
        nora.page.wait_for_url(re.compile(r"/desk/events/.+"))
        nora.done()

    def administrator(self) -> None:
        """An administrator adds a contact point."""
        hugo = self.hand(ADMINISTRATOR, "Administrator")
        hugo.begin("Add a contact point")
        hugo.menu("/desk/organisation/")
        hugo.click("a[href='/desk/organisation/contacts/new/']")
        hugo.type("main [name=purpose]", "Journeys")
        hugo.type("main [name=email]", "desk@chatterbox.example")
        hugo.type("main [name=languages]", "en")
        hugo.click("main form button")
        hugo.sees("Journeys")
        hugo.done()

    def _until(self, page: Page, address: str, text: str) -> None:
        def look() -> bool:
            page.goto(address)
            return bool(page.locator(f"main:has-text('{text}')").count())

        wait(page, look, text)


def wait(page: Page, look: Callable[[], bool], what: str) -> None:
    """Look until it is there."""
    for _ in range(PATIENCE_MS // 500):
        if look():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"waited {PATIENCE_MS} ms: {what}")
