"""Sentences are short enough to be read at three in the morning, and to be translated 23 times."""

from __future__ import annotations

import re
import statistics
from functools import cache

import pytest
from scripts import messages
from tests.support.tree import ROOT

MEDIAN, LONGEST = 15, 30
# A sentence that begins so leaves its reader to look for what is meant. A question may.
RIDDLE = re.compile(r"^(?:That|Whoever|Of which|What)\b(?!.*\?$)")
GUIDES = sorted((ROOT / "docs" / "howto").glob("*.md"))


def sentences(text: str) -> list[str]:
    plain = re.sub(r"%\(\w+\)s|\{\w*\}|`[^`]*`|<[^>]+>", "x", text)
    return [one for one in re.split(r"(?<=[.:;?!])\s+", plain) if one.strip()]


def prose(guide: str) -> list[str]:
    """Paragraphs and points of a guide, without code, tables, headings and links' addresses."""
    text = re.sub(r"```.*?```", "", guide, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", text)
    return [" ".join(one.split()) for one in blocks if not one.lstrip().startswith(("#", "|", "```", ":::", "!["))]


@cache
def _seen() -> list[str]:
    return [part for text in messages.texts() for part in ([text] if isinstance(text, str) else text)]


def test_visible_sentences_are_short() -> None:
    words = [len(one.split()) for text in _seen() for one in sentences(text)]
    assert statistics.median(words) <= MEDIAN
    assert not [one for text in _seen() for one in sentences(text) if len(one.split()) > LONGEST]


def test_no_visible_sentence_begins_with_a_riddle() -> None:
    assert not [one for text in _seen() for one in sentences(text) if RIDDLE.match(one) and len(one.split()) > 2]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_sentences_of_guides_are_short(guide: object) -> None:
    found = [one for block in prose(guide.read_text()) for one in sentences(block)]  # type: ignore[attr-defined]
    assert statistics.median(len(one.split()) for one in found) <= MEDIAN
    assert not [one for one in found if len(one.split()) > LONGEST]
