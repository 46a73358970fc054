"""PDF of a notification: every field by its name, digests instead of content, no picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _
from fpdf import FPDF, XPos, YPos
from fpdf.enums import WrapMode

from tutela.exchange.message.translatable_text import visible
from tutela.exchange.report.report import Report

# Of a video's frames and a long list's matches only the first are printed; the JSON has them all.
MOST_PRINTED = 10
NAME_WIDTH = 58


@dataclass(frozen=True)
class Addressee:
    """Addressee of a notification."""

    name: str
    address: str
    country: str


@dataclass(frozen=True)
class Row:
    """A heading (without text), or a field with its text."""

    name: str
    text: str = ""


def notification(report: Report, number: str, addressee: Addressee, *, compress: bool = True) -> bytes:
    """The document. The same report and addressee give the same text."""
    document = _Paper(number)
    document.set_compression(compress)
    document.set_creation_date(report.issuance.issued_at)
    document.add_page()
    document.title_lines(addressee, report)
    for row in rows(report):
        document.heading(row.name) if not row.text else document.field_line(row)
    return bytes(document.output())


def rows(report: Report) -> Iterator[Row]:
    """Rows to print, in the order of the template (Annex III, which the DSA leaves open)."""
    data = report.model_dump(mode="json", exclude_none=True, exclude={"schema_version"})
    for section, value in data.items():
        if value in ([], {}, ""):
            continue
        if isinstance(value, str):
            yield Row(_words(section), value)
            continue
        yield Row(_words(section))
        yield from _fields("", value)


def _fields(prefix: str, value: Any) -> Iterator[Row]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _fields(f"{prefix} {_words(name)}".strip(), inner)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for place, inner in enumerate(value[:MOST_PRINTED], 1):
            yield from _fields(f"{prefix} {place}".strip(), inner)
        if len(value) > MOST_PRINTED:
            yield Row(prefix or "…", f"{len(value) - MOST_PRINTED} more in the machine-readable copy")
    elif isinstance(value, list):
        if value:
            yield Row(prefix or "–", ", ".join(str(one) for one in value))
    elif isinstance(value, bool):
        yield Row(prefix, _("yes") if value else _("no"))
    else:
        yield Row(prefix or "–", str(value))


def _words(name: str) -> str:
    return name.replace("_", " ")


class _Paper(FPDF):
    """A4 document with the bundled fonts, which cover every European letter."""

    def __init__(self, number: str) -> None:
        super().__init__()
        self.number = number
        for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font("house", style, str(finders.find(f"fonts/{name}")))
        self.set_auto_page_break(True, 18)
        self.set_title(f"Notification {number}")
        self.alias_nb_pages()

    def normalize_text(self, text: str) -> str:
        return str(super().normalize_text(visible(text)))

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("house", "", 8)
        self.cell(0, 6, f"{self.number} · {self.page_no()} / {{nb}}", align="C")

    def title_lines(self, addressee: Addressee, report: Report) -> None:
        self._text("B", 15, _("Notification of a suspected criminal offence"))
        self._text("", 10, _("Art. 18 of Regulation (EU) 2022/2065 (Digital Services Act)"))
        self.ln(3)
        self._text("", 10, f"{_('To')}: {addressee.name}, {addressee.address} ({addressee.country})")
        self._text("", 10, f"{_('From')}: {report.provider.name}, {report.provider.contact}")
        self._text("", 10, f"{_('Number')}: {self.number}")
        if report.urgency.urgent:
            self._text("B", 11, _("Urgent: a threat to life or safety is suspected"))
        note = _(
            "This document contains digests and references, never the content itself. The content can be requested."
        )
        self._text("", 9, note)

    def heading(self, text: str) -> None:
        self.ln(2)
        self._text("B", 11, text.capitalize())

    def field_line(self, row: Row) -> None:
        """Print a field name and its text side by side; a long text continues on the next page."""
        self.set_font("house", "", 8.5)
        if self.will_page_break(10):
            self.add_page()
        top, page = self.get_y(), self.page
        self.multi_cell(NAME_WIDTH, 4.6, row.name, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below, page_below = self.get_y(), self.page
        if page_below == page:
            self.set_y(top)
        self.set_x(self.l_margin + NAME_WIDTH)
        self.multi_cell(0, 4.6, row.text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=WrapMode.CHAR)
        if self.page == page_below and self.get_y() < below:
            self.set_y(below)

    def _text(self, style: str, size: float, text: str) -> None:
        self.set_font("house", style, size)
        self.multi_cell(0, size * 0.5 + 1, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
