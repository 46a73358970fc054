"""Which addresses are public, in every place that asks: what may be contacted, and what is a host of a report."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from tutela.exchange.feeds import http_client
from tutela.exchange.message.ip_ranges import is_global
from tutela.exchange.takedown.host_lists import is_public_address

NOT_PUBLIC = ["::ffff:0:192.0.2.1", "::ffff:0:8.8.8.8", "5f00::1", "5f00:ffff::", "127.0.0.1", "fe80::1", "10.0.0.1"]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_that_no_public_host_has_is_refused_everywhere(text: str) -> None:
    address = ip_address(text)
    assert not is_global(address)
    assert not is_public_address(address)
    assert not http_client._public(address)


@pytest.mark.parametrize("text", ["8.8.8.8", "2606:2800:21f::1", "5eff::1", "2001:4860:4860::8888"])
def test_no_neighbour_is_refused(text: str) -> None:
    address = ip_address(text)
    assert is_global(address) == address.is_global == is_public_address(address)
