"""Notices leave once, reminders go to whom they still concern, and late answers undo nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail

from tests.support.cast import Cast
from tests.support.takedown_world import Hotline, network, registry
from tutela import clock
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.exchange.takedown.look import Answer
from tutela.takedown.errors import NotElsewhere, PoliceFirst
from tutela.takedown.models import Availability, Notice, Stage, StepKind
from tutela.takedown.notices import notify, send
from tutela.takedown.police import police_steps
from tutela.takedown.rechecks import check


@pytest.fixture
def hotline(cast: Cast) -> Hotline:
    return Hotline(cast)


def sent(hotline: Hotline) -> tuple[UUID, UUID]:
    """A case, and its notice that left by e-mail."""
    case, notice = hotline.notified()
    assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c)) == StepKind.SENT
    return case, notice


def state(hotline: Hotline, notice: UUID) -> str:
    with acting(hotline.analyst):
        return str(Notice.objects.get(pk=notice).state)


def after(hotline: Hotline, hours: float) -> int:
    """How many notices a run goes on with, so many hours from now."""
    with clock.simulate(clock.now() + timedelta(hours=hours)):
        return send.remind(hotline.analyst)


def test_a_late_answer_takes_back_no_absence_and_what_reappears_is_seen(hotline: Hotline) -> None:
    case, notice = sent(hotline)
    check.seen(hotline.analyst, case, absent=True)
    notify.answered(hotline.analyst, notice, StepKind.REMOVED)
    row = hotline.row(case)
    assert (row.stage, row.availability) == (Stage.CLOSED, Availability.ABSENT)
    assert check.store(hotline.analyst, case, [Answer(200)]) == Availability.REAPPEARED
    row = hotline.row(case)
    assert (row.stage, row.verdict) == (Stage.ACT, "illegal")
    notify.queue(hotline.analyst, case, notify.Recipient())


@pytest.mark.parametrize("answer", [StepKind.REFUSED, StepKind.REMOVED])
def test_a_late_answer_says_nothing_of_a_new_round(hotline: Hotline, answer: StepKind) -> None:
    case, notice = sent(hotline)
    check.seen(hotline.analyst, case, absent=True)
    with acting(hotline.analyst):
        address = check.address_of(hotline.row(case)).original
    hotline.reported(address)
    assert hotline.row(case).stage == Stage.ASSESS
    notify.answered(hotline.analyst, notice, answer)
    row = hotline.row(case)
    assert (row.stage, row.verdict, row.availability) == (Stage.ASSESS, "", "")


def test_nobody_is_reminded_of_a_case_that_is_gone_or_legal(hotline: Hotline) -> None:
    gone, _notice = sent(hotline)
    check.seen(hotline.analyst, gone, absent=True)
    legal, _notice = sent(hotline)
    hotline.assessed("legal", by=hotline.colleague, case=legal)
    before = len(mail.outbox)
    assert after(hotline, 30) == 0
    assert len(mail.outbox) == before


def test_a_reminder_overwrites_no_answer_that_comes_meanwhile(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    _case, notice = sent(hotline)

    def mailed(*_given: object) -> bool:
        notify.answered(hotline.analyst, notice, StepKind.REMOVED)
        return True

    monkeypatch.setattr(send, "_mailed", mailed)
    assert after(hotline, 30) == 0
    assert state(hotline, notice) == StepKind.REMOVED


def test_a_notice_that_another_run_sent_is_not_sent_again(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    case, notice = hotline.notified()

    def mailed(*_given: object) -> bool:
        with acting(hotline.analyst):
            notify.step(hotline.analyst, notify.locked(notice), StepKind.SENT)
        notify.answered(hotline.analyst, notice, StepKind.REMOVED)
        return True

    monkeypatch.setattr(send, "_mailed", mailed)
    assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c)) is None
    assert state(hotline, notice) == StepKind.REMOVED
    assert hotline.row(case).availability == Availability.HOST_SAYS


def test_time_under_a_hold_moves_the_reminder(hotline: Hotline) -> None:
    case, notice = sent(hotline)
    now = clock.now()
    authority = hotline.cast.authority.organisation_id
    with clock.simulate(now + timedelta(hours=1)):
        until = now + timedelta(hours=101)
        police_steps.hold(hotline.analyst, case, authority, until, "A search is planned.")
    assert [after(hotline, hours) for hours in (30, 100, 102, 123)] == [0, 0, 0, 0]
    assert after(hotline, 125) == 1
    assert state(hotline, notice) == StepKind.REMINDED


def test_a_reminder_that_cannot_be_mailed_is_tried_hourly_and_then_escalated(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    _case, notice = sent(hotline)
    tries = list[object]()
    monkeypatch.setattr(send, "_mailed", lambda *given: bool(tries.append(given)))
    assert [after(hotline, hours) for hours in (24.1, 24.2, 24.3, 25.2)] == [0, 0, 0, 0]
    assert len(tries) == 2
    assert after(hotline, 73) == 1
    assert state(hotline, notice) == StepKind.ESCALATED


def test_a_contact_that_changed_after_the_person_looked_stops_the_notice(hotline: Hotline) -> None:
    case, notice = hotline.notified()
    moved = registry(network("abuse@other.example"))
    hotline.traced(case, moved)
    assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c, moved)) == StepKind.STOPPED


def test_a_second_opinion_of_a_case_under_way_keeps_it_under_recheck(hotline: Hotline) -> None:
    case, _notice = sent(hotline)
    hotline.assessed(by=hotline.colleague, case=case)
    assert hotline.row(case).stage == Stage.RECHECK


def test_a_case_without_a_host_ends_with_the_police(hotline: Hotline) -> None:
    onion = hotline.assessed(case=hotline.reported(f"http://{'a' * 56}.onion/x").id)
    elsewhere = hotline.assessed("elsewhere")
    with pytest.raises(PoliceFirst):
        police_steps.hand_over(hotline.analyst, elsewhere, "To the hotline there, by file.")
    for case, stage in ((onion, Stage.CLOSED), (elsewhere, Stage.ACT)):
        assert hotline.row(case).stage == Stage.ACT
        hotline.police_know(case)
        assert hotline.row(case).stage == stage
    police_steps.hand_over(hotline.analyst, elsewhere, "To the hotline there, by file.")
    assert hotline.row(elsewhere).stage == Stage.CLOSED
    with pytest.raises(NotElsewhere):
        police_steps.hand_over(hotline.analyst, hotline.assessed(), "x")


def test_a_hold_needs_a_time_in_the_future_and_may_be_asked_for_a_closed_case(hotline: Hotline) -> None:
    case = hotline.assessed("legal")
    authority = hotline.cast.authority.organisation_id
    with pytest.raises(Invalid) as refused:
        police_steps.hold(hotline.analyst, case, authority, clock.now(), "R")
    assert refused.value.field == "until"
    police_steps.hold(hotline.analyst, case, authority, clock.now() + timedelta(days=1), "R")


def test_a_notice_that_did_not_leave_says_so_on_its_page(hotline: Hotline, cast: Cast) -> None:
    case, notice = hotline.notified()
    client = cast.client(hotline.analyst, "analyst")
    page, late = f"/desk/takedown/{case}/", "This notice has not left yet"
    assert late not in client.get(page).content.decode()
    with clock.simulate(clock.now() + timedelta(minutes=6)):
        assert late in client.get(page).content.decode()
    assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c)) == StepKind.SENT
    with clock.simulate(clock.now() + timedelta(minutes=6)):
        assert late not in client.get(page).content.decode()
