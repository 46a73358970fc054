"""A study before anything is known of it, and text of others made plain."""

from __future__ import annotations

import re

from tutela.prevention.knowledge.studies import StudyInput
from tutela.prevention.models import DesignName, StudyStatus

EMPTY = StudyInput("", DesignName.DESCRIPTIVE, StudyStatus.PUBLISHED, "")
LONGEST_TITLE, LONGEST_ABSTRACT, LONGEST_LINE = 400, 10_000, 300
LONGEST_NAME, MOST_NAMES, LONGEST_JOURNAL = 120, 100, 200
# A tag ends at the next bracket of either kind, so that a text of brackets alone is read once.
_TAG = re.compile(r"<[^<>]*>")
# What the database does not take (NUL, half a surrogate pair) and what no text needs.
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def plain(value: object, longest: int) -> str:
    """Text without tags, control characters and double spaces, cut to its longest length."""
    return " ".join(_TAG.sub(" ", _UNWANTED.sub(" ", str(value or ""))).split())[:longest].strip()


def names(values: list[object]) -> list[str]:
    """Names of authors; empty ones are left out."""
    return [one for one in (plain(value, LONGEST_NAME) for value in values[:MOST_NAMES]) if one]


def language(value: object) -> str:
    """The first two letters of a language tag, else English."""
    code = plain(value, 40)[:2].lower()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else "en"
