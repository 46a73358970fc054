"""Cells of published tables as values."""

from __future__ import annotations

import re

from tutela.observatory.definitions.definition import Value
from tutela.observatory.definitions.units import Missing

# Thousands by comma, point, narrow or plain space, if every group has three digits.
_GROUPED = re.compile(r"^\d{1,3}(?:[,.    ]\d{3})+$")
_PLAIN = re.compile(r"^\d+(?:\.\d+)?$")
# No table has more digits; a longer number is a mistake, and a row keeps no infinite one.
MOST_DIGITS = 15
_CODES = {
    ":": Missing.NOT_AVAILABLE,
    "c": Missing.CONFIDENTIAL,
    "n": Missing.NOT_APPLICABLE,
    "n/a": Missing.NOT_APPLICABLE,
}


class NotANumber(ValueError):
    """A cell has something that is neither a number nor a code for a missing value."""


def value_of(cell: str | None) -> Value:
    """The value of a cell: None is an absent one, an empty one is blank, and neither is zero. Raises `NotANumber`."""
    if cell is None:
        return Missing.ABSENT
    text = cell.strip()
    if not text:
        return Missing.BLANK
    if text.lower() in _CODES:
        return _CODES[text.lower()]
    digits = "".join(text.split())
    if not digits.isascii() or sum(map(str.isdecimal, digits)) > MOST_DIGITS:
        raise NotANumber(text[:40])
    if _GROUPED.match(text):
        return int(re.sub(r"\D", "", text))
    if _PLAIN.match(text):
        return float(text) if "." in text else int(text)
    raise NotANumber(text[:40])
