"""The certified set: a value is proven in or out, never both, whatever the set."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.tlog.certified_set import NOTHING, CertifiedSet, TreePlace, check_absent, check_present
from tutela.tlog.verify import Refused


def value(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()


def by_definition(values: list[bytes], depth: int = 0) -> bytes:
    if not values:
        return NOTHING
    if len(values) == 1:
        return hashlib.sha256(b"\x10" + values[0]).digest()
    right = [one for one in values if one[depth // 8] >> 7 - depth % 8 & 1]
    left = [one for one in values if one not in right]
    return hashlib.sha256(b"\x11" + by_definition(left, depth + 1) + by_definition(right, depth + 1)).digest()


# Values that share long beginnings, as no digests do by chance.
CLOSE = st.integers(0, 255).map(lambda n: bytes(30) + bytes([n // 16, n % 16 * 16]))


@given(st.sets(st.one_of(st.binary(min_size=32, max_size=32), CLOSE), max_size=40), st.binary(min_size=32, max_size=32))
@settings(deadline=None)
def test_the_root_is_the_definition_and_every_value_has_one_answer(values: set[bytes], asked: bytes) -> None:
    made = CertifiedSet.of(values)
    assert made.root == by_definition(sorted(values))
    for one in {*list(values)[:5], asked}:
        place = TreePlace.parse(bytes(made.place(one)))
        right, wrong = (check_present, check_absent) if one in values else (check_absent, check_present)
        right(made.root, one, place)
        with pytest.raises(Refused):
            wrong(made.root, one, place)
        with pytest.raises(Refused):
            right(hashlib.sha256(made.root).digest(), one, place)


def test_no_place_of_another_value_proves_that_a_member_is_absent() -> None:
    values = [value(n) for n in range(3000)]
    made = CertifiedSet.of(values)
    member = values[77]
    for n in range(3000, 6000):
        with pytest.raises(Refused):
            check_absent(made.root, member, made.place(value(n)))
    shorter = made.place(member)
    with pytest.raises(Refused):
        check_absent(made.root, member, TreePlace(shorter.siblings[:-1], None))
    with pytest.raises(Refused):
        check_absent(made.root, member, TreePlace(shorter.siblings, None))


def test_a_large_set_is_proven_in_small() -> None:
    made = CertifiedSet.of(value(n) for n in range(50_000))
    place = made.place(value(-1))
    check_absent(made.root, value(-1), place)
    assert len(bytes(place)) < 1200


@given(st.binary(max_size=400))
def test_any_bytes_are_a_place_or_refused(data: bytes) -> None:
    with contextlib.suppress(Refused):
        assert bytes(TreePlace.parse(data)) == data


def test_values_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        CertifiedSet.of([b"x"])
    with pytest.raises(Refused):
        check_absent(CertifiedSet.of([]).root, b"x", TreePlace((), None))
    check_absent(CertifiedSet.of([]).root, value(1), TreePlace((), None))
