"""The state machine of a hand-over, by every walk that it allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.casework.hand_overs import states
from tutela.casework.models import AgencyHandOver, HandOverState, Way

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def row(state: str, **said: object) -> AgencyHandOver:
    base = {"way": Way.SENT, "owner": "person:1", "due_on": NOW.date(), "created_at": NOW, "urgent": False}
    return AgencyHandOver(state=state, **{**base, **said})


@given(st.lists(st.sampled_from(HandOverState.values), max_size=12))
def test_whatever_is_tried_an_ended_hand_over_never_changes(tried: list[str]) -> None:
    state, ended = HandOverState.SENT.value, False
    for one in tried:
        if states.may_follow(state, one):
            assert not ended
            state = one
            ended = state in states.ENDED
    assert states.ended(row(state)) == ended


@given(st.sampled_from(HandOverState.values))
def test_every_state_can_come_to_an_end(state: str) -> None:
    seen, todo = set(), [state]
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += states.FOLLOWING[one]
    assert seen & set(states.ENDED)


@given(st.sampled_from(HandOverState.values), st.booleans(), st.integers(0, 40), st.booleans(), st.booleans())
def test_what_is_open_for_long_needs_somebody(state: str, urgent: bool, days: int, owned: bool, left: bool) -> None:
    one = row(state, urgent=urgent, owner="person:1" if owned else "", due_on=(NOW + timedelta(days=5)).date())
    wanted = states.needs_somebody(one, NOW + timedelta(days=days), owner_left=left)
    if states.ended(one):
        assert not wanted
    elif left or days > 5 or state == HandOverState.REFUSED:
        assert wanted
    elif state not in (HandOverState.SENT, HandOverState.RECEIVED):
        assert wanted == (not owned)


@pytest.mark.parametrize("way", Way.values)
def test_a_refusal_ends_it_for_the_addressee_alone(way: str) -> None:
    assert states.ended(row(HandOverState.REFUSED, way=way)) == (way == Way.RECEIVED)
