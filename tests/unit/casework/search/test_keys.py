"""Keys find equal values inside one organisation, and commitments show nothing without the node's key."""

from __future__ import annotations

from uuid import uuid4

from django.test import override_settings

from tutela.casework.search import keys
from tutela.casework.search.values import Value, ValueKind, value

KIM = value(ValueKind.ACCOUNT, "Kim")


def test_equal_values_have_equal_keys_in_one_organisation_alone() -> None:
    ours, theirs = uuid4(), uuid4()
    assert keys.key_of(ours, KIM) == keys.key_of(ours, value(ValueKind.ACCOUNT, " kim "))
    assert keys.key_of(ours, KIM) != keys.key_of(theirs, KIM)
    assert keys.key_of(ours, KIM) != keys.key_of(ours, Value(ValueKind.FILE_REFERENCE, "kim"))
    assert len(keys.key_of(ours, KIM)) == keys.KEY_BYTES


def test_the_keys_of_a_row_are_counted_and_stand_once() -> None:
    ours = uuid4()
    many = [value(ValueKind.ACCOUNT, f"kim-{n}") for n in range(keys.MOST_KEYS + 10)]
    assert keys.keys_of(ours, [KIM, KIM]) == [keys.key_of(ours, KIM)]
    assert len(keys.keys_of(ours, many)) == keys.MOST_KEYS


def test_a_commitment_has_a_salt_of_its_own_and_needs_the_nodes_key() -> None:
    (salt, first), (_other, second) = keys.commit("Kim"), keys.commit("Kim")
    assert first != second
    assert keys.commitment(salt, " kim ") == first
    assert keys.commitment(salt, "lee") != first
    with override_settings(BLIND_KEY=b"x" * 32):
        assert keys.commitment(salt, "kim") != first


def test_a_draw_is_repeatable_and_hits_about_as_many_as_it_says() -> None:
    ids = [uuid4() for _ in range(2000)]
    assert [keys.drawn(one, 20) for one in ids] == [keys.drawn(one, 20) for one in ids]
    # The chance of a count outside these bounds is below one in a million million.
    assert 30 < sum(keys.drawn(one, 20) for one in ids) < 190
    assert all(keys.drawn(one, 1) for one in ids)
