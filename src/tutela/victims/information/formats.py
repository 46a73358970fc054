"""Accessible formats of an answer: large print, easy to read, plain text, and a tagged PDF.

A tagged PDF says to a screen reader which language it has, what is a heading and what a paragraph, and their order.
"""

from __future__ import annotations

from django.contrib.staticfiles import finders
from fpdf import FPDF, XPos, YPos

TITLE_POINTS, TEXT_POINTS, LINE = 22, 18, 10
PDF, TEXT, LARGE, EASY = "pdf", "text", "large", "easy"
# A sentence is divided where its parts can be read alone.
DIVIDED = ("; ", ", and ", ": ")


def easy_lines(text: str) -> list[str]:
    """The text as one short line an idea, for the easy-to-read format."""
    lines = text.splitlines()
    for mark in DIVIDED:
        lines = [part for line in lines for part in _parts(line, mark)]
    return [line.strip() for line in lines if line.strip()]


def tagged_pdf(title: str, text: str, language: str) -> bytes:
    """The text as a tagged PDF in large print."""
    paper = _Paper(language, title)
    paper.tagged("/H1", title, TITLE_POINTS)
    for line in text.splitlines():
        paper.tagged("/P", line, TEXT_POINTS)
    return bytes(paper.output())


class _Paper(FPDF):
    """A4 document with the bundled font, which covers every European letter."""

    def __init__(self, language: str, title: str) -> None:
        super().__init__()
        self.add_font("house", "", str(finders.find("fonts/DejaVuSans.ttf")))
        self.set_lang(language)
        self.set_title(title)
        self.set_display_mode("fullpage")
        self.add_page()

    def tagged(self, kind: str, text: str, points: int) -> None:
        """Write one element of the structure; a new page begins between elements, never inside one."""
        self.set_font("house", "", points)
        if self.will_page_break(LINE * (2 + len(text) // 40)):
            self.add_page()
            self.set_font("house", "", points)
        place = self.struct_builder.next_mcid_for_page(self.page)
        _element, parents = self.struct_builder.add_marked_content(
            page_number=self.page, struct_type=kind, mcid=place, title=text[:60]
        )
        self.pages[self.page].struct_parents = parents
        self._set_min_pdf_version("1.4")
        self._out(f"{kind} <</MCID {place}>> BDC")
        self.multi_cell(0, LINE, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._out("EMC")


def _parts(line: str, mark: str) -> list[str]:
    parts = line.split(mark)
    end = ":" if mark == ": " else "."
    return [part if place == len(parts) - 1 else part.rstrip(".") + end for place, part in enumerate(parts)]
