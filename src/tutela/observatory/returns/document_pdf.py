"""A return as PDF, for people who sign and keep it. The same return gives the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _
from fpdf import FPDF, XPos, YPos
from fpdf.enums import WrapMode

from tutela.exchange.message.translatable_text import visible
from tutela.observatory.forms import files
from tutela.observatory.forms.content import ReturnDocument
from tutela.observatory.forms.form import Form

NAME_WIDTH = 110


def as_pdf(form: Form, document: ReturnDocument) -> bytes:
    """The return, one line for each value, with missing values as codes."""
    paper = _ReturnPaper(form)
    paper.set_creation_date(datetime.combine(document.cut_off, time(), UTC))
    paper.add_page()
    paper.text_line("B", 14, form.title)
    for name, text in files.notes(form, document):
        paper.pair(name, text)
    paper.ln(3)
    for _section, _field, label, scope, value, missing, *_rest in files.rows(form, document):
        paper.pair(f"{label} ({scope})" if scope else label, value or missing)
    return bytes(paper.output())


class _ReturnPaper(FPDF):
    """A4 document with the bundled fonts, which cover every European letter."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self._form = form
        for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font("house", style, str(finders.find(f"fonts/{name}")))
        self.set_auto_page_break(True, 18)
        self.set_title(form.title)
        self.alias_nb_pages()

    def normalize_text(self, text: str) -> str:
        """The text without characters that change what stands around it."""
        return str(super().normalize_text(visible(text)))

    def header(self) -> None:
        """A simulated form says so on every page."""
        if self._form.simulation:
            self.text_line("B", 10, _("SIMULATION – COM(2022) 209 is a proposal. Nobody has to file this form."))

    def footer(self) -> None:
        """The number of the page."""
        self.set_y(-14)
        self.set_font("house", "", 8)
        self.cell(0, 6, f"{self.page_no()} / {{nb}}", align="C")

    def text_line(self, style: str, size: float, text: str) -> None:
        """A line over the whole width."""
        self.set_font("house", style, size)
        self.multi_cell(0, size * 0.5 + 1, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def pair(self, name: str, text: str) -> None:
        """A name and a value next to each other."""
        self.set_font("house", "", 8.5)
        if self.will_page_break(12):
            self.add_page()
            self.set_font("house", "", 8.5)
        top = self.get_y()
        self.multi_cell(NAME_WIDTH, 4.6, name, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below = self.get_y()
        self.set_xy(self.l_margin + NAME_WIDTH, top)
        self.multi_cell(0, 4.6, text or "–", align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=WrapMode.CHAR)
        self.set_y(max(below, self.get_y()))
