"""Passphrases of seven words: derived from a secret that is never stored, kept as a slow hash (scrypt).

Seven of about a thousand words have 70 bits. A person can write them down or remember them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from functools import cache
from pathlib import Path

from django.contrib.auth.hashers import check_password, make_password

WORDS = 7
# Longer input is cut, so that nobody makes the hash expensive.
MOST_CHARACTERS = 200
_LIST = Path(__file__).parent / "words.txt"


@cache
def words() -> tuple[str, ...]:
    """The list of words, in its order."""
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def derive(secret: bytes) -> str:
    """The passphrase of a secret of at least 16 random bytes; the same each time."""
    number = int.from_bytes(hmac.digest(secret, b"tutela.anonymous.passphrase", hashlib.sha256))
    known, chosen = words(), []
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
    """A typed passphrase in the form of the list: small letters, one space between words."""
    return " ".join(re.findall(r"[a-z]+", passphrase[:MOST_CHARACTERS].casefold()))


@cache
def _nobody() -> str:
    return make_password(secrets.token_hex(16))
