"""Domain objects of registries: the registrar and its own contact, read as another reader of RDAP reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoisit.bootstrap import Bootstrap
from whoisit.parser import parse as parsed_by_peer

from tutela.takedown.hosts import rdap_bases, rdap_network
from tutela.takedown.hosts.rdap_domain import DomainInvalidError, Registrar, parse
from tutela.takedown.hosts.rdap_entities import Contact


def entity(role: str, name: str = "", email: str = "", inner: object = ()) -> dict[str, Any]:
    rows: list[list[object]] = [["version", {}, "text", "4.0"]]
    rows += [["fn", {}, "text", name]] if name else []
    rows += [["email", {}, "text", email]] if email else []
    return {
        "objectClassName": "entity",
        "handle": "1",
        "roles": [role],
        "vcardArray": ["vcard", rows],
        "entities": inner,
    }


def domain(*entities: object, **more: object) -> bytes:
    data = {"objectClassName": "domain", "handle": "D1", "ldhName": "EXAMPLE.ORG", "entities": entities}
    return json.dumps(data | more).encode()


ABUSE = entity("abuse", "Abuse desk", "abuse@registrar.example")
HOLDER = entity("registrant", "A. Person", "person@example.org")


def test_the_registrar_and_its_own_abuse_contact_are_read() -> None:
    found = parse(domain(HOLDER, entity("registrar", "Registrar Ltd", inner=[ABUSE])))
    assert found == Registrar("Registrar Ltd", (Contact("abuse@registrar.example", "abuse"),))


@pytest.mark.parametrize(
    "entities",
    [(HOLDER,), (HOLDER, ABUSE), (), ({"roles": "registrar"},), (7, None)],
    ids=["holder", "abuse of nobody", "none", "roles no list", "no objects"],
)
def test_nothing_of_the_holder_is_taken_for_the_registrar(entities: tuple[object, ...]) -> None:
    assert parse(domain(*entities)) == Registrar("", ())


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"objectClassName": "ip network"}', b"[" * 100_000])
def test_what_is_no_domain_is_refused(content: bytes) -> None:
    with pytest.raises(DomainInvalidError):
        parse(content)


NAMES = st.sampled_from(["roles", "entities", "vcardArray"])
SHAPES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
)


@given(SHAPES)
def test_no_shape_of_entities_breaks_the_reader(entities: object) -> None:
    parse(domain(entities=entities))


def test_another_reader_finds_the_same_registrar_and_network() -> None:
    peer = Bootstrap()
    said = json.loads(domain(HOLDER, entity("registrar", "Registrar Ltd", inner=[ABUSE])))
    theirs = parsed_by_peer(peer, "domain", "example.org", said)
    ours = parse(json.dumps(said).encode())
    assert theirs["entities"]["registrar"][0]["name"] == ours.name
    assert theirs["entities"]["abuse"][0]["email"] == ours.contacts[0].email
    network = {
        "objectClassName": "ip network",
        "handle": "NET",
        "name": "EXAMPLE-NET",
        "country": "NL",
        "ipVersion": "v4",
        "startAddress": "193.0.0.0",
        "endAddress": "193.0.7.255",
        "entities": [entity("registrant", "Example Hosting", inner=[ABUSE])],
    }
    theirs = parsed_by_peer(peer, "ip", "193.0.6.139", network)
    mine = rdap_network.parse(json.dumps(network).encode())
    assert (str(theirs["network"]), theirs["country"], theirs["name"]) == (mine.prefix, mine.country, mine.name)
    assert theirs["entities"]["abuse"][0]["email"] == mine.contacts[0].email


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("example.com", "https://rdap.verisign.com/com/v1/"),
        ("example.nl", "https://rdap.sidn.nl/"),
        ("EXAMPLE.NL", "https://rdap.sidn.nl/"),
        ("nl.invalid", None),
        ("", None),
    ],
)
def test_the_shipped_table_knows_who_sold_a_domain(name: str, base: str | None) -> None:
    assert rdap_bases.shipped_domains().base_for(name) == base


def test_the_longest_suffix_of_whole_labels_wins() -> None:
    data = {"services": [[["org"], ["https://a.example"]], [["e164.org"], ["https://b.example/"]]]}
    found = rdap_bases.parse_domains(json.dumps(data).encode())
    assert found.base_for("x.e164.org") == "https://b.example/"
    assert found.base_for("xe164.org") == "https://a.example/"
