"""What one report says beyond others of the same account, moments and items."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.support.reporting import account, item, report
from tutela.events.identifiers import uuid7
from tutela.exchange.report.new_information import Known, covers
from tutela.exchange.report.report import Report

AT = "2026-06-01T12:00:00+00:00"
PLACE = {"ip": "192.0.2.7", "at": AT}
SAME: dict[str, Any] = {
    "items": [item()],
    "users": [account("a")],
    "locations": [PLACE],
    "victims": [],
    "geography": [],
}


def said(**changes: Any) -> Report:
    return report(**{**SAME, **changes})


MORE = {
    "a port": {"locations": [{**PLACE, "port": 4711}]},
    "an address": {"locations": [PLACE, {**PLACE, "ip": "192.0.2.8"}]},
    "a child": {"victims": [{"other": "token"}]},
    "a place": {"geography": [{"country": "FR"}]},
    "words": {"other": {"text": "token"}},
    "a residence": {"users": [{**account("a"), "residence": "FR"}]},
    "urgency": {"urgency": {"urgent": True, "reason": "token"}},
    "a danger": {"urgency": {"urgent": False, "dangers": ["access"]}},
    "where it was seen": {
        "items": [
            {**SAME["items"][0], "sightings": [*SAME["items"][0]["sightings"], {"at": AT, "url": "https://x.example"}]}
        ]
    },
    "an approach": {"kinds": ["known", "solicitation"]},
    "a promise to preserve": {"preservation": {"until": AT}},
}


@pytest.mark.parametrize("what", MORE)
def test_what_one_says_beyond_another_is_found_and_its_absence_is_none(what: str) -> None:
    assert Known([said()]).lacks(said(**MORE[what]))
    if what != "an address":
        assert not Known([said(**MORE[what])]).lacks(said())


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"report_id": str(uuid7())},
        {"items": [{**SAME["items"][0], "item_id": str(uuid4())}]},
        {"confirmation": None},
        {"issuance": {"issued_at": AT, "time_zone": "UTC", "signatory": "Somebody else"}},
        {"removal": {"removed_or_disabled": False}},
    ],
)
def test_what_each_report_has_of_its_own_is_no_news(own: dict[str, Any]) -> None:
    assert not Known([said()]).lacks(said(**own))


def test_a_later_date_of_the_same_promise_is_no_news() -> None:
    first = said(preservation={"until": AT})
    assert not Known([first]).lacks(said(preservation={"until": "2026-09-01T12:00:00+00:00"}))


def test_what_several_say_together_is_no_news_and_parts_are_not_mixed() -> None:
    known = Known([said(locations=[{**PLACE, "port": 1}]), said(other={"text": "token"})])
    assert not known.lacks(said(locations=[PLACE], other={"text": "token"}))
    # A port of one address is not another's.
    two = Known([said(locations=[PLACE, {**PLACE, "ip": "192.0.2.8", "port": 5}])])
    assert two.lacks(said(locations=[{**PLACE, "port": 5}]))


def test_a_part_covers_what_says_no_more() -> None:
    assert covers({"a": 1, "b": [1, 2]}, {"b": [2]})
    assert not covers({"a": 1}, {"a": 1, "b": 2})
    assert not covers({"a": 1}, [1])
