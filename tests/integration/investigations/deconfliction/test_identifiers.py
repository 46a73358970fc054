"""Identifiers in one form: what is the same has one value, what differs has another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.events.errors import Invalid
from tutela.investigations.deconfliction.identifiers import KINDS, canonical, item_of

SAME = [
    ("account", "Albums/Account-1", " albums / ACCOUNT-1 "),
    ("account", "Albums/ａｂｃ", "albums/abc"),
    ("email", "Name@Mail.Example", " name@mail.example"),
    ("phone", "+49 30 1234567", "+49(0)30/1234567"),
    ("phone", "+4930 123 4567", "+49301234567"),
    ("ip", "2001:DB8:0::1", "2001:db8::1"),
    ("ip", "::ffff:192.0.2.1", "192.0.2.1"),
    ("digest", "AB" * 32, "ab" * 32),
]
BAD = [
    ("account", "albums"),
    ("account", "/name"),
    ("account", "albums/"),
    ("email", "name"),
    ("email", "a b@c"),
    ("email", "a@b@c"),
    ("phone", "030 1234567"),
    ("phone", "abc"),
    ("ip", "256.1.1.1"),
    ("ip", "fe80::1%eth0/64"),
    ("digest", "ab"),
    ("digest", "xy" * 32),
    ("email", ""),
    ("email", "a@b\0c"),
    ("email", "a@b\nc"),
    ("email", "a" * 300 + "@b"),
    ("number", "1"),
]


@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_the_same_identifier_has_one_form(kind: str, one: str, other: str) -> None:
    assert canonical(kind, one) == canonical(kind, other)


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_what_is_no_identifier_is_refused_by_its_field(kind: str, value: str) -> None:
    with pytest.raises(Invalid) as caught:
        canonical(kind, value)
    assert caught.value.field in ("kind", "value")


@given(st.sampled_from(KINDS), st.text(max_size=60))
def test_any_text_is_refused_or_has_a_form_that_stays(kind: str, text: str) -> None:
    try:
        form = canonical(kind, text)
    except Invalid:
        return
    if kind != "digest":
        assert canonical(kind, form) == form
    assert form.strip()


def test_kinds_are_kept_apart() -> None:
    assert item_of("email", "a@b") != item_of("account", "a@b")
    assert canonical("digest", "ab" * 16).startswith("md5:")
