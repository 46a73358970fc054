"""Files of an order: the message as JSON, and a document for people as PDF.

A simulated order states on every page of the document, and in its message, that it is not in force.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _
from fpdf import FPDF, XPos, YPos
from fpdf.enums import WrapMode

from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.base import Wire
from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.message.translatable_text import visible
from tutela.takedown.errors import UnknownOrder
from tutela.takedown.host_desk.notice_rows import READ as HOST_READ
from tutela.takedown.models import OrderCopy, OrderKind
from tutela.takedown.orders import copies, detail
from tutela.takedown.orders.order_rows import rows
from tutela.takedown.orders.state_machine import Side

NAME_WIDTH = 58


def order_file(actor: Actor, copy_id: UUID, side: Side, form: str) -> tuple[str, bytes]:
    """Name and bytes of an order as JSON or PDF (`form`). Raises `UnknownOrder`, `Erased`."""
    actor.require(copies.READ if side is Side.ISSUER else HOST_READ)
    with acting(actor):
        row = _find(actor, copy_id, side)
        wire = copies.wire_of(row)
        record(actor, "order.downloaded", copies.SUBJECT, row.order_id, form=form, simulation=row.simulation)
        return _name(row, form), wire.to_bytes() if form == "json" else as_pdf(row, wire)


def answer_file(actor: Actor, copy_id: UUID, side: Side) -> tuple[str, bytes]:
    """Name and bytes of the newest answer, as a message. Raises `UnknownOrder`, `Erased`."""
    actor.require(copies.READ if side is Side.ISSUER else HOST_READ)
    with acting(actor):
        row = _find(actor, copy_id, side)
        steps = copies.steps_of([row])[row.pk]
        copies.open_steps(row, steps)
        view = detail.CopyView(row, copies.wire_of(row), steps, copies.time_of(row, steps), side)
        if view.newest_answer is None:
            raise UnknownOrder
        record(actor, "order.downloaded", copies.SUBJECT, row.order_id, form="answer", simulation=row.simulation)
        return _name(row, "json", "answer-"), canonical(view.newest_answer.answer)


def as_pdf(row: OrderCopy, wire: Wire, *, compress: bool = True) -> bytes:
    """The document. The same order gives the same text."""
    document = _Paper(row)
    document.set_compression(compress)
    document.set_creation_date(row.received_at)
    document.add_page()
    document.head()
    for name, text in rows(wire):
        document.field_line(name, text)
    return bytes(document.output())


def _name(row: OrderCopy, form: str, before: str = "") -> str:
    return f"{'SIMULATION-' if row.simulation else ''}{before}{row.number}.{form}"


def _find(actor: Actor, copy_id: UUID, side: Side) -> OrderCopy:
    found = copies.issued(actor) if side is Side.ISSUER else copies.received(actor)
    row = found.filter(pk=copy_id).first()
    if row is None:
        raise UnknownOrder
    return row


class _Paper(FPDF):
    """A4 document with the bundled fonts, which cover every European letter."""

    def __init__(self, row: OrderCopy) -> None:
        super().__init__()
        self.row = row
        for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font("house", style, str(finders.find(f"fonts/{name}")))
        self.set_auto_page_break(True, 18)
        self.set_title(f"{'SIMULATION ' if row.simulation else ''}{row.number}")
        self.alias_nb_pages()

    def normalize_text(self, text: str) -> str:
        return str(super().normalize_text(visible(text)))

    def header(self) -> None:
        if self.row.simulation:
            self.set_text_color(170, 0, 0)
            self._text("B", 11, _("SIMULATION – NOT IN FORCE. COM(2022) 209 is a proposal. Nobody has to obey it."))
            self.set_text_color(0, 0, 0)
            self.ln(2)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("house", "", 8)
        mark = f"{_('SIMULATION')} · " if self.row.simulation else ""
        self.cell(0, 6, f"{mark}{self.row.number} · {self.page_no()} / {{nb}}", align="C")

    def head(self) -> None:
        self._text("B", 15, str(OrderKind(self.row.kind).label).capitalize())
        self.ln(2)
        self._text("", 10, f"{_('To')}: {self.row.recipient_name}")
        self._text("", 10, f"{_('From')}: {self.row.issuer_name} ({self.row.issuer_country})")
        self._text("", 10, f"{_('Number')}: {self.row.number}")
        self._text("", 10, f"{_('Received')}: {self.row.received_at:%Y-%m-%d %H:%M} UTC")
        self._text("", 10, f"{_('Deadline')}: {self.row.due_at:%Y-%m-%d %H:%M} UTC")
        self.ln(3)

    def field_line(self, name: str, text: str) -> None:
        """Print a field name and its text side by side; a long text continues on the next page."""
        self.set_font("house", "", 8.5)
        if self.will_page_break(10):
            self.add_page()
            self.set_font("house", "", 8.5)
        top, page = self.get_y(), self.page
        self.multi_cell(NAME_WIDTH, 4.6, name, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below, page_below = self.get_y(), self.page
        if page_below == page:
            self.set_y(top)
        self.set_x(self.l_margin + NAME_WIDTH)
        self.multi_cell(0, 4.6, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=WrapMode.CHAR)
        if self.page == page_below and self.get_y() < below:
            self.set_y(below)

    def _text(self, style: str, size: float, text: str) -> None:
        self.set_font("house", style, size)
        self.multi_cell(0, size * 0.5 + 1, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
