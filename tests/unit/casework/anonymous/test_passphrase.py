"""Passphrases: the same from the same secret, enough bits, and a hash that takes the same work for nobody's."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import pytest
from django.test import override_settings

from tutela.casework.anonymous import passphrase
from tutela.casework.public_languages import catalogue

LANGUAGES = passphrase.LANGUAGES
# Words that hurt or give away what the passphrase is for were once in the list, and never come back.
NEVER = {"groom", "agony", "erase", "stud"}


def test_every_public_language_has_words_of_its_own() -> None:
    assert LANGUAGES == catalogue.CODES
    assert len({passphrase.words(one) for one in LANGUAGES}) == len(LANGUAGES)
    assert passphrase.words("xx") == passphrase.words("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_secret_gives_one_passphrase_of_nine_words_with_72_bits(language: str) -> None:
    secret = os.urandom(32)
    assert passphrase.derive(secret, language) == passphrase.derive(secret, language)
    assert passphrase.derive(secret, language) != passphrase.derive(os.urandom(32), language)
    assert len(passphrase.derive(secret, language).split()) == passphrase.WORDS
    assert passphrase.WORDS * math.log2(len(passphrase.words(language))) >= 72


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_plain_short_and_different_however_they_are_typed(language: str) -> None:
    known = passphrase.words(language)
    assert len({passphrase.plain(one) for one in known}) == len(known)
    assert all(one.isalpha() and one == one.lower() and 3 <= len(one) <= 10 for one in known)
    assert all(len(passphrase.plain(one).split()) == 1 for one in known)
    assert not NEVER & set(known)


@pytest.mark.parametrize(
    ("shown", "typed"),
    [
        ("löffel straße", "LOFFEL Strasse"),
        ("łosoś żaba", "losos zaba"),
        ("ħobż dgħajsa", "hobz dghajsa"),
        ("rødbede æble", "rodbede aeble"),
        ("жаба їжак", "ЖАБА їжак"),
        ("θάλασσα", "ΘΑΛΑΣΣΑ"),
        ("شجرة", "شجره"),
    ],
)
def test_accents_and_capitals_do_not_matter(shown: str, typed: str) -> None:
    assert passphrase.plain(shown) == passphrase.plain(typed)


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
