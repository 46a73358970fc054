"""Make table cells safe for people who open them in a spreadsheet."""

from __future__ import annotations

import unicodedata

# What begins with one of these is run, or may be once the program has trimmed it (OWASP, CSV injection; ASVS 1.2.10).
RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
# Signs that some programs read as these, and that no normal form (NFKC) makes one of them.
SIGN_LOOKALIKES = str.maketrans("\u2010\u2011\u2012\u2013\u2212\u2796\u2795", "------+")
_UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp", "Cc"})


def cell(text: str) -> str:
    """Text of a cell that no spreadsheet runs: text that it would run gets an apostrophe in front."""
    return f"'{text}" if text.startswith(RUN) or _first(text).startswith(RUN) else text


def _first(text: str) -> str:
    """The first sign that is seen, as the plain one that it stands for: full width, small, raised or another's."""
    seen = next((char for char in text if unicodedata.category(char) not in _UNSEEN), "")
    return unicodedata.normalize("NFKC", seen).translate(SIGN_LOOKALIKES)
