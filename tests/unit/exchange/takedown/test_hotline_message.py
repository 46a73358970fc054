"""Messages between hotlines: closed, in normal form, and in an order that only goes one way."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.hotline_cases import AT, CASE, ID
from tutela.exchange.message.base import Wire
from tutela.exchange.message.problem import in_words
from tutela.exchange.takedown.hotline_message import (
    FINAL,
    ActionKind,
    HotlineCase,
    HotlineReceipt,
    HotlineStatus,
    in_order,
    may_follow,
)

RECEIPT: dict[str, Any] = {
    "message_id": ID,
    "case_reference": "EX-2026-000123",
    "acceptance": "accepted",
    "own_reference": "NL-7",
    "at": AT,
}
STATUS: dict[str, Any] = {
    "message_id": ID,
    "case_reference": "EX-2026-000123",
    "own_reference": "NL-7",
    "location": "EX-2026-000123-1",
    "sequence": 1,
    "action": {"kind": "removed", "at": AT},
}


def refusal(model: type[Wire], value: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        model.from_bytes(json.dumps(value).encode())
    return in_words(refused.value)


def location(**change: Any) -> dict[str, Any]:
    return CASE | {"locations": [CASE["locations"][0] | change]}


@pytest.mark.parametrize(("model", "value"), [(HotlineCase, CASE), (HotlineReceipt, RECEIPT), (HotlineStatus, STATUS)])
def test_messages_are_read_and_written(model: type[Wire], value: dict[str, Any]) -> None:
    found = model.from_bytes(json.dumps(value).encode())
    assert model.from_bytes(found.to_bytes()) == found
    assert "surprise" in refusal(model, value | {"surprise": 1})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (location(url="https://HOST.example/x/1"), "normal form"),
        (location(url="http://localhost/"), "private or reserved"),
        (location(assessments=[{"classification": "A", "assessed_at": AT, "assessed_by": "a"}]), "scheme:value"),
        (location(actions=[{"kind": "unavailable", "at": AT}]), "reason is required"),
        (location(actions=[{"kind": "removed", "at": AT}, {"kind": "reported_to_host", "at": AT}]), "final"),
        (location(actions=[{"kind": "reported_to_host", "at": AT}] * 2), "twice"),
        (CASE | {"locations": CASE["locations"] * 2}, "two sources"),
        (CASE | {"locations": [CASE["locations"][0] | {"is_source": False}] * 2}, "url twice"),
        (CASE | {"received_at": "2026-03-10T14:05:00Z"}, "sent_at"),
        (CASE | {"reporter": "x"}, "reporter"),
    ],
)
def test_a_refusal_of_a_case_names_field_and_reason(value: dict[str, Any], reason: str) -> None:
    assert reason in refusal(HotlineCase, value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"own_reference": None}, "own_reference"),
        ({"acceptance": "not_our_country"}, "country"),
        ({"acceptance": "refused"}, "reason"),
    ],
)
def test_a_receipt_explains_itself(change: dict[str, Any], reason: str) -> None:
    assert reason in refusal(HotlineReceipt, RECEIPT | change)


def test_a_move_has_a_place() -> None:
    assert "hosting" in refusal(HotlineStatus, STATUS | {"action": {"kind": "moved", "at": AT}})


REAPPEARS = frozenset({ActionKind.REMOVED, ActionKind.UNAVAILABLE})


def test_nothing_follows_a_final_action_and_only_a_move_comes_twice() -> None:
    assert may_follow((), ActionKind.REMOVED)
    assert not may_follow((), ActionKind.REAPPEARED)
    for before, kind in product(set(ActionKind) - {ActionKind.REAPPEARED}, ActionKind):
        if kind is ActionKind.REAPPEARED:
            assert may_follow((before,), kind) == (before in REAPPEARS)
            continue
        expected = before not in FINAL and (kind is not before or kind is ActionKind.MOVED)
        assert may_follow((before,), kind) == expected


@given(st.lists(st.sampled_from(ActionKind), max_size=12))
def test_an_order_that_can_be_has_one_final_action_before_each_reappearance(kinds: list[ActionKind]) -> None:
    taken: tuple[ActionKind, ...] = ()
    for one in kinds:
        if may_follow(taken, one):
            taken += (one,)
    assert in_order(taken)
    part: list[ActionKind] = []
    for one in taken:
        if one is ActionKind.REAPPEARED:
            assert part[-1] in REAPPEARS
            part = []
            continue
        assert not FINAL & set(part)
        assert one is ActionKind.MOVED or one not in part
        part.append(one)
    assert in_order(tuple(kinds)) == (taken == tuple(kinds))
