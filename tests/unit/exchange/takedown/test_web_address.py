"""Addresses: one normal form for every spelling, a kind for each, and a named refusal for the rest."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.takedown.web_address import (
    MOST_CHARACTERS,
    TEXTS,
    AddressFault,
    AddressInvalidError,
    AddressKind,
    for_notice,
    normalise,
    refang,
)

TABLE = Path(__file__).parents[3] / "fixtures" / "takedown" / "addresses.csv"
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,9}(\.[a-z][a-z0-9]{0,9}){1,3}", fullmatch=True).map(lambda name: f"{name}.org")
PATHS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf"), exclude_characters="#?\\"), max_size=30
)


def rows() -> list[dict[str, str]]:
    """The table; its inputs have escapes for what an editor would not show."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    for row in found:
        row["input"] = row["input"].encode("latin-1", "backslashreplace").decode("unicode_escape")
    return found


ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: ascii(row["input"][:60]))
def test_every_row_of_the_table(row: dict[str, str]) -> None:
    if row["result"] in {fault.value for fault in AddressFault}:
        with pytest.raises(AddressInvalidError) as refused:
            normalise(row["input"])
        assert refused.value.fault == row["result"]
        assert TEXTS[refused.value.fault] in str(refused.value)
    else:
        found = normalise(row["input"])
        assert (found.kind, found.normal) == (row["result"], row["normal"])
        assert found.original == row["input"]
        assert normalise(found.normal).normal == found.normal


def test_groups_are_equal_and_differ_from_each_other() -> None:
    groups = defaultdict[str, set[str]](set)
    for row in ROWS:
        if row["group"]:
            groups[row["group"]].add(normalise(row["input"]).normal)
    assert all(len(found) == 1 for found in groups.values())
    # A defanged path is one of these, and no group is another's.
    assert len(set.union(*groups.values())) == len(groups)
    assert len(ROWS) >= 80


def test_every_kind_and_fault_is_in_the_table() -> None:
    seen = {row["result"] for row in ROWS}
    # Length and user information have tests of their own.
    assert {*AddressKind, *AddressFault} - seen == {AddressFault.TOO_LONG, AddressFault.USER_INFORMATION}


def test_an_address_may_have_2083_characters() -> None:
    address = "https://example.org/".ljust(MOST_CHARACTERS, "a")
    assert normalise(address).normal == address
    for longer in (f"{address}a", "https://example.org/" + "ä" * 500):
        with pytest.raises(AddressInvalidError) as refused:
            normalise(longer)
        assert refused.value.fault is AddressFault.TOO_LONG


def test_user_information_stays_in_the_record_and_out_of_a_notice() -> None:
    found = normalise("https://user:secret@example.org/a")
    assert found.user_information
    assert "secret" in found.original
    assert "secret" not in found.normal
    with pytest.raises(AddressInvalidError) as refused:
        for_notice(found)
    assert refused.value.fault is AddressFault.USER_INFORMATION
    assert for_notice(normalise("https://example.org/a")) == "https://example.org/a"


def test_parts_of_an_address() -> None:
    found = normalise("hxxps://www[.]exämple.co.uk:8443/a?b=1#c")
    assert (found.scheme, found.host, found.port) == ("https", "www.xn--exmple-cua.co.uk", 8443)
    assert (found.unicode_host, found.registered_domain) == ("www.exämple.co.uk", "xn--exmple-cua.co.uk")
    assert (found.path, found.query, found.defanged) == ("/a", "b=1", True)
    assert not normalise("https://example.org/").defanged


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://a.b.example.co.uk/", "example.co.uk"),
        ("https://site.blogspot.com/", "blogspot.com"),
        ("https://пример.рф/", "xn--e1afmkfd.xn--p1ai"),
        ("https://co.uk/", ""),
        ("http://93.184.215.14/", ""),
        (f"http://{'example' * 8}.onion/", ""),
    ],
)
def test_registered_domain_is_the_one_a_registry_knows(address: str, domain: str) -> None:
    assert normalise(address).registered_domain == domain


def test_content_ids_of_gateways_and_links_are_kept() -> None:
    content = "bafybei" + "a" * 52
    for address in (
        f"https://example.org/ipfs/{content}/x",
        f"https://{content}.ipfs.example.org/",
        f"ipfs://{content}",
    ):
        assert normalise(address).content_id == content
    assert normalise("magnet:?dn=x&xt=urn:btih:00").content_id == "urn:btih:00"


def test_only_a_defanged_host_changes_the_path() -> None:
    assert refang("http://example.org/a[.]b") == "http://example.org/a[.]b"
    assert refang("http://example[.]org/a[.]b") == "http://example.org/a.b"


@given(st.text(max_size=60) | st.builds("http://{}".format, st.text(max_size=40)))
def test_any_text_is_normalised_once_or_refused(text: str) -> None:
    try:
        found = normalise(text)
    except AddressInvalidError:
        return
    again = normalise(found.normal)
    assert (again.normal, again.kind, again.host) == (found.normal, found.kind, found.host)


@given(NAMES, PATHS, st.text("abc%2eE/.?=&", max_size=20))
def test_case_port_fragment_and_user_change_nothing(name: str, path: str, tail: str) -> None:
    # By the URL standard a space at the end of the text is no part of the address; before a fragment it is.
    rest = f"/{path}{tail}".rstrip()
    normal = normalise(f"https://{name}{rest}").normal
    for other in (f"HTTPS://{name.upper()}{rest}", f"https://{name}:443{rest}", f"https://{name}{rest}#a#b"):
        assert normalise(other).normal == normal
    assert normalise(f"https://u:p@{name}{rest}").normal == normal
    assert normalise(normal).normal == normal
