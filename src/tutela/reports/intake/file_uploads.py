"""Report files, for manual filing or spreadsheets: a table, JSON Lines, a JSON array, or a ZIP.

Each line has its own answer, as in a batch. The same file sent again contains the same reports: correct the refused
lines, and send the whole file again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tutela.events.actor import Actor
from tutela.exchange.report.csv_rows import Filer
from tutela.exchange.report_files.report_files import Piece, pieces
from tutela.organisations.people import directory
from tutela.reports.intake import batches
from tutela.reports.intake.batches import BatchResult


@dataclass(frozen=True)
class UploadLine:
    """A line of a file, and what became of it."""

    piece: Piece
    answer: BatchResult


def by_hand(person: Actor, centre: directory.DirectoryEntry, name: str, data: bytes) -> list[UploadLine]:
    """File what somebody uploads: a provider's own reports, or those of others as police receive them.

    Raises ExchangeError where the whole cannot be read, `NotTheProvider`.
    """
    person.require("reports.upload")
    return receive(replace(person, permissions=frozenset({"reports.submit"})), centre, name, data)


def receive(sender: Actor, centre: directory.DirectoryEntry, name: str, data: bytes) -> list[UploadLine]:
    """File the reports of a file; the answers in the order of its lines. Raises as `by_hand`."""
    found = pieces(name, data, _filer(sender))
    answers: dict[int, BatchResult] = {}
    for handed_on in (False, True):
        part = [(n, one.body) for n, one in enumerate(found) if not one.errors and one.handed_on is handed_on]
        if part:
            made = batches.receive(sender, centre, part, handed_on=handed_on)
            answers |= {one.line: one for one in made}
    bad = {n: BatchResult(n, 422, errors=piece.errors) for n, piece in enumerate(found) if piece.errors}
    both = {**answers, **bad}
    return [UploadLine(piece, replace(both[n], line=piece.line)) for n, piece in enumerate(found)]


def as_csv(lines: Iterable[UploadLine]) -> list[list[object]]:
    """Results of all lines as table rows with a header: one row for each report, or for each wrong field."""
    out: list[list[object]] = [["file", "line", "status", "report_id", "field", "reason"]]
    for one in lines:
        known = [one.piece.file, one.piece.line, one.answer.status, str(one.answer.report_id or "")]
        if one.answer.received:
            out.append([*known, "", "received"])
        out += [[*known, error.field, error.reason] for error in one.answer.errors]
    return out


def _filer(sender: Actor) -> Filer:
    contact = next(iter(directory.contacts(sender.organisation_id)), None)
    reached = (contact.email or contact.phone) if contact else ""
    purpose = contact.purpose if contact else ""
    return Filer(sender.organisation_name, purpose or sender.organisation_name, reached or sender.organisation_name)
