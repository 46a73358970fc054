"""A simulated month of a hotline: hosts act by their plans, the desk works by its own steps, and the truth is noted.

Each hour: hosts and people do what is due, then every case whose recheck is due gets what its page answers from two
countries. The truth is counted by the hour from what the pages answered and what hosts and people did. It reads no row
of the desk but whose recheck was due.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import batched
from random import Random
from uuid import UUID

from tests.support.takedown_histories import BASE, COUNTRIES, Truth
from tests.support.takedown_lived import send_notice
from tests.support.takedown_world import LABEL, Hotline
from tutela import clock
from tutela.exchange.takedown.look import Answer
from tutela.takedown.notices import notify
from tutela.takedown.police import police_steps
from tutela.takedown.rechecks import check

MONTH = 24 * 31
# Notices leave in the first three weeks, so that most hosts have answered at the end.
FIRST_DAYS = 24 * 21
PROVIDERS = ("Alpha Hosting", "Beta Hosting", "Gamma Hosting", "Delta Hosting")
PLANS = ("comply", "comply", "silent", "ignore", "refuse", "move", "geo_block", "soft_404", "dead_domain", "reappear")
UP, GONE = Answer(200), Answer(404)


@dataclass
class Page:
    """An address and its host: what it answers now, and what is going to happen to it."""

    number: int
    random: Random
    case: UUID | None = None
    notice: UUID | None = None
    provider: str = ""
    country: str = ""
    plan: str = ""
    answers: tuple[Answer, ...] = (UP, UP)
    # Whether the host said since the newest notice that it removed the content.
    said: bool = False
    absent: bool = False
    held: frozenset[int] = frozenset()
    now: Truth | None = None
    truth: list[Truth] = field(default_factory=list)


class Month:
    """Lives through a month with so many addresses. `truth` is that of every notice."""

    def __init__(self, hotline: Hotline, count: int, seed: int = 1) -> None:
        self.hotline, self.hour = hotline, 0
        self.pages = [Page(number, Random(f"{seed}:{number}")) for number in range(count)]
        self._diary = defaultdict[int, list[tuple[str, Page]]](list)
        self._of = dict[UUID, Page]()
        for page in self.pages:
            page.plan = PLANS[page.number % len(PLANS)]
            page.provider, page.country = page.random.choice(PROVIDERS), page.random.choice(COUNTRIES)
            self._later(page.random.randrange(1, FIRST_DAYS), "report", page)

    @property
    def truth(self) -> list[Truth]:
        return [one for page in self.pages for one in page.truth]

    def live(self) -> Month:
        for hour in range(MONTH + 1):
            self.hour = hour
            for page in self.pages:
                if page.now is not None and hour > page.now.hour:
                    page.now.held += hour - 1 in page.held
                    page.now.clock += hour - 1 not in page.held
            with clock.simulate(BASE + timedelta(hours=hour)):
                for kind, page in self._diary.pop(hour, ()):
                    getattr(self, f"_{kind}")(page)
                while due := check.due(self.hotline.machine):
                    self._look(due)
        for page in self.pages:
            if page.now is not None and page.now.result in ("open", "refused"):
                page.now.under_hold = MONTH in page.held
        return self

    def _later(self, hours: int, kind: str, page: Page) -> None:
        self._diary[self.hour + hours].append((kind, page))

    def _report(self, page: Page) -> None:
        """The desk's steps from the report to the notice; for some the police ask afterwards to wait."""
        page.case = self.hotline.assessed(case=self.hotline.reported().id)
        self._of[page.case] = page
        self.hotline.police_know(page.case)
        self._notice(page)
        # Only where nothing is to be done at the desk meanwhile.
        if page.number % 7 == 0 and page.plan not in ("move", "reappear"):
            end = self.hour + 1 + page.random.randrange(1, 24 * 8)
            self._later(1, "hold", page)
            page.held = frozenset(range(self.hour + 1, end))

    def _hold(self, page: Page) -> None:
        assert page.case is not None
        until = BASE + timedelta(hours=max(page.held) + 1)
        authority = self.hotline.cast.authority.organisation_id
        police_steps.hold(self.hotline.analyst, page.case, authority, until, "A search is planned.")

    def _notice(self, page: Page) -> None:
        assert page.case is not None
        page.notice = send_notice(self.hotline.analyst, page.case, page.provider, page.country)
        if page.now is not None:
            page.now.result = "moved"
        page.now, page.said = Truth(page.provider, page.country, LABEL, self.hour), False
        page.truth.append(page.now)
        self._later(page.random.randrange(2, 24 * 9), f"host_{page.plan}", page)

    def _say(self, page: Page, answer: str) -> None:
        assert page.notice is not None
        assert page.now is not None
        notify.answered(self.hotline.analyst, page.notice, answer)
        page.now.answer, page.said = answer, answer != "refused"

    def _host_comply(self, page: Page) -> None:
        page.answers = (GONE, GONE)
        self._say(page, "removed")

    def _host_silent(self, page: Page) -> None:
        page.answers = (GONE, GONE)
        self._later(page.random.randrange(1, 48), "person_sees_it_gone", page)

    def _host_ignore(self, page: Page) -> None:
        """Nothing happens."""

    def _host_refuse(self, page: Page) -> None:
        assert page.now is not None
        self._say(page, "refused")
        page.now.result = "refused"

    def _host_move(self, page: Page) -> None:
        page.provider = page.random.choice([one for one in PROVIDERS if one != page.provider])
        page.plan = "comply"
        self._later(page.random.randrange(1, 72), "notice", page)

    def _host_geo_block(self, page: Page) -> None:
        page.answers = (Answer(451), UP)
        self._say(page, "disabled")

    def _host_soft_404(self, page: Page) -> None:
        """The page says "not found" with 200: gone only once a person has looked."""
        self._say(page, "removed")
        if page.number % 20 > len(PLANS):
            self._later(page.random.randrange(1, 48), "person_sees_it_gone", page)

    def _host_dead_domain(self, page: Page) -> None:
        page.answers = (Answer(0, "name"), Answer(0, "name"))

    def _host_reappear(self, page: Page) -> None:
        self._host_comply(page)
        self._later(page.random.randrange(48, 24 * 6), "returns", page)

    def _returns(self, page: Page) -> None:
        page.answers = (UP, UP)

    def _person_sees_it_gone(self, page: Page) -> None:
        assert page.case is not None
        check.seen(self.hotline.analyst, page.case, absent=True)
        # What people saw stays so: a page that says "not found" with 200 answers as one that is gone from now on.
        page.answers = (GONE, GONE)
        self._gone(page)

    def _gone(self, page: Page) -> None:
        if page.now is not None:
            page.now.result, page.now, page.absent = "removed", None, True

    def _look(self, due: Iterable[UUID]) -> None:
        for some in batched(due, check.TOGETHER):
            check.store_all(self.hotline.machine, {case: self._of[case].answers for case in some})
            for case in some:
                self._looked(self._of[case])

    def _looked(self, page: Page) -> None:
        if page.now is not None and page.said and set(page.answers) == {GONE}:
            self._gone(page)
        elif page.absent and UP in page.answers:
            page.absent, page.truth[-1].reappeared, page.plan = False, True, "comply"
            self._later(2, "notice", page)
