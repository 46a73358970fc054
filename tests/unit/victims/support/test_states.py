"""The state machines of a support case, by every walk that they allow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tutela.victims.models import CareState, ServiceState, SupportCase, SupportStage
from tutela.victims.support import states

ORDER = [SupportStage.NEW, SupportStage.ASSESSED, SupportStage.SUPPORTED, SupportStage.FOLLOWED_UP]


@given(st.lists(st.sampled_from(CareState.values), max_size=12))
def test_care_never_becomes_undecided_again(tried: list[str]) -> None:
    state = CareState.OPEN.value
    for one in tried:
        if states.care_may_follow(state, one):
            state = one
            assert state != CareState.OPEN


@given(st.sampled_from(CareState.values), st.sampled_from(CareState.values))
def test_a_case_is_closable_only_when_both_parts_have_an_end(treatment: str, follow_up: str) -> None:
    row = SupportCase(treatment=treatment, follow_up=follow_up)
    assert states.closable(row) == ({treatment, follow_up} <= set(states.CARE_ENDED))


@given(st.lists(st.sampled_from(ORDER), max_size=12))
def test_a_case_never_goes_back_by_itself(reached: list[SupportStage]) -> None:
    row, before = SupportCase(stage=SupportStage.NEW), 0
    for one in reached:
        row.stage = states.stage_of(row, one)
        after = ORDER.index(SupportStage(row.stage))
        assert after >= before
        before = after


@given(st.lists(st.sampled_from(ServiceState.values), max_size=12))
def test_a_declined_service_can_always_be_accepted_later(tried: list[str]) -> None:
    state = ServiceState.OFFERED.value
    for one in tried:
        if states.service_may_follow(state, one):
            state = one
    assert state != ServiceState.DECLINED or states.service_may_follow(state, ServiceState.ACCEPTED)
