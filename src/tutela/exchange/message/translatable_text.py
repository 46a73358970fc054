"""Texts for readers. `visible`: text of others, shown so that it changes nothing around it.

Rows and messages store a code and values (`TextCode`), never a sentence. The text is looked up when it is shown: every
reader gets it in their own language, and a reworded text changes nothing that is stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Self

# What moves a terminal's cursor or its colours, ends a line, turns the order of what follows around, or is half of a
# character. Letters of every script, and the marks that join them, stay.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# The same in a page's bytes, which may end lines as they like.
_IN_PAGE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]")


def visible(text: str) -> str:
    """The text with each such character as `\\u` and its number: in a JSON string this is the same character."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def visible_page(content: bytes) -> bytes:
    """Apply `visible` to a page in UTF-8."""
    return _IN_PAGE.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), content)


class Term(StrEnum):
    """A word of a closed vocabulary with the text of the catalogue that is shown for it: `CALM = "calm", _("no sign")`.

    Placeholders in the text are named in braces and filled with values.
    """

    text: str

    def __new__(cls, code: str, text: str) -> Self:
        """A member is its code; `text` is stored with it."""
        made = str.__new__(cls, code)
        made._value_ = code
        made.text = text
        return made

    @classmethod
    def member(cls, code: str) -> Self:
        """The member with this code. Raises `ValueError`."""
        found = cls._value2member_map_.get(code)
        if not isinstance(found, cls):
            raise ValueError(f"{code!r} is no {cls.__name__}")
        return found


class TextCode(Term):
    """A code that is stored in a row: unique among all such codes, so that a page finds its text by the code alone."""

    @classmethod
    def text_of(cls, code: str) -> str:
        """The text of a stored code; the code itself if this version does not know it."""
        found = cls._value2member_map_.get(code)
        return found.text if isinstance(found, TextCode) else code


def marked(text: str) -> str:
    """The text itself; import it as `_`, so that the catalogue takes the text up."""
    return text


def filled(text: str, values: Mapping[str, object]) -> str:
    """The text with its values; a text whose values are not all there, as it stands."""
    try:
        return text.format(**values)
    except (KeyError, IndexError, ValueError):
        return text
