"""Identifiers: UUIDv7 internally, short case numbers with a check digit externally."""

from __future__ import annotations

import os
import secrets
import time
import uuid
from collections.abc import Callable

# Without I, L, O, U and zero: signs that are misread or spell words. The 31 that remain are a prime number, so that no
# two of them have the same remainder and the check character tells all of them apart.
ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SIGNS = len(ALPHABET)
_WEIGHTS = tuple(range(1, 17, 2))
_NUMBERS = _SIGNS ** len(_WEIGHTS)
_DRAWS = 5


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, section 5.7). Its time is the machine's, not the simulated clock's."""
    return _uuid7(time.time_ns() // 1_000_000)


def first_from_now() -> uuid.UUID:
    """The least ID that `uuid7` can draw from this millisecond on."""
    return uuid.UUID(int=time.time_ns() // 1_000_000 << 80 | 0x7 << 76 | 0x2 << 62)


def uuid7_of_hour() -> uuid.UUID:
    """As `uuid7`, with the beginning of the hour: for a row that must not say when exactly somebody was there."""
    milliseconds = time.time_ns() // 1_000_000
    return _uuid7(milliseconds - milliseconds % 3_600_000)


def _uuid7(milliseconds: int) -> uuid.UUID:
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def case_number(prefix: str) -> str:
    """A random number like `R-7K3M-Q9TD-X`: nearly 40 bits and a check character, to be read out over a telephone."""
    body, number, total = "", secrets.randbelow(_NUMBERS), 0
    for weight in _WEIGHTS:
        number, sign = divmod(number, _SIGNS)
        body, total = body + ALPHABET[sign], total + sign * weight
    return f"{prefix}-{body[:4]}-{body[4:]}-{ALPHABET[total % _SIGNS]}"


class NumberTaken(Exception):
    """Something else has this case number. Of a million rows one was always to be expected to meet another."""


def redrawn[T](work: Callable[[], T]) -> T:
    """Return the result of `work`; repeat it, in a separate transaction, if it drew a number that was taken."""
    for _ in range(_DRAWS - 1):
        try:
            return work()
        except NumberTaken:
            continue
    return work()


def case_number_valid(number: str) -> bool:
    """Whether the check character of a case number fits; catches every single wrong and swapped neighbouring sign."""
    parts = number.strip().upper().split("-")
    body = "".join(parts[1:3])
    return len(parts) == 4 and len(body) == 8 and set(body) <= set(ALPHABET) and _check(body) == parts[3]


def _check(body: str) -> str:
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[total % _SIGNS]
