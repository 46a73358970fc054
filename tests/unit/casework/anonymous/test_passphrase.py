"""Passphrases: the same from the same secret, enough bits, and a hash that takes the same work for nobody's."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import pytest
from django.test import override_settings

from tutela.casework.anonymous import passphrase


def test_a_secret_gives_one_passphrase_of_seven_words_with_70_bits() -> None:
    secret = os.urandom(32)
    assert passphrase.derive(secret) == passphrase.derive(secret)
    assert passphrase.derive(secret) != passphrase.derive(os.urandom(32))
    assert len(passphrase.derive(secret).split()) == passphrase.WORDS
    assert passphrase.WORDS * math.log2(len(set(passphrase.words()))) >= 70


def test_words_are_plain_and_sorted() -> None:
    assert list(passphrase.words()) == sorted(set(passphrase.words()))
    assert all(word.isascii() and word.isalpha() and word.islower() and len(word) <= 6 for word in passphrase.words())


@pytest.fixture
def _as_on_a_node() -> Iterator[None]:
    """Tests use a fast hash; a node does not."""
    passphrase._nobody.cache_clear()
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.ScryptPasswordHasher"]):
        yield
    passphrase._nobody.cache_clear()


@pytest.mark.usefixtures("_as_on_a_node")
def test_a_typed_passphrase_fits_whatever_its_spaces_and_capitals() -> None:
    stored = passphrase.verifier("acid acorn acre")
    assert "acorn" not in stored
    assert stored.startswith("scrypt$")
    assert passphrase.fits("  Acid-acorn \n ACRE ", stored)
    assert not passphrase.fits("acid acorn acts", stored)
    assert not passphrase.fits("", stored)


@pytest.mark.usefixtures("_as_on_a_node")
def test_nobodys_passphrase_is_never_right_and_costs_the_same_hash() -> None:
    known = passphrase.verifier("acid acorn acre").split("$")
    assert not passphrase.fits("acid acorn acre", None)
    nobody = passphrase._nobody().split("$")
    assert (nobody[:2], nobody[3:5]) == (known[:2], known[3:5]), "algorithm, work factor, block size, parallelism"
