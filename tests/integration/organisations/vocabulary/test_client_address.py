"""Who a visitor is, behind proxies that are trusted and those that are not."""

from __future__ import annotations

import pytest
from django.test import override_settings

from tutela.organisations.vocabulary.client_address import named


@pytest.mark.parametrize(
    ("peer", "said", "client"),
    [
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.3", "198.51.100.7"),
        ("::ffff:127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7, \u00b2", "198.51.100.7"),
        ("", "198.51.100.7", ""),
    ],
)
def test_only_a_listed_proxy_says_who_a_visitor_is(peer: str, said: str, client: str) -> None:
    with override_settings(TRUSTED_PROXIES="127.0.0.0/8, 10.0.0.0/24"):
        assert named(peer, said) == client
