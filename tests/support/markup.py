"""A page's markup without the line breaks and indentation of its template."""

from __future__ import annotations

import re


def flat(markup: str) -> str:
    """The same with single blanks inside tags and texts, and none around tags."""
    text = " ".join(markup.split())
    text = re.sub(r"\s*(<[^<>]*>)\s*", r"\1", text)
    return re.sub(r"\s+(/?>)", r"\1", text)
