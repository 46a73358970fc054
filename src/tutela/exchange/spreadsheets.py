"""Cells of tables that people open in a spreadsheet."""

from __future__ import annotations

# What begins with one of these is run, or may be once the program has trimmed it (OWASP, CSV injection; ASVS 1.2.10).
RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def cell(text: str) -> str:
    """A text as a cell that no spreadsheet runs: an apostrophe before what it would."""
    return f"'{text}" if text.startswith(RUN) else text
