"""Public report: danger first, the same answer for every address, an urgent alert, and no trace."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest

from tests.support.anonymous import ADDRESS, BROWSER, Visitor, told
from tests.support.cast import Cast
from tests.support.reports_world import in_clear
from tests.support.rosters import shifts_of
from tutela import clock
from tutela.casework.alerts import roster
from tutela.casework.anonymous import inbox, work
from tutela.casework.models import Alert
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.models import SubjectKey
from tutela.organisations.people import directory
from tutela.organisations.people.members import actor_of
from tutela.takedown import alerts
from tutela.takedown.hosts import host_trace
from tutela.takedown.intake import public_report
from tutela.takedown.models import ReadMessage, TakedownCase

KINDS = ("report-address", "report-danger")


@pytest.fixture
def hotline(cast: Cast) -> Iterator[Actor]:
    assert cast.centre
    assert cast.hotline_ie
    entry = public_report.hotline()
    assert entry is not None
    yield directory.acting_for(entry, "system:test", "Test", frozenset({"takedown.read"}))
    for form in ("write", "enter", "follow_up"):
        for kind in KINDS:
            work.ADMITTED.forget(f"{kind}.{form}")


def _address() -> str:
    return f"https://h{secrets.token_hex(6)}.example.org/page"


def _cases(hotline: Actor) -> set[str]:
    with acting(hotline):
        return {str(pk) for pk in TakedownCase.objects.values_list("pk", flat=True)}


def test_danger_is_asked_before_anything_is_typed(hotline: Actor) -> None:
    visitor = Visitor()
    first = visitor.client.get("/en/report/", **visitor.headers)
    page = first.content.decode()
    assert "Is someone in danger or threatening you now?" in page
    assert 'href="tel:112"' in page
    assert 'href="tel:116111"' in page
    assert "<textarea" not in page
    assert not first.cookies
    assert first["Cache-Control"] == "no-store"
    danger = Visitor(kind="report-danger").get().content.decode()
    assert danger.index("tel:112") < danger.index("<textarea")
    assert "We cannot find you unless you tell us where you are." in danger
    assert visitor.client.get("/report/").status_code == 302
    assert visitor.client.get("/xx/report/").status_code == 404


def test_a_known_a_new_and_an_unusable_address_have_one_answer(hotline: Actor) -> None:
    known, before = _address(), _cases(hotline)
    answers = [
        Visitor(kind="report-address").writes(f"Seen here: {text}")
        for text in (known, known, _address(), "javascript:alert(1)", "no address at all")
    ]
    pages = {re.sub(r"(?s)<dl.*?</dl>", "", one.content.decode()) for one in answers}
    assert {one.status_code for one in answers} == {200}
    assert len(pages) == 1
    assert _cases(hotline) == before, "no answer waits for the cases"
    assert public_report.read_messages(hotline) == 5
    assert public_report.read_messages(hotline) == 0
    made = _cases(hotline) - before
    assert len(made) == 2
    with acting(hotline):
        assert sorted(TakedownCase.objects.filter(pk__in=made).values_list("reports", flat=True)) == [1, 2]
        assert not TakedownCase.objects.filter(pk__in=made, urgent=True).exists()
    assert in_clear(hotline, ADDRESS) == []
    assert in_clear(hotline, BROWSER) == []
    assert in_clear(hotline, known) == []


def test_danger_raises_the_alert_of_the_hotline(hotline: Actor) -> None:
    before = _cases(hotline)
    sent = Visitor(kind="report-danger").writes(f"Now, at {_address()}")
    assert sent.status_code == 200
    assert "tel:112" in sent.content.decode(), "what a person in danger needs stays"
    public_report.read_messages(hotline)
    (made,) = _cases(hotline) - before
    with acting(hotline):
        assert TakedownCase.objects.get(pk=made).urgent
        assert Alert.objects.filter(subject_kind="takedown", subject_id=made).count() == 1


def test_the_page_says_whether_somebody_is_on_call(cast: Cast, hotline: Actor) -> None:
    def page() -> str:
        shown = Visitor(kind="report-danger").get().content.decode()
        assert "We cannot find you unless you tell us where you are." in shown
        assert "Aoife" not in shown
        return str(shown)

    now = datetime(2027, 5, 3, 11, tzinfo=UTC)
    person = actor_of(cast.person(hotline, "analyst", name="Aoife"))
    given = roster.ShiftInput(person.reference, range(5), time(9), time(17), "Europe/Dublin", now.date())
    with clock.simulate(now):
        for one in shifts_of(person):
            roster.end_shift(person, one.row.pk, now)
        without = page()
        shift = roster.add_shift(person, given, now)
        during = page()
    with clock.simulate(now + timedelta(hours=6)):
        after = page()
        roster.end_shift(person, shift, clock.now())
    assert "We read reports in office hours." in without
    assert "on call" not in without
    assert "Somebody is on call now. We usually answer within one hour." in during
    assert "Nobody" not in during
    assert "Nobody is on call now." in after
    assert "The next shift begins at 2027-05-04 09:00 (Europe/Dublin)." in after
    assert "Mon–Fri 09:00–17:00 (Europe/Dublin)" in after
    assert "office hours" not in after


def test_answers_of_both_kinds_are_read_at_both_pages_and_nowhere_else(hotline: Actor) -> None:
    number, words = told(Visitor(kind="report-danger").writes("I am afraid."))
    assert "I am afraid." in Visitor(kind="report-address").enters(number, words).content.decode()
    assert "I am afraid." in Visitor(kind="report-danger").enters(number, words).content.decode()
    assert "I am afraid." not in Visitor().enters(number, words).content.decode()
    assert Visitor(kind="no-such-kind").get().status_code == 404


def test_a_message_of_danger_without_an_address_raises_an_alert_until_it_is_answered(hotline: Actor) -> None:
    shown = Visitor(kind="report-danger").writes("Somebody threatens my sister. I have no link.")
    number, _words = told(shown)
    public_report.read_messages(hotline)
    with acting(hotline):
        (state,) = [one for one in alerts.MESSAGES.pending() if one.number == number]
        assert state.unanswered
    staff = directory.acting_for(
        directory.entry(hotline.organisation_id),
        "person:test",
        "Test",
        frozenset({"conversations.read", "conversations.answer"}),
    )
    inbox.answer(staff, state.subject_id, "Where are you?", 1)
    with acting(hotline):
        assert number not in [one.number for one in alerts.MESSAGES.pending()]


def test_a_message_of_danger_that_goes_on_at_the_other_page_is_still_urgent(hotline: Actor) -> None:
    number, words = told(Visitor(kind="report-danger").writes("Help."))
    visitor = Visitor(kind="report-address")
    visitor.adds(visitor.enters(number, words), f"It is at {_address()}")
    before = _cases(hotline)
    public_report.read_messages(hotline)
    (made,) = _cases(hotline) - before
    with acting(hotline):
        assert TakedownCase.objects.get(pk=made).urgent


def test_nothing_of_a_public_report_tells_more_than_the_hour_and_nothing_is_looked_up(hotline: Actor) -> None:
    before = _cases(hotline)
    Visitor(kind="report-address").writes(f"At {_address()}")
    public_report.read_messages(hotline)
    (made,) = _cases(hotline) - before
    with acting(hotline):
        key = SubjectKey.objects.get(subject_kind="takedown", subject_id=made)
        read = ReadMessage.objects.latest("created_at")
    assert key.created_at.replace(minute=0, second=0, microsecond=0) == key.created_at
    assert (key.pk.int >> 80) % 3_600_000 == 0
    assert read.created_at.replace(minute=0, second=0, microsecond=0) == read.created_at
    assert UUID(made) not in host_trace.untraced(hotline)
