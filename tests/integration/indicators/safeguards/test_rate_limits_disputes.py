"""Floods of what is said of entries: held with one alert, shown, and done once the Centre lets it count."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.integration.indicators.lifecycle.test_state_machine_rows import _recipient
from tests.integration.indicators.register.test_register import _active, _propose, _scheme, _state
from tests.support import holds
from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.indicators.lifecycle import state, state_machine
from tutela.indicators.lifecycle.state_machine import AcceptHeld, IndicatorState, ReportFalse, Rules, State
from tutela.indicators.models import Feedback, Hold
from tutela.indicators.register import bulk_actions, certify, detail, dispute, match_feedback
from tutela.indicators.release_files import version_files
from tutela.indicators.safeguards import hold_effects, hold_release, rate_limits

__all__ = ["_scheme"]
ALERTS = "/desk/indicators/alerts/"


def _false(cast: Cast, sender: Actor, indicator: UUID, verdict: str = "false") -> bool:
    return match_feedback.feedback(cast.centre, sender, version_files.LIST_ID, indicator, verdict)


def _held(cast: Cast, actor: Actor) -> list[Hold]:
    return holds.open_of(cast.centre, actor.organisation_id)


def _reports(cast: Cast, indicator: UUID) -> frozenset[str]:
    with acting(cast.centre):
        return state.state_of(indicator).reports


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "FALSE_PER_HOUR", 2)
    monkeypatch.setattr(rate_limits, "FALSE_PER_DAY", 3)


@pytest.mark.usefixtures("few")
def test_two_recipients_that_find_everything_wrong_stop_no_more_than_they_may(cast: Cast) -> None:
    made, first, second = [_active(cast) for _ in range(5)], _recipient(cast, "One"), _recipient(cast, "Two")
    assert [_false(cast, first, one) for one in made] == [False] * 5
    assert [_false(cast, second, one) for one in made] == [True, True, False, False, False]
    assert [_state(cast, one) for one in made] == ["suspended"] * 2 + ["active"] * 3
    with acting(cast.centre):
        assert Feedback.objects.filter(indicator__in=made).count() == 10, "each is kept"
    for sender in (first, second):
        (hold,) = _held(cast, sender)
        assert (hold.kind, hold.reasons[0]["values"]["count"]) == ("feedback", 2), "and one alert for all"
    assert _reports(cast, made[4]) == frozenset()
    tally = detail.load_detail(cast.hotline_ie, made[4]).tally
    assert [(one.wrong, one.held) for one in tally.recipients] == [(1, 1)] * 2, "shown, as held"
    page = cast.client(cast.hotline_ie, "analyst").get(f"/desk/indicators/{made[4]}/").content.decode()
    assert "counts once the Centre accepts it" in page
    third = _recipient(cast, "Three")
    assert not _false(cast, third, made[4]), "a flood is no second provider for whoever comes by"
    assert not _false(cast, second, made[4]), "nor by being said again"


@pytest.mark.usefixtures("few")
def test_a_day_has_a_number_of_its_own_and_one_entry_is_one_however_often_it_is_spoken_of(cast: Cast) -> None:
    made, sender, now = [_active(cast) for _ in range(5)], _recipient(cast, "One"), clock.now()
    for verdict in ("false", "confirmed", "false", "confirmed", "false"):
        _false(cast, sender, made[0], verdict)
    _false(cast, sender, made[1])
    with clock.simulate(now + timedelta(hours=2)):
        _false(cast, sender, made[2])
        assert not _held(cast, sender)
        _false(cast, sender, made[3], "confirmed")
        assert not _held(cast, sender), "what is right is no flood"
        _false(cast, sender, made[3])
    (hold,) = _held(cast, sender)
    assert "3 entries within a day" in holds.text(hold)


@pytest.mark.usefixtures("few")
def test_released_to_count_it_stops_what_it_would_have_stopped(cast: Cast) -> None:
    made, first, second = [_active(cast) for _ in range(5)], _recipient(cast, "One"), _recipient(cast, "Two")
    for sender in (first, second):
        for one in made:
            _false(cast, sender, one)
    _false(cast, second, made[4], "confirmed")
    lead, (first_hold,) = cast.client(cast.centre, "lead"), _held(cast, first)
    for sender in (first, second):
        (hold,) = _held(cast, sender)
        said = lead.get(ALERTS).content.decode()
        assert "2 entries within 1 hour" in said
        assert "Accept feedback and resume" in said
        number = detail.load_detail(cast.centre, made[3]).line.number
        assert number in said, "the entries are named"
        form = {"reason": "The import is wrong, they say", "decision": "accept"}
        assert lead.post(f"/desk/indicators/alerts/holds/{hold.id}/", form).status_code == 302
        assert not _held(cast, sender)
        stopped = hold_effects.run_effects(cast.centre, hold.pk)
    assert stopped == 2
    assert [_state(cast, one) for one in made] == ["suspended"] * 4 + ["active"]
    (row,) = detail.load_detail(cast.centre, made[3]).suspensions
    assert row.cause == "feedback"
    assert hold_effects.run_effects(cast.centre, hold.pk) == 0, "called again it finds nothing"
    with acting(cast.centre):
        event = Event.objects.filter(kind="register.released", subject_id=str(first_hold.pk)).get()
        assert event.actor_name
    fresh = _active(cast)
    _false(cast, first, fresh)
    assert _false(cast, second, fresh), "and both go on"


@pytest.mark.usefixtures("few")
def test_released_for_nothing_it_counts_once_it_is_said_anew(cast: Cast) -> None:
    made, first, second = [_active(cast) for _ in range(3)], _recipient(cast, "One"), _recipient(cast, "Two")
    for one in made:
        _false(cast, first, one)
    (hold,) = _held(cast, first)
    lead = cast.actor(cast.centre, "lead")
    with pytest.raises(Forbidden):
        hold_release.release(cast.actor(cast.centre, "analyst"), hold.pk, accepted=False, reason="Hold requested")
    with pytest.raises(Invalid):
        hold_release.release(lead, hold.pk, accepted=False, reason=" ")
    hold_release.release(lead, hold.pk, accepted=False, reason="A fault of their matching")
    with pytest.raises(NotFound):
        hold_release.release(lead, hold.pk, accepted=False, reason="Again")
    assert hold_effects.run_effects(cast.centre, hold.pk) == 0
    assert not _false(cast, second, made[2])
    assert _false(cast, first, made[2]), "said anew"
    with acting(cast.centre):
        assert Feedback.objects.filter(indicator=made[2], sender_id=first.organisation_id).count() == 2


def test_a_flood_of_disputes_that_counts_stops_what_it_would_have_stopped(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "DISPUTES_PER_HOUR", 1)
    doubter, other = cast.organisation("Doubter", "hotline", "IT"), cast.organisation("Other", "hotline", "PL")
    made = [_propose(cast.hotline_ie) for _ in range(4)]
    assert all(certify.certify(doubter, one) for one in made)
    late = _active(cast)
    assert dispute.dispute(doubter, made[0], "We erred")
    bulk_actions.do(doubter, "dispute", [*made[1:], late], "We erred")
    waiting = [one for one in (*made, late) if _state(cast, one) == "active"]
    assert len(waiting) == 4
    page = cast.client(cast.centre, "lead").get("/desk/indicators/disputes/").content.decode()
    assert '<span class="badge warn">held</span>' in page
    decided = next(one for one in waiting if one != late)
    dispute.decide(cast.centre, decided, upheld=False, reason="Report as correct")
    (hold,) = _held(cast, doubter)
    hold_release.release(cast.actor(cast.centre, "lead"), hold.pk, accepted=True, reason="They looked again")
    assert hold_effects.run_effects(cast.centre, hold.pk) == 2
    assert {one for one in waiting if _state(cast, one) == "active"} == {decided, late}, "no certifier of the one"
    stopped = next(one for one in waiting if one not in (decided, late))
    (row,) = detail.load_detail(cast.centre, stopped).suspensions
    assert (row.cause, row.reason) == ("certifier", "We erred")
    assert dispute.dispute(other, late, "We doubt it too"), "two that are independent"


def test_many_are_heard_part_by_part(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "DISPUTES_PER_HOUR", 0)
    monkeypatch.setattr(hold_effects, "INDICATORS_AT_ONCE", 2)
    made = [_active(cast) for _ in range(5)]
    for one in made:
        assert not dispute.dispute(cast.hotline_de, one, "We erred")
    (hold,) = _held(cast, cast.hotline_de)
    assert hold_effects.run_effects(cast.centre, hold.pk) == 0, "nothing before the Centre has decided"
    assert {_state(cast, one) for one in made} == {"active"}
    named = [one for one in hold_release.list_holds(cast.actor(cast.centre, "lead")) if one.row.pk == hold.pk]
    assert [(one.count, {pk for pk, _number in one.entries}) for one in named] == [(5, set(made))]
    hold_release.release(cast.actor(cast.centre, "lead"), hold.pk, accepted=True, reason="They looked again")
    assert hold_effects.run_effects(cast.centre, hold.pk) == 5


def test_what_is_heard_does_what_the_word_does() -> None:
    active = IndicatorState(State.ACTIVE, "x", 1, frozenset({("a", "IE"), ("b", "DE")}))
    assert state_machine.next_state(active, ReportFalse("p", waits=True), Rules()) == active
    both = state_machine.next_state(
        state_machine.next_state(active, ReportFalse("p"), Rules(reporters=3)), ReportFalse("q"), Rules(reporters=3)
    )
    assert state_machine.next_state(both, AcceptHeld("p"), Rules()).state is State.SUSPENDED
    assert state_machine.next_state(both, AcceptHeld("r"), Rules()).state is State.ACTIVE
    doubted = state_machine.next_state(active, state_machine.Dispute("a", waits=True), Rules())
    assert doubted.state is State.ACTIVE
    assert state_machine.next_state(doubted, AcceptHeld("a"), Rules()).state is State.SUSPENDED
