"""Network objects of registries: contacts at any depth, countries that are none, hostile answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.takedown.hosts.rdap_network import Contact, NetworkInvalidError, parse


def _entity(roles: list[str], *emails: tuple[str, str], name: str = "", inner: object = None) -> dict[str, Any]:
    rows: list[list[object]] = [["version", {}, "text", "4.0"]]
    rows += [["fn", {}, "text", name]] if name else []
    rows += [["email", {"pref": pref} if pref else {}, "text", mail] for mail, pref in emails]
    return {"roles": roles, "vcardArray": ["vcard", rows], "entities": inner or []}


def _network(entities: list[dict[str, Any]], **more: object) -> bytes:
    data = {"objectClassName": "ip network", "startAddress": "193.0.0.0", "endAddress": "193.0.7.255", "name": "NET"}
    return json.dumps({**data, "entities": entities, **more}).encode()


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_an_abuse_contact_is_found_at_any_depth(depth: int) -> None:
    entity = _entity(["abuse"], ("abuse@host.example", ""))
    for _ in range(depth - 1):
        entity = _entity(["registrant"], name="Host", inner=[entity])
    assert parse(_network([entity])).contacts == (Contact("abuse@host.example", "abuse"),)


def test_the_preferred_address_is_first_and_abuse_comes_before_technical() -> None:
    entities = [
        _entity(["technical"], ("noc@host.example", "")),
        _entity(["abuse"], ("second@host.example", "2"), ("first@host.example", "1"), ("not an address", "")),
    ]
    found = parse(_network(entities)).contacts
    assert [one.email for one in found] == ["first@host.example", "second@host.example"]


@pytest.mark.parametrize(("said", "country"), [("nl", "NL"), ("EU", ""), ("A1", ""), ("ZZZ", ""), (7, ""), (None, "")])
def test_what_is_no_country_is_none(said: object, country: str) -> None:
    assert parse(_network([], country=said)).country == country


def test_private_networks_are_never_a_host() -> None:
    found = parse(_network([], arin_originas0_originautnums=[64500, 65000, 3333, True, "x", 2**33]))
    assert found.asns == (3333,)


def test_the_prefix_is_read_in_both_forms() -> None:
    assert parse(_network([])).prefix == "193.0.0.0/21"
    assert parse(_network([], cidr0_cidrs=[{"v6prefix": "2001:db8::", "length": 32}])).prefix == "2001:db8::/32"


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"objectClassName": "domain"}', b"[" * 100_000])
def test_what_is_no_network_is_refused(content: bytes) -> None:
    with pytest.raises(NetworkInvalidError):
        parse(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["roles", "vcardArray", "entities"]), inner)
    ),
    max_leaves=20,
)


@given(entities=JSON, country=JSON, prefixes=JSON, numbers=JSON)
def test_any_answer_is_read_or_refused(entities: Any, country: Any, prefixes: Any, numbers: Any) -> None:
    more = {"country": country, "cidr0_cidrs": prefixes, "arin_originas0_originautnums": numbers}
    data = {"objectClassName": "ip network", "entities": entities, **more}
    found = parse(json.dumps(data).encode())
    assert len(found.contacts) <= 5
