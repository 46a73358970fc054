"""Canonical JSON: one form for each value, so that a digest or signature is well defined.

RFC 8785 without fractions: names in the order of their UTF-16 units, no space, the shortest escapes, whole numbers
within ±(2^53 - 1). A fraction is refused, because other languages may print it differently; coordinates and shares are
sent as decimal text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from tutela.exchange.errors import NotCanonicalError, NotJsonError

MAX_NUMBER = 2**53 - 1

# Deeper than any of our messages; a deeper one is an attack on recursive readers.
MAX_DEPTH = 64

# Kinds of values that stand for themselves.
PLAIN = frozenset({str, int, bool, type(None), float, list, tuple})

type Json = bool | int | str | Sequence["Json"] | Mapping[str, "Json"] | None


def canonical(value: Json) -> bytes:
    """The canonical bytes. Raises NotCanonicalError for fractions, large numbers and text that is not Unicode."""
    return json.dumps(_ordered(value, 0), ensure_ascii=False, separators=(",", ":")).encode()


def digest(value: Json) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def parse(data: bytes) -> Json:
    """The value of a JSON body from outside. Raises NotJsonError; a name that occurs twice is refused, not chosen."""
    try:
        return _ordered(loaded(data), 0)
    except NotCanonicalError as error:
        raise NotJsonError(error.detail) from None


def checked(data: bytes) -> None:
    """Raise NotJsonError for whatever `parse` refuses: for who reads the value otherwise."""
    try:
        _check(loaded(data), 0)
    except NotCanonicalError as error:
        raise NotJsonError(error.detail) from None


def loaded(data: bytes) -> Json:
    """Parse a value that needs no digest. Raises NotJsonError, also for a duplicate name."""
    try:
        value: Json = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_refuse
        )
    except (ValueError, RecursionError):
        raise NotJsonError from None
    return value


def _ordered(value: Any, depth: int) -> Json:
    # Most of what is asked about is a short text: what it takes to see that stands first.
    kind = type(value)
    if kind is str and depth <= MAX_DEPTH and value.isascii():
        return value  # type: ignore[no-any-return]
    if depth <= MAX_DEPTH and (kind is dict or (kind not in PLAIN and isinstance(value, Mapping))):
        names = list(value)
        # Of ASCII letters every order is the same one.
        plain = all(type(name) is str and name.isascii() for name in names)
        ordered = sorted(names) if plain else sorted(names, key=_units)
        return {name: _ordered(value[name], depth + 1) for name in ordered}
    if depth <= MAX_DEPTH and (kind is list or kind is tuple):
        return [_ordered(item, depth + 1) for item in value]
    _check(value, depth)
    return value  # type: ignore[no-any-return]  # what is neither was checked


def _units(name: Any) -> bytes:
    if not isinstance(name, str):
        raise NotCanonicalError("A name is not text.")
    return _unicode(name).encode("utf-16-be")


def _check(value: Any, depth: int) -> None:
    """Raise NotCanonicalError for what has no canonical form."""
    kind = type(value)
    if depth > MAX_DEPTH:
        raise NotCanonicalError("The value is nested too deeply.")
    if kind is dict:
        for name, one in value.items():
            if not isinstance(name, str):
                raise NotCanonicalError("A name is not text.")
            if not name.isascii():
                _unicode(name)
            if type(one) is not str or depth == MAX_DEPTH or not one.isascii():
                _check(one, depth + 1)
    elif kind is list:
        for one in value:
            _check(one, depth + 1)
    else:
        _check_one(value)


def _check_one(value: Any) -> None:
    if isinstance(value, str):
        if not value.isascii():
            _unicode(value)
    elif isinstance(value, int):
        if abs(value) > MAX_NUMBER:
            raise NotCanonicalError("A number is beyond 2^53.")
    elif value is not None:
        raise NotCanonicalError(f"A {type(value).__name__} is not a supported value.")


def _unicode(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotCanonicalError("A text contains half a character.") from None
    return text


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("twice")
    return named


def _refuse(_: str) -> None:
    raise ValueError("fraction")
