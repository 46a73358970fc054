"""Simulated orders: never without their mark, and a clock of 24 hours that begins again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from tutela.exchange.message.base import Wire
from tutela.exchange.message.problem import in_words
from tutela.exchange.takedown.csar_order import (
    MeasureExecuted,
    MeasureOrder,
    OrderExecuted,
    OrderImpossible,
    RemovalOrder,
    execution_deadline,
)

AUTHORITY = {"name": "Example Authority", "country": "IT", "contact": "desk@authority.example"}
ORDER: dict[str, Any] = {
    "simulation": True,
    "requesting_authority": AUTHORITY,
    "issuing_authority": AUTHORITY,
    "reference": "IT-2026-9",
    "provider": "Example Hosting",
    "contact_point": "desk@host.example",
    "service": "Example Albums",
    "locations": [{"url": "https://host.example/x/1"}],
    "grounds": ["annex_iv_3_1"],
    "follow_up_contact": "desk@authority.example",
    "reasons": "A court confirmed the order.",
    "court": "Court of Example",
    "redress_time_limits": "30 days",
    "redress_provisions": "Art. 1",
    "language": "en",
    "issued_at": "2026-02-10T14:05:00Z",
    "signatory": "Judge",
}
ANSWER: dict[str, Any] = {
    "simulation": True,
    "provider": "Example Hosting",
    "contact_point": "desk",
    "contact": "desk@host.example",
    "requesting_authority": "Example Authority",
    "issuing_authority": "Example Court",
    "reference": "IT-2026-9",
    "received_at": "2026-02-10T15:00:00Z",
    "issued_at": "2026-02-10T17:00:00Z",
    "signatory": "Desk",
}
IMPOSSIBLE = ANSWER | {"because": "missing_information", "explanation": "The page has 400 items."}
EXECUTED = ANSWER | {"execution": "removed", "executed_at": "2026-02-10T16:00:00Z"}
BLOCKING = {name: one for name, one in ORDER.items() if name != "grounds"} | {
    "measure": "blocking",
    "safeguards": "Only this address.",
    "begins": "2026-03-01",
    "ends": "2026-09-01",
}
RECEIVED = datetime(2026, 2, 10, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def refusal(model: type[Wire], value: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        model.from_bytes(json.dumps(value).encode())
    return in_words(refused.value)


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (RemovalOrder, ORDER),
        (MeasureOrder, BLOCKING),
        (OrderImpossible, IMPOSSIBLE),
        (OrderExecuted, EXECUTED),
        (MeasureExecuted, {name: one for name, one in EXECUTED.items() if name != "execution"}),
    ],
)
def test_nothing_is_built_without_the_mark_or_an_element(model: type[Wire], value: dict[str, Any]) -> None:
    found = model.from_bytes(json.dumps(value).encode())
    assert json.loads(found.to_bytes())["simulation"] is True
    assert "simulation" in refusal(model, value | {"simulation": False})
    for name in value:
        assert name in refusal(model, {key: one for key, one in value.items() if key != name})


@pytest.mark.parametrize(
    ("until", "extended", "valid"),
    [
        ("2026-03-24T14:05:00Z", False, True),
        ("2026-03-24T14:05:01Z", False, False),
        ("2026-05-05T14:05:00Z", True, True),
        ("2026-05-05T14:05:01Z", True, False),
        ("2026-02-10T14:05:00Z", False, False),
    ],
)
def test_non_disclosure_lasts_six_weeks_and_once_more(until: str, extended: bool, valid: bool) -> None:
    value = ORDER | {"non_disclosure": {"until": until, "reason": "An investigation.", "extended": extended}}
    if valid:
        assert RemovalOrder.from_bytes(json.dumps(value).encode()).non_disclosure is not None
    else:
        assert "6 weeks" in refusal(RemovalOrder, value)


def test_execution_is_between_receipt_and_answer() -> None:
    assert "executed_at" in refusal(OrderExecuted, EXECUTED | {"executed_at": "2026-02-10T18:00:00Z"})
    assert "issued_at" in refusal(OrderImpossible, IMPOSSIBLE | {"issued_at": "2026-02-10T14:00:00Z"})


def test_the_deadline_is_24_hours_from_receipt_also_when_clocks_change() -> None:
    assert execution_deadline(RECEIVED) == RECEIVED + 24 * HOUR
    rome = datetime(2026, 3, 28, 20, tzinfo=ZoneInfo("Europe/Rome"))
    assert execution_deadline(rome) == datetime(2026, 3, 29, 19, tzinfo=UTC)


def test_the_period_begins_again_when_an_interruption_ends() -> None:
    ended = RECEIVED + 40 * HOUR
    assert execution_deadline(RECEIVED, [(RECEIVED + HOUR, ended)]) == ended + 24 * HOUR
    assert execution_deadline(RECEIVED, [(RECEIVED + HOUR, None)]) is None
    again = (ended + 2 * HOUR, ended + 3 * HOUR)
    assert execution_deadline(RECEIVED, [again, (RECEIVED + HOUR, ended)]) == ended + 27 * HOUR


def test_an_interruption_that_was_reported_too_late_changes_nothing() -> None:
    late = RECEIVED + 25 * HOUR
    assert execution_deadline(RECEIVED, [(late, None)]) == RECEIVED + 24 * HOUR
    assert execution_deadline(RECEIVED, [(RECEIVED - HOUR, None)]) == RECEIVED + 24 * HOUR


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"locations": []}, "locations"),
        ({"measure": "detection", "detects": ["known"]}, "locations"),
        ({"measure": "detection", "locations": []}, "detects"),
        ({"detects": ["known"]}, "detects"),
        ({"begins": None}, "begins"),
        ({"begins": "2026-02-10"}, "begins"),
        ({"ends": "2026-02-28"}, "ends"),
        ({"ends": "2031-03-06"}, "1830 days"),
        ({"measure": "detection", "locations": [], "detects": ["new"], "ends": "2028-03-03"}, "731 days"),
        ({"measure": "detection", "locations": [], "detects": ["solicitation"], "ends": "2027-03-03"}, "366 days"),
    ],
)
def test_a_measure_has_what_it_is_about_and_a_period(changed: dict[str, Any], reason: str) -> None:
    assert reason in refusal(MeasureOrder, BLOCKING | changed)


def test_a_delisting_order_has_no_period() -> None:
    value = BLOCKING | {"measure": "delisting", "begins": None, "ends": None}
    assert MeasureOrder.from_bytes(json.dumps(value).encode()).begins is None
