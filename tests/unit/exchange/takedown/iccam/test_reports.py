"""ICCAM v3, reconstructed: numbers as numbers, flags that are not swapped, and rules of work."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.hotline_cases import CASE, ID
from tutela.exchange.takedown.hotline_message import Action, ActionKind, HotlineCase
from tutela.exchange.takedown.iccam.codes import IccamPayment, IccamReason, IccamSite
from tutela.exchange.takedown.iccam.reports import (
    Addressees,
    IccamInvalidError,
    SiteFacts,
    from_report,
    may_act,
    may_assess,
    to_action,
    to_report,
)

AT = datetime(2026, 2, 10, 15, tzinfo=UTC)
WHO = Addressees(UUID(ID), "Example Hotline", "Other Hotline", AT)
FACTS = SiteFacts(site=IccamSite.IMAGE_HOST, payment_methods=(IccamPayment.NONE,))


def case(**flags: Any) -> HotlineCase:
    value = json.loads(json.dumps(CASE))
    value["locations"][0]["assessments"][0] |= flags
    return HotlineCase.from_bytes(json.dumps(value).encode())


def test_a_report_has_numbers_as_numbers_and_dates_in_utc() -> None:
    report = to_report(case(), "analyst1", FACTS)
    assert report["hotlineReceivedDate"] == "2026-02-10T14:05:00Z"
    assert (report["sourceUrlSiteType"], report["sourceUrlPaymentMethods"]) == (20, [9])
    (url,) = report["urls"]
    assert (url["contentType"], url["isSourceUrl"], url["hostingCountryCode"]) == (2, True, "NL")
    assert url["hostingOrganization"]["autonomousSystemNumber"] == 64500
    assert url["assessment"]["classification"] == 1
    assert url["actions"] == []
    assert type(json.loads(json.dumps(report))["sourceUrlSiteType"]) is int


@pytest.mark.parametrize(("user", "child"), list(product([False, True], repeat=2)))
def test_the_two_flags_are_never_swapped(user: bool, child: bool) -> None:
    report = to_report(case(user_generated=user, child_modelling=child), "analyst1", FACTS)
    assessment = report["urls"][0]["assessment"]
    assert assessment["userGeneratedContentCategorization"] == int(user)
    assert assessment["childModelingCategorization"] == int(child)
    back = from_report(report, WHO).locations[0].assessments[0]
    assert (back.user_generated, back.child_modelling) == (user, child)


def test_a_case_comes_back_from_its_report() -> None:
    back = from_report(to_report(case(), "analyst-1", FACTS), WHO)
    assert back.locations[0].url == case().locations[0].url
    assert back.locations[0].assessments[0].classification == "interpol:baseline"
    assert (back.case_reference, back.received_at) == (case().case_reference, case().received_at)


@pytest.mark.parametrize("label", ["uk-1978:A", "ncmec:A1", "iccam:3"])
def test_a_label_without_a_counterpart_needs_an_analyst(label: str) -> None:
    with pytest.raises(IccamInvalidError, match="classification"):
        to_report(case(classification=label), "analyst1", FACTS)


def test_actions_above_three_have_a_reason_and_a_move_is_none() -> None:
    unavailable = Action(kind=ActionKind.UNAVAILABLE, at=AT, reason="Not found")
    assert to_action(unavailable, "a", IccamReason.NOT_FOUND_OR_SITE_DOWN) == {
        "actionType": 4,
        "actioningAnalystName": "a",
        "actionDate": "2026-02-10T15:00:00Z",
        "reasonId": 9,
        "reasonText": "Not found",
    }
    assert "reasonId" not in to_action(Action(kind=ActionKind.REMOVED, at=AT), "a")
    with pytest.raises(IccamInvalidError, match="move"):
        to_action(Action(kind=ActionKind.MOVED, at=AT), "a")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"urls": None}, "urls"),
        ({"urls": [1]}, "urls.0"),
        ({"urls": [{"urlString": "x", "hotlineReference": "a"}]}, "urlString"),
        ({"hotlineReceivedDate": "soon"}, "hotlineReceivedDate"),
        ({"hotlineReference": ""}, "case_reference"),
        ({"sourceUrlReferrer": "x"}, "sourceUrlReferrer"),
    ],
)
def test_a_report_that_cannot_be_read_names_the_field(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(IccamInvalidError, match=reason):
        from_report(to_report(case(), "a", FACTS) | change, WHO)


def test_a_reference_may_be_a_number_and_an_unknown_reason_is_other() -> None:
    report = to_report(case(), "a", FACTS) | {"hotlineReference": 123}
    report["urls"][0]["actions"] = [{"actionType": 4, "actionDate": "2026-02-11T10:00:00Z", "reasonId": 99}]
    found = from_report(report, WHO)
    assert found.case_reference == "123"
    assert found.locations[0].actions[0].reason == "OTHER"


@given(st.lists(st.tuples(st.sampled_from("ac"), st.integers(0, 6), st.booleans()), max_size=12))
def test_no_sequence_breaks_the_rules_of_work(steps: list[tuple[str, int, bool]]) -> None:
    classifications: tuple[int, ...] = ()
    actions: tuple[int, ...] = ()
    for kind, number, ours in steps:
        if kind == "c" and number in (1, 2, 4) and may_assess(classifications, actions, ours=ours):
            classifications += (number,)
        if kind == "a" and may_act(actions, number, own_country=ours):
            actions += (number,)
    assert 1 not in classifications[:-1]
    assert len(set(actions)) == len(actions)
    assert not {3, 4, 6} & set(actions[:-1])
