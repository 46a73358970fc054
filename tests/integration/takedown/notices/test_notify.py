"""From a reported address to its verified absence: assessment, police, notice, the host's answer, rechecks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from tests.support.cast import Cast
from tests.support.takedown_world import Hotline, network, registry
from tutela import clock
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.exchange.takedown.look import Answer
from tutela.takedown.assessment import assess
from tutela.takedown.errors import (
    AlreadyAssessed,
    AlreadyLeft,
    AlreadyNotified,
    CaseClosed,
    Held,
    NoRecipient,
    NotIllegal,
    NotWaiting,
    PoliceFirst,
)
from tutela.takedown.models import Availability, Stage, StepKind
from tutela.takedown.notices import notify, send
from tutela.takedown.police import police_steps
from tutela.takedown.rechecks import check

ILLEGAL = {"verdict": "illegal", "label": "eu-2011-93:known-material", "reality": "unclear"}


def test_from_the_report_to_the_verified_absence(cast: Cast) -> None:
    hotline = Hotline(cast)
    case, notice = hotline.notified()
    assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c)) == StepKind.SENT
    (sent,) = mail.outbox[-1:]
    assert sent.to == ["abuse@host.example"]
    assert "Article 16" in sent.body
    row = hotline.row(case)
    assert (row.stage, row.provider) == (Stage.RECHECK, "Example Hosting")
    assert check.store(hotline.analyst, case, [Answer(200)]) == Availability.UP
    assert check.store(hotline.analyst, case, [Answer(404)]) == Availability.NOT_REACHABLE, "nobody said removed"
    notify.answered(hotline.analyst, notice, StepKind.REMOVED, "H-1")
    assert hotline.row(case).availability == Availability.HOST_SAYS
    assert check.store(hotline.analyst, case, [Answer(0, "name")]) == Availability.HOST_SAYS, (
        "a dead name is no removal"
    )
    assert check.store(hotline.analyst, case, [Answer(404)]) == Availability.ABSENT
    row = hotline.row(case)
    assert (row.stage, row.next_check_at is not None) == (Stage.CLOSED, True)
    assert check.store(hotline.analyst, case, [Answer(200)]) == Availability.REAPPEARED
    row = hotline.row(case)
    assert (row.stage, row.verdict, row.round) == (Stage.ACT, "illegal", 2)


def test_a_notice_needs_the_verdict_and_the_police_and_leaves_once(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.assessed("elsewhere")
    with pytest.raises(NotIllegal):
        notify.queue(hotline.analyst, case, notify.Recipient(email="a@b.example"))
    hotline.assessed("illegal", by=hotline.colleague, case=case)
    with pytest.raises(PoliceFirst):
        notify.queue(hotline.analyst, case, notify.Recipient(email="a@b.example"))
    hotline.police_know(case)
    notice = notify.queue(hotline.analyst, case, notify.Recipient(email="a@b.example"))
    with pytest.raises(AlreadyNotified):
        notify.queue(hotline.analyst, case, notify.Recipient(email="a@b.example"))
    before = len(mail.outbox)
    for _ in range(2):
        send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c))
    assert len(mail.outbox) == before + 1
    with pytest.raises(AlreadyLeft):
        notify.cancel(hotline.analyst, notice)


def test_while_the_police_ask_to_wait_no_notice_leaves(cast: Cast) -> None:
    hotline = Hotline(cast)
    case, notice = hotline.notified()
    until = clock.now() + timedelta(days=2)
    hold = police_steps.hold(hotline.analyst, case, cast.authority.organisation_id, until, "A search is planned.")
    assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c)) is None
    notify.cancel(hotline.analyst, notice)
    with pytest.raises(Held):
        notify.queue(hotline.analyst, case, notify.Recipient(email="a@b.example"))
    police_steps.end_hold(hotline.analyst, case, hold)
    assert notify.queue(hotline.analyst, case, notify.Recipient(email="a@b.example"))


def test_a_changed_contact_stops_the_notice_until_a_person_has_looked(cast: Cast) -> None:
    hotline = Hotline(cast)
    case, notice = hotline.notified()
    moved = registry(network("new@other.example"))
    before = len(mail.outbox)
    assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c, moved)) == StepKind.STOPPED
    assert len(mail.outbox) == before
    notify.release(hotline.analyst, notice)
    assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c, moved)) == StepKind.SENT
    assert hotline.row(case).stage == Stage.RECHECK


def test_a_silent_host_is_reminded_and_then_escalated(cast: Cast) -> None:
    hotline = Hotline(cast)
    case, notice = hotline.notified()
    send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c))
    assert send.remind(hotline.analyst) == 0
    for days, state in ((2, StepKind.REMINDED), (5, StepKind.ESCALATED)):
        with clock.simulate(clock.now() + timedelta(days=days)):
            assert send.remind(hotline.analyst) == 1
        with acting(hotline.analyst):
            assert notify.find(notice).state == state
    assert hotline.row(case).stage == Stage.ACT, "a person chooses the next level"
    with pytest.raises(NoRecipient):
        notify.queue(hotline.analyst, case, notify.Recipient())
    second = notify.queue(hotline.analyst, case, notify.Recipient(email="noc@network.example"))
    with acting(hotline.analyst):
        wire, _to = notify.notice_of(notify.find(second))
        assert notify.find(second).level == 2
    assert wire.previous_references


def test_the_third_level_is_the_registrar_that_the_trace_found(cast: Cast) -> None:
    hotline = Hotline(cast)
    case, notice = hotline.notified()
    now = clock.now()
    for level in (2, 3):
        with clock.simulate(now):
            send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c))
        for days in (2, 3):
            now += timedelta(days=days)
            with clock.simulate(now):
                assert send.remind(hotline.analyst) == 1
        email = "noc@network.example" if level == 2 else ""
        with clock.simulate(now):
            notice = notify.queue(hotline.analyst, case, notify.Recipient(email=email))
    with acting(hotline.analyst):
        row = notify.find(notice)
        assert (row.level, notify.notice_of(row)[1]) == (3, "abuse@registrar.example")


def test_a_second_opinion_needs_another_person(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.assessed()
    with pytest.raises(AlreadyAssessed):
        hotline.assessed(case=case)
    hotline.assessed("legal", by=hotline.colleague, case=case)
    assert assess.disagreements(hotline.analyst) == (1, 1)
    with pytest.raises(CaseClosed):
        notify.queue(hotline.analyst, case, notify.Recipient(email="a@b.example"))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"verdict": "bad"}, "verdict"),
        ({"verdict": "illegal", "label": "A"}, None),
        ({"verdict": "illegal", "label": "eu-2011-93:known-material", "reality": "x"}, "reality"),
        ({"verdict": "legal", "viewed_seconds": -1}, "viewed_seconds"),
        ({"verdict": "legal", "payments": ("gold",)}, "payments"),
        ({"verdict": "legal", "commerciality": "commercial"}, "payments"),
        ({"verdict": "legal", "certified_sha256": "0" * 64}, "certified_sha256"),
        ({**ILLEGAL, "certified_sha256": "0" * 64}, "certified_sha256"),
        ({**ILLEGAL, "certified_sha256": "x"}, "certified_sha256"),
        ({**ILLEGAL, "certified_sha256": "0" * 64, "viewed_seconds": 5}, "viewed_seconds"),
    ],
)
def test_a_bad_assessment_names_its_field_and_stores_nothing(cast: Cast, given: dict[str, object], field: str) -> None:
    hotline = Hotline(cast)
    case = hotline.reported().id
    with pytest.raises(Invalid) as error:
        assess.assess(hotline.analyst, case, assess.Judgement(**given))  # type: ignore[arg-type]
    assert field in (None, error.value.field)
    assert hotline.row(case).stage == Stage.ASSESS


def test_strangers_and_read_roles_do_nothing(cast: Cast) -> None:
    hotline = Hotline(cast)
    case, notice = hotline.notified()
    stranger = cast.actor(cast.hotline_de, "analyst")
    clerk = cast.actor(hotline.machine, "administrator")
    for actor, refusal in ((stranger, NotFound), (clerk, Forbidden)):
        for work in (
            lambda a: assess.assess(a, case, assess.Judgement("legal")),
            lambda a: police_steps.without_evidence(a, case, "x"),
            lambda a: notify.queue(a, case, notify.Recipient(email="a@b.example")),
            lambda a: notify.cancel(a, notice),
            lambda a: notify.answered(a, notice, StepKind.REMOVED),
            lambda a: check.seen(a, case, absent=True),
            lambda a: hotline.traced(case) if a is hotline.analyst else check.seen(a, case, absent=False),
        ):
            with pytest.raises(refusal):
                work(actor)
    with pytest.raises(NotWaiting):
        notify.answered(hotline.analyst, notice, StepKind.REMOVED)


def test_a_person_who_looked_verifies_the_absence(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.reported().id
    with pytest.raises(Invalid):
        check.seen(hotline.analyst, case, absent=True)
    hotline.assessed(case=case)
    assert check.seen(hotline.analyst, case, absent=True) == Availability.ABSENT
    assert hotline.row(case).stage == Stage.CLOSED


def test_a_notice_that_a_hold_kept_leaves_after_it(cast: Cast) -> None:
    hotline = Hotline(cast)
    case, notice = hotline.notified()
    until = clock.now() + timedelta(days=2)
    hold = police_steps.hold(hotline.analyst, case, cast.authority.organisation_id, until, "A search is planned.")
    later = clock.now() + timedelta(hours=1)
    with clock.simulate(later):
        assert notice not in send.left(hotline.analyst)
        police_steps.end_hold(hotline.analyst, case, hold)
        assert notice in send.left(hotline.analyst)
        assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c)) == StepKind.SENT
        assert notice not in send.left(hotline.analyst)


def test_a_notice_of_a_case_that_was_closed_does_not_leave(cast: Cast) -> None:
    hotline = Hotline(cast)
    case, notice = hotline.notified()
    hotline.assessed("legal", by=hotline.colleague, case=case)
    before = len(mail.outbox)
    assert send.send(hotline.analyst, notice, lambda _a, c: hotline.traced(c)) == StepKind.CANCELLED
    assert len(mail.outbox) == before


def test_a_notice_by_hand_is_never_sent_by_mail(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.assessed()
    hotline.traced(case)
    hotline.police_know(case)
    notice = notify.queue(hotline.analyst, case, notify.Recipient(channel="file"))
    before = len(mail.outbox)
    with clock.simulate(clock.now() + timedelta(days=4)):
        assert send.remind(hotline.analyst) == 1
    with acting(hotline.analyst):
        assert notify.find(notice).state == StepKind.ESCALATED
    assert len(mail.outbox) == before


@pytest.mark.parametrize("what", ["cancelled", "held", "assessed again"])
def test_what_changes_during_the_trace_counts(cast: Cast, what: str) -> None:
    hotline = Hotline(cast)
    case, notice = hotline.notified()
    before = len(mail.outbox)

    def retrace(_actor: object, _case: object) -> object:
        found = hotline.traced(case)
        if what == "cancelled":
            notify.cancel(hotline.analyst, notice)
        elif what == "held":
            until = clock.now() + timedelta(days=2)
            police_steps.hold(hotline.analyst, case, cast.authority.organisation_id, until, "Wait.")
        else:
            hotline.assessed("elsewhere", by=hotline.colleague, case=case)
        return found

    assert send.send(hotline.analyst, notice, retrace) is None  # type: ignore[arg-type]
    assert len(mail.outbox) == before
