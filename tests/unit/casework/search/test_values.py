"""What is typed is taken for what it is, and what is stored has the same form."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.reporting import account, item, report
from tutela.casework.search.errors import NotAValue
from tutela.casework.search.report_values import values_of
from tutela.casework.search.values import (
    MOST_CHARACTERS,
    PERSONAL,
    Value,
    ValueKind,
    classify,
    cleaned,
    personal,
    value,
)
from tutela.events.identifiers import case_number

NAMES = st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=40)


def kinds(text: str) -> set[ValueKind]:
    return {one.kind for one in classify(text)}


@given(st.sampled_from("RPFIB"))
def test_a_case_number_is_a_number_alone_in_any_case(prefix: str) -> None:
    number = case_number(prefix)
    assert classify(number) == classify(f"  {number.lower()} ") == (Value(ValueKind.NUMBER, number),)


@given(st.sampled_from([16, 20, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_a_whole_digest_is_a_digest_or_a_reference(digest: bytes) -> None:
    kinds = (ValueKind.DIGEST, ValueKind.FILE_REFERENCE)
    assert classify(digest.hex().upper()) == tuple(Value(kind, digest.hex()) for kind in kinds)


@given(st.ip_addresses())
def test_an_address_is_an_address_alone(address: IPv4Address | IPv6Address) -> None:
    assert kinds(str(address)) == {ValueKind.IP}
    assert classify(address.exploded) == classify(str(address))


def test_an_address_of_ipv4_is_the_same_inside_ipv6() -> None:
    assert classify("::ffff:192.0.2.7") == classify("192.0.2.7")


@given(st.uuids())
def test_an_id_is_an_id_a_reference_or_an_account(known: UUID) -> None:
    assert kinds(str(known)) == {ValueKind.ID, ValueKind.FILE_REFERENCE, ValueKind.ACCOUNT}


@given(st.emails())
def test_a_mail_address_is_that_of_a_person(address: str) -> None:
    if "/" not in address and "*" not in address and address[0] not in "%?" and "[" not in address:
        assert kinds(address) == {ValueKind.EMAIL}
        assert classify(address) == classify(address.upper()) or address.upper().casefold() != address.casefold()


@given(NAMES)
def test_an_account_is_typed_as_it_is_stored(name: str) -> None:
    """The same function reads both: otherwise a search would miss what is there."""
    assert personal(name) == personal(f" {name} ") == value(ValueKind.ACCOUNT, name)
    assert personal(name).kind in PERSONAL


@given(st.text(max_size=MOST_CHARACTERS + 5))
def test_any_text_is_refused_or_has_a_kind_and_no_error_repeats_it(text: str) -> None:
    try:
        found = classify(text)
    except NotAValue as error:
        said = str(error)
    else:
        said = ""
        assert found
        assert all(one.text for one in found)
        assert len({one.kind for one in found}) == len(found)
    assert len(text.strip()) < 12 or text.strip() not in said


@given(NAMES)
def test_a_value_does_not_tell_its_text(name: str) -> None:
    assert repr(Value(ValueKind.ACCOUNT, f"<{name}>")) == "Value(account)"


@pytest.mark.parametrize(
    "text", ["", "  ", "\x00", "a" * (MOST_CHARACTERS + 1), "kim*", "*@mail.example", "192.0.2.%", "kim?"]
)
def test_nothing_too_much_and_wildcards_are_refused(text: str) -> None:
    with pytest.raises(NotAValue):
        classify(text)


def test_a_telephone_number_is_the_same_with_and_without_blanks() -> None:
    assert personal("+49 (30) 901 820-0") == personal("+49309018200")


def test_a_text_may_be_a_number_a_reference_a_title_or_an_account() -> None:
    assert kinds("AZ 17/26") == {ValueKind.NUMBER, ValueKind.FILE_REFERENCE, ValueKind.WORDS, ValueKind.ACCOUNT}


def test_a_report_is_found_by_its_people_addresses_digests_and_references() -> None:
    digest = "ab" * 32
    sent = report(
        items=[item(digest)],
        users=[account("Kim")],
        victims=[{"usernames": ["Child-1"]}],
        third_country={"reported": True, "authority": "NCMEC", "reference": "1234567"},
    )
    found = set(values_of(sent))
    assert {
        Value(ValueKind.DIGEST, digest),
        Value(ValueKind.ACCOUNT, "account-kim"),
        Value(ValueKind.EMAIL, "kim@mail.example"),
        Value(ValueKind.ACCOUNT, "child-1"),
        Value(ValueKind.IP, "192.0.2.7"),
        Value(ValueKind.NUMBER, "1234567"),
        Value(ValueKind.FILE_REFERENCE, "1234567"),
    } <= found


def test_a_long_text_is_refused_before_it_is_normalised() -> None:
    marks = "a" + "\u0301\u0316" * 500_000
    for read in (classify, cleaned):
        with pytest.raises(NotAValue):
            read(marks)


def test_invisible_characters_change_no_value() -> None:
    assert personal("ev\u200bil\u00aduser") == personal("eviluser")
    with pytest.raises(NotAValue):
        classify("\u200b\u2060")
