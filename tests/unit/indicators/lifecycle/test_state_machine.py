"""The life of an indicator, as a pure function."""

from __future__ import annotations

import random
from typing import get_args

import pytest

from tests.support.indicators_histories import drawn, play
from tutela.indicators.lifecycle import state_machine
from tutela.indicators.lifecycle.state_machine import (
    AcceptHeld,
    Action,
    ActionNotAllowed,
    Certify,
    Decide,
    Dispute,
    IndicatorState,
    Propose,
    ReportFalse,
    Revoke,
    Rules,
    State,
    Suspend,
    next_state,
)

RULES = Rules(categories=frozenset({"a:known"}))
IE, DE, FR = ("hotline-ie", "IE"), ("hotline-de", "DE"), ("police-fr", "FR")


def played(*acts: Action, rules: Rules = RULES) -> IndicatorState:
    now = IndicatorState()
    for act in acts:
        now = next_state(now, act, rules)
    return now


ACTIVE = (Propose(*IE, "a:known"), Certify(*DE))


def test_nothing_is_active_without_two_organisations_in_two_jurisdictions() -> None:
    assert played(Propose(*IE, "a:known")).state is State.PROPOSED
    assert played(Propose(*IE, "a:known"), Certify("garda-ie", "IE")).state is State.PROPOSED
    assert played(*ACTIVE).state is State.ACTIVE
    with pytest.raises(ActionNotAllowed, match="certified"):
        played(Propose(*IE, "a:known"), Certify(*IE))


def test_what_lies_outside_the_policy_is_never_added() -> None:
    with pytest.raises(ActionNotAllowed, match="category"):
        played(Propose(*IE, "b:known"))
    proposed = played(Propose(*IE, "a:known"))
    assert next_state(proposed, Certify(*DE), Rules(categories=frozenset())).state is State.PROPOSED
    assert Rules(categories=frozenset({"b:*"})).permits("b:anything")
    assert not Rules(categories=frozenset({"b:*"})).permits("bb:anything")


def test_a_certifiers_doubt_suspends_and_a_single_strangers_does_not() -> None:
    assert played(*ACTIVE, Dispute("hotline-de")).state is State.SUSPENDED
    once = played(*ACTIVE, Dispute("police-fr"))
    assert once.state is State.ACTIVE
    with pytest.raises(ActionNotAllowed, match="doubted"):
        next_state(once, Dispute("police-fr"), RULES)
    assert next_state(once, Dispute("police-pl"), RULES).state is State.SUSPENDED


def test_who_certifies_what_is_active_already_stops_it_no_sooner_than_a_stranger() -> None:
    later = played(*ACTIVE, Certify(*FR))
    assert later.state is State.ACTIVE
    once = next_state(later, Dispute("police-fr"), RULES)
    assert once.state is State.ACTIVE
    assert next_state(once, Dispute("police-pl"), RULES).state is State.SUSPENDED
    assert next_state(once, Dispute("hotline-de"), RULES).state is State.SUSPENDED
    again = (Suspend(), Decide(upheld=False), Certify(*FR), Certify(*DE))
    assert played(*ACTIVE, Certify(*FR), *again, Dispute("police-fr")).state is State.SUSPENDED, "now it rests on them"


def test_false_positives_of_two_providers_suspend_and_those_of_one_never() -> None:
    one = played(*ACTIVE, ReportFalse("pixelpost"), ReportFalse("pixelpost"))
    assert one.state is State.ACTIVE
    assert next_state(one, ReportFalse("chatterbox"), RULES).state is State.SUSPENDED


def test_nothing_returns_without_a_new_round() -> None:
    dismissed = played(*ACTIVE, Dispute("hotline-de"), Decide(upheld=False))
    assert (dismissed.state, dismissed.round, dismissed.certified) == (State.PROPOSED, 2, frozenset())
    once = next_state(dismissed, Certify(*IE), RULES)
    assert once.state is State.PROPOSED
    assert next_state(once, Certify(*DE), RULES).state is State.ACTIVE
    with pytest.raises(ActionNotAllowed, match="suspended"):
        played(*ACTIVE, Suspend(), Certify(*FR))


def test_a_dismissed_doubt_that_suspended_nothing_leaves_everything_as_it_was() -> None:
    assert played(*ACTIVE, Dispute("police-fr"), Decide(upheld=False)) == played(*ACTIVE)
    with pytest.raises(ActionNotAllowed, match="undisputed"):
        played(*ACTIVE, Decide(upheld=False))


@pytest.mark.parametrize(
    "act", [Certify(*FR), Dispute("x"), ReportFalse("x"), Suspend(), Decide(upheld=False), Revoke()]
)
def test_after_the_end_nothing_is_possible(act: Action) -> None:
    for end in ((Revoke(),), (Suspend(), Decide(upheld=True))):
        with pytest.raises(ActionNotAllowed, match="revoked"):
            played(*ACTIVE, *end, act)
    with pytest.raises(ActionNotAllowed, match="none"):
        played(act)


def test_ten_thousand_histories_keep_every_promise() -> None:
    dice = random.Random(20261125)
    figures = [play(dice) for _ in range(10_000)]
    assert sum(active for _, active in figures) > 500, "histories that prove nothing"


def test_histories_draw_everything_that_can_happen() -> None:
    dice = random.Random(20261125)
    acts = [drawn(dice) for _ in range(5_000)]
    assert {type(one) for one in acts} == set(get_args(Action.__value__))
    said = [one for one in acts if isinstance(one, Dispute | ReportFalse)]
    assert {(type(one), one.waits) for one in said} == {(kind, w) for kind in (Dispute, ReportFalse) for w in (0, 1)}


@pytest.mark.parametrize("broken", ["doubt", "report", "heard"])
def test_the_judge_sees_a_flood_that_stops_something(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    true = next_state

    def wrong(now: IndicatorState, act: Action, rules: Rules) -> IndicatorState:
        match act:
            case Dispute(organisation=one, waits=True) if broken == "doubt":
                return true(now, Dispute(one), rules)
            case ReportFalse(provider=one, waits=True) if broken == "report":
                return true(now, ReportFalse(one), rules)
            case AcceptHeld() if broken == "heard":
                return true(now, Suspend(), rules)
        return true(now, act, rules)

    monkeypatch.setattr(state_machine, "next_state", wrong)
    dice = random.Random(20261125)
    with pytest.raises(AssertionError):
        any(play(dice) is None for _ in range(5_000))
