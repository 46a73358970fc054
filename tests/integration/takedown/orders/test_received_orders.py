"""Received orders over the API: a provider's own, each marked for what it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.orders_world import Orders
from tutela.takedown.models import OrderKind
from tutela.takedown.orders import answer

URL = "/api/v1/takedown/orders"


@pytest.fixture
def orders(cast: Cast) -> Orders:
    return Orders(cast)


def _asked(cast: Cast, organisation: Any, query: str = "", scope: str = "orders:read") -> Any:
    return Client(raise_request_exception=False).get(f"{URL}{query}", headers=cast.key(organisation, scope))


def test_a_simulated_order_says_so(orders: Orders, cast: Cast) -> None:
    real, simulated = orders.issued(), orders.issued(OrderKind.REMOVAL)
    found = {one["id"]: one for one in _asked(cast, orders.providers[0]).json()["orders"]}
    one, other = found[str(orders.copy(real))], found[str(orders.copy(simulated))]
    assert (one["simulation"], one["in_force"], "simulation" in one["order"]) == (False, True, False)
    assert (other["simulation"], other["in_force"], other["order"]["simulation"]) == (True, False, True)
    assert one["order"]["locations"][0]["url"] == "https://host.example.org/x/1"
    answer.contest(orders.leads[0], orders.copy(real), "We have appealed.")
    assert len(_asked(cast, orders.providers[0], "?view=answered").json()["orders"]) == 0
    assert len(_asked(cast, orders.providers[0], "?view=all&page=1").json()["orders"]) == 2
    assert not _asked(cast, orders.providers[0], "?view=all&page=9").json()["orders"]


def test_strangers_read_nothing(orders: Orders, cast: Cast) -> None:
    orders.issued()
    assert Client(raise_request_exception=False).get(URL).status_code == 401
    assert _asked(cast, orders.providers[0], scope="releases:read").status_code == 403
    assert _asked(cast, orders.providers[1]).json()["orders"] == []
