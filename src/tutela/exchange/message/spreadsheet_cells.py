"""Make table cells safe for people who open them in a spreadsheet.

In many languages a spreadsheet splits a file at semicolons or tabs instead of commas. It then does not see the quotes
of a cell, and whatever follows such a sign, or a line end in the cell, is a cell of its own.
"""

from __future__ import annotations

import re
import unicodedata

# What begins with one of these is run, or may be once the program has trimmed it (OWASP, CSV injection; ASVS 1.2.10).
RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
# Signs that some programs read as these, and that no normal form (NFKC) makes one of them.
SIGN_LOOKALIKES = str.maketrans("\u2010\u2011\u2012\u2013\u2212\u2796\u2795", "------+")
# At which a spreadsheet may split a cell, whatever the separator of the file.
_SPLIT = re.compile("([;\\t\\r\\n])")
_SPLIT_OR_COMMA = re.compile("([;,\\t\\r\\n])")
_UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp", "Cc"})


def cell(text: str, *, separator: str = ",") -> str:
    """Text of a cell that no spreadsheet runs: text that it would run gets an apostrophe in front, also where the
    spreadsheet may split the cell. `separator`: that of the file, which quotes a cell that has it.
    """
    if text.startswith(RUN) or _first(text).startswith(RUN):
        text = f"'{text}"
    split = _SPLIT if separator == "," else _SPLIT_OR_COMMA
    first, *rest = split.split(text)
    for sign, part in zip(rest[::2], rest[1::2], strict=True):
        first += f"{sign}'{part}" if _first(part, '"').startswith(RUN) else sign + part
    return first


def _first(text: str, passed: str = "") -> str:
    """The first sign that is seen, as the plain one that it stands for: full width, small, raised or another's."""
    seen = next((char for char in text if unicodedata.category(char) not in _UNSEEN and char not in passed), "")
    return unicodedata.normalize("NFKC", seen).translate(SIGN_LOOKALIKES)
