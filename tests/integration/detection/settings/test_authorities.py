"""Whom a provider without a Centre turns to first (Art. 18(2) DSA), by what the report says of place and people."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.detection_world import World
from tests.support.reporting import report
from tutela.detection.settings import authorities

# The provider is Irish; of every country here there is an address.
PLACES = ("DE", "EU", "FR", "GB", "IE", "NL")
NOWHERE: dict[str, Any] = {"geography": [], "users": [{"identifiers": ["account-1"]}]}


def order(cast: Cast, **said: Any) -> list[str]:
    world = World(cast)
    for place in PLACES:
        given = authorities.Address(place, f"Office {place}", "post@office.example", ["en"], date(2024, 1, 1), "Notice")
        authorities.add(world.lead, given)
    return [row.country for row in authorities.current(world.lead, report(**{**NOWHERE, **said}))]


@pytest.mark.parametrize(
    "said",
    [
        {"users": [{"residence": "FR"}]},
        {"users": [{"account_country": "FR"}]},
        {"users": [{"postal_countries": ["FR"]}]},
        {"users": [{"phones": ["+33 1 44 55 66 77"]}]},
        {"users": [{"other_phones": ["+33 000"]}]},
        {"geography": [{"country": "FR"}]},
        {"victims": [{"residence": "FR"}]},
        {"victims": [{"account_country": "FR"}]},
        {"victims": [{"phones": ["+33 1 44 55 66 77"]}]},
    ],
)
def test_a_member_state_that_the_report_names_stands_first(cast: Cast, said: dict[str, Any]) -> None:
    assert order(cast, **said)[:3] == ["FR", "EU", "IE"]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"users": [{"phones": ["030 23125 007"]}]},
        {"users": [{"phones": ["no number"]}]},
        {"users": [{"identifiers": ["1"]}, {"relation": "associated", "residence": "FR"}]},
    ],
    ids=["nothing", "a number of nowhere", "no number", "somebody else's account"],
)
def test_where_no_member_state_is_known_europol_stands_before_the_own(cast: Cast, said: dict[str, Any]) -> None:
    assert order(cast, **said)[:2] == ["EU", "IE"]


def test_a_country_outside_the_union_is_no_member_state(cast: Cast) -> None:
    assert order(cast, users=[{"residence": "GB"}])[:3] == ["EU", "IE", "GB"]


def test_suspects_stand_before_places_and_places_before_children(cast: Cast) -> None:
    said = {"users": [{"residence": "NL"}], "geography": [{"country": "DE"}], "victims": [{"residence": "FR"}]}
    assert order(cast, **said) == ["NL", "DE", "FR", "EU", "IE", "GB"]
