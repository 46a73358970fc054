"""State of a public report: what was done, and nothing that helps an offender who reports an own address."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.anonymous import Visitor, told
from tests.support.cast import Cast
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.models import Conversation
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.takedown.intake import public_report, public_state
from tutela.takedown.intake.public_state import HIDDEN_FOR, PublicState
from tutela.takedown.models import CaseReport
from tutela.takedown.police import police_steps
from tutela.takedown.rechecks import check


@pytest.fixture
def hotline(cast: Cast) -> Hotline:
    assert cast.hotline_ie
    entry = public_report.hotline()
    assert entry is not None
    return Hotline(cast, directory.acting_for(entry, "system:test", "Test", frozenset({"takedown.read"})))


def address(kind: str = "web") -> str:
    if kind == "onion":
        return f"http://{''.join(secrets.choice('abcdef234567') for _ in range(56))}.onion/x"
    return f"https://h{secrets.token_hex(6)}.example.org/p"


class Report:
    """A public report of addresses, and its person who comes back."""

    def __init__(self, hotline: Hotline, *addresses: str, language: str = "en") -> None:
        self.hotline = hotline
        self.visitor = Visitor(kind="report-address", language=language)
        self.number, self.words = told(self.visitor.writes("Seen here: " + " and ".join(addresses)))
        public_report.read_messages(hotline.machine)
        with acting(hotline.machine):
            self.conversation = Conversation.objects.get(number=self.number).pk

    @property
    def cases(self) -> list[UUID]:
        with acting(self.hotline.machine):
            found = CaseReport.objects.filter(conversation_id=self.conversation).order_by("case__number")
            return list(found.values_list("case_id", flat=True))

    @property
    def state(self) -> PublicState:
        with acting(self.hotline.machine):
            return public_state.state_of(self.conversation)

    @property
    def page(self) -> str:
        shown: str = self.visitor.enters(self.number, self.words).content.decode()
        return shown


def test_a_new_report_is_received_then_looked_at_then_removed(hotline: Hotline) -> None:
    report = Report(hotline, address())
    assert report.state == PublicState.RECEIVED
    assert "State of your report" in report.page
    (case,) = report.cases
    hotline.assessed(case=case)
    assert report.state == PublicState.LOOKING
    check.seen(hotline.analyst, case, absent=True)
    assert report.state == PublicState.REMOVED
    assert "closed: removed" in report.page
    check.seen(hotline.analyst, case, absent=False)
    assert report.state == PublicState.LOOKING


def test_a_known_address_reads_like_a_new_one(hotline: Hotline) -> None:
    known = address()
    hotline.assessed(case=hotline.reported(known).id)
    reports = [Report(hotline, one) for one in (known, address(), "javascript:alert(1)")]
    assert {one.state for one in reports} == {PublicState.RECEIVED}


@pytest.mark.parametrize("kind", ["legal", "police"])
def test_no_ending_but_a_removal_shows_when_it_happened(hotline: Hotline, kind: str) -> None:
    """A case of a hidden service ends with the report to the police."""
    report = Report(hotline, address("onion" if kind == "police" else "web"))
    (case,) = report.cases
    hotline.assessed("illegal" if kind == "police" else "legal", case=case)
    before = report.state
    if kind == "police":
        hotline.police_know(case)
    assert hotline.row(case).stage == "closed"
    assert before == report.state == PublicState.LOOKING
    with clock.simulate(clock.now() + HIDDEN_FOR + timedelta(hours=1)):
        assert report.state == PublicState.ENDED


def test_a_report_to_the_police_changes_nothing(hotline: Hotline) -> None:
    report = Report(hotline, address())
    (case,) = report.cases
    hotline.assessed(case=case)
    before = report.state
    police_steps.report(hotline.analyst, case, hotline.cast.authority.organisation_id, "AZ 1")
    assert report.state == before == PublicState.LOOKING


def test_one_state_is_about_all_addresses(hotline: Hotline) -> None:
    report = Report(hotline, address(), address())
    first, second = report.cases
    hotline.assessed(case=first)
    check.seen(hotline.analyst, first, absent=True)
    assert report.state == PublicState.LOOKING
    hotline.assessed("legal", case=second)
    assert report.state == PublicState.LOOKING
    with clock.simulate(clock.now() + HIDDEN_FOR + timedelta(hours=1)):
        assert report.state == PublicState.PARTLY


def test_an_answer_says_that_somebody_looked(hotline: Hotline) -> None:
    report = Report(hotline, "no address at all")
    assert report.cases == []
    inbox.answer(hotline.analyst, report.conversation, "Where did you see it?", 1)
    assert report.state == PublicState.LOOKING


def test_the_state_is_in_the_language_of_the_page(hotline: Hotline) -> None:
    report = Report(hotline, address(), language="de")
    assert "Stand deiner Meldung" in report.page
    assert "State of your report" not in report.page
