"""Blocks of addresses: one party's addresses are one subject for an hour; what names no visitor is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tutela import clock
from tutela.events.rate_limits import of_block

NOW = datetime(2027, 5, 3, 11, tzinfo=UTC)


def test_a_routed_block_is_one_subject() -> None:
    with clock.simulate(NOW):
        assert of_block("1.2.3.4") == of_block("1.2.3.200") == of_block("::ffff:1.2.3.9") != of_block("1.2.4.4")
        assert of_block("2a00:1:2::1") == of_block("2a00:1:2:ffff::1") != of_block("2a00:1:3::1")
        assert "1.2.3" not in of_block("1.2.3.4")


def test_nobody_can_tell_in_the_next_hour_whose_it_was() -> None:
    with clock.simulate(NOW):
        before = of_block("1.2.3.4")
    with clock.simulate(NOW + timedelta(hours=1)):
        assert of_block("1.2.3.4") != before


@pytest.mark.parametrize("address", ["", "unknown", "127.0.0.1", "10.1.2.3", "fe80::1", "::1"])
def test_an_address_that_names_no_visitor_is_of_no_block(address: str) -> None:
    assert of_block(address) == ""
