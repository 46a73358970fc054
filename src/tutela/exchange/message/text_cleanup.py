"""Clean up typed text for a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def typed(text: str) -> str:
    """Clean up typed text: line ends become LF, any other control character a space, and the ends are trimmed.

    Browsers send CRLF and word processors paste vertical tabs; messages contain neither.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char if ord(char) >= 32 or char in "\n\t" else " " for char in lines).strip()


# So many digits fit into every column of whole numbers, and every counter of ours.
DIGITS = 18


def whole_number(text: str) -> int | None:
    """The number that somebody wrote in ASCII digits; None for anything else, and for what no column holds.

    Python takes other digits for numbers, and for some of them `int` fails.
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None


def storable(text: str) -> bool:
    """Whether a database of UTF-8 can keep it: no NUL in it, and no half of a character, as JSON may write one."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def typed_all(value: Any) -> Any:
    """Apply `typed` to every text inside JSON data."""
    if isinstance(value, str):
        return typed(value)
    if isinstance(value, Mapping):
        return {name: typed_all(one) for name, one in value.items()}
    return [typed_all(one) for one in value] if isinstance(value, list | tuple) else value
