"""Passphrases of nine words: derived from a secret that is never stored, kept as a slow hash (scrypt).

The words are everyday things in the person's language (`words/`): nothing that hurts somebody who writes them down
after abuse, or gives away what they are for. Nine of 256 words have 72 bits; each guess costs a form with proof of
work, and for whoever has the table a slow hash. Typed words are compared in plain letters: capitals, accents and spaces
do not matter.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from functools import cache
from pathlib import Path

from django.contrib.auth.hashers import check_password, make_password

WORDS = 9
# Longer input is cut, so that nobody makes the hash expensive.
MOST_CHARACTERS = 200
_LISTS = Path(__file__).parent / "words"
LANGUAGES = tuple(sorted(one.stem for one in _LISTS.glob("*.txt")))
# Of a language without a list.
OTHERWISE = "en"
# The accents of a letter that is taken apart: in Latin, Greek and Cyrillic, and in Arabic.
_ACCENTS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670]+")
# Letters with a sign that is no accent to Unicode, and two of Arabic that keyboards and people exchange.
_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ة": "ه", "ى": "ي"})


@cache
def words(language: str) -> tuple[str, ...]:
    """The words of a language, in the order of its list; the English ones where it has none."""
    name = language if language in LANGUAGES else OTHERWISE
    return tuple((_LISTS / f"{name}.txt").read_text(encoding="utf-8").split())


def derive(secret: bytes, language: str) -> str:
    """The passphrase of a secret of at least 16 random bytes in a language; the same each time."""
    number = int.from_bytes(hmac.digest(secret, b"tutela.anonymous.passphrase", hashlib.sha256))
    known, chosen = words(language), []
    for _ in range(WORDS):
        number, position = divmod(number, len(known))
        chosen.append(known[position])
    return " ".join(chosen)


def verifier(passphrase: str) -> str:
    """The slow hash under which a passphrase is stored."""
    return make_password(plain(passphrase))


def fits(passphrase: str, stored: str | None) -> bool:
    """Whether a passphrase belongs to a stored hash. None, for no case, takes the same time as a wrong passphrase."""
    nobody = _nobody()
    right = check_password(plain(passphrase), stored or nobody)
    return right and stored is not None


def plain(passphrase: str) -> str:
    """A typed passphrase in plain small letters without accents, one space between words."""
    parts = unicodedata.normalize("NFKD", passphrase[:MOST_CHARACTERS].casefold())
    return " ".join(re.findall(r"[^\W\d_]+", _ACCENTS.sub("", parts).translate(_PLAIN)))


@cache
def _nobody() -> str:
    return make_password(secrets.token_hex(16))
