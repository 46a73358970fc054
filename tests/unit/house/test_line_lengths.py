"""Lines that fit on a screen, in what ruff does not measure: templates, style sheets and the prose of documents."""

from __future__ import annotations

import re

import pytest
from tests.support.tree import place, texts

LONGEST = 140
FENCE = re.compile(r"\s*(?:```|~~~)")
LINK = re.compile(r"!?\[[^\]]*\]\([^)]*\)|<?https?://\S+|\[[^\]]*\]:\s*\S+")
FILES = {place(path): (path.suffix, text) for path, text in texts() if path.suffix in {".html", ".css", ".md"}}


def _prose(text: str) -> list[str]:
    """Lines of a document without tables, code blocks and links, which cannot be broken."""
    fenced, lines = False, []
    for line in text.splitlines():
        fence = bool(FENCE.match(line))
        fenced ^= fence
        kept = not (fence or fenced or line.lstrip().startswith("|"))
        lines.append(LINK.sub("", line) if kept else "")
    return lines


def _long(suffix: str, text: str) -> list[int]:
    lines = _prose(text) if suffix == ".md" else text.splitlines()
    return [number for number, line in enumerate(lines, 1) if len(line) > LONGEST]


def test_no_line_is_longer_than_a_screen() -> None:
    assert not {name: found for name, file in FILES.items() if (found := _long(*file))}


def test_a_rule_of_a_style_sheet_has_lines_of_its_own() -> None:
    sheets = {name: text for name, (suffix, text) in FILES.items() if suffix == ".css"}
    assert sheets
    assert not [name for name, text in sheets.items() if re.search(r"\}[^\S\n]*[^\s}]", text)]


@pytest.mark.parametrize(
    ("suffix", "text", "found"),
    [
        (".html", "<p>\n" + "x" * 141, [2]),
        (".html", "x" * 140, []),
        (".md", "word " * 29, [1]),
        (".md", "| " + "cell | " * 40, []),
        (".md", "```\n" + "x" * 200 + "\n```\n" + "y" * 141, [4]),
        (".md", "See [this](https://example.org/" + "x" * 140 + ").", []),
    ],
)
def test_the_measure_sees_a_long_line_and_spares_links_and_tables(suffix: str, text: str, found: list[int]) -> None:
    assert _long(suffix, text) == found
