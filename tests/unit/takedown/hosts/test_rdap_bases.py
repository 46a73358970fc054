"""Bases of registries: longest prefix, https alone, files that are none."""

from __future__ import annotations

import json
from ipaddress import ip_address

import pytest

from tutela.takedown.hosts import rdap_bases


def _file(*services: object) -> bytes:
    return json.dumps({"version": "1.0", "publication": "2026-01-01T00:00:00Z", "services": services}).encode()


def test_the_longest_prefix_wins() -> None:
    found = rdap_bases.parse(
        _file(
            [["192.0.2.0/24"], ["https://a.example/rdap"]],
            [["192.0.2.128/25"], ["http://plain.example/", "https://b.example/"]],
        )
    )
    assert found.base_for(ip_address("192.0.2.1")) == "https://a.example/rdap/"
    assert found.base_for(ip_address("192.0.2.200")) == "https://b.example/"
    assert found.base_for(ip_address("2001:db8::1")) is None


def test_a_base_without_https_is_none() -> None:
    assert rdap_bases.parse(_file([["192.0.2.0/24"], ["http://plain.example/"]])).networks == ()


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("193.0.6.139", "https://rdap.db.ripe.net/"),
        ("8.8.8.8", "https://rdap.arin.net/registry/"),
        ("200.1.1.1", "https://rdap.lacnic.net/rdap/"),
        ("41.0.0.1", "https://rdap.afrinic.net/rdap/"),
        ("1.1.1.1", "https://rdap.apnic.net/"),
        ("2a00::1", "https://rdap.db.ripe.net/"),
        ("2600::1", "https://rdap.arin.net/registry/"),
        ("10.0.0.1", None),
    ],
)
def test_the_shipped_table_knows_the_five_registries(address: str, base: str | None) -> None:
    assert rdap_bases.shipped().base_for(ip_address(address)) == base


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"services": 1}', b'{"services": [[1]]}', b'{"services": [[["x"], ["https://a/"]]]}']
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        rdap_bases.parse(content)
