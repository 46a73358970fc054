"""Outcomes as a CSV table from a case system: each line is one step of one referral.

Columns: `number` or `referral_id`; `kind`; `reason`, needed for no action; `release`, else the Centre alone;
`file_reference`, which also acknowledges a referral that was not yet acknowledged; `children`, own references of
safeguarded children divided by `|`, never names. An unknown column is refused, because its content would be lost
silently.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.line_ends import CutOffError, check_text
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.referral.outcome import OutcomeKind, ReleaseLevel

COLUMNS = ("number", "referral_id", "kind", "reason", "release", "file_reference", "children")
MOST_ROWS = 2000
LONGEST_CELL = 10_000


class NotATableError(ExchangeError):
    """The table cannot be read."""


@dataclass(frozen=True)
class OutcomeLine:
    """Line as it is in the file, or its error (`error`, which names the column)."""

    number: int
    referral: str = ""
    kind: str = ""
    reason: str = ""
    release: str = ReleaseLevel.CENTRE_ONLY.value
    file_reference: str = ""
    # One reference a line.
    children: str = ""
    error: str = ""


def read(data: bytes) -> list[OutcomeLine]:
    """Every line. Raises `NotATableError` where the file as a whole cannot be read."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotATableError("Save the file as CSV, UTF-8.") from None
    if "\0" in text:
        raise NotATableError("The file contains a NUL character.")
    try:
        check_text(text)
    except CutOffError:
        raise NotATableError(
            "The last line has no line end, so the file may be cut off. Add a line end if the file is complete."
        ) from None
    head = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",", strict=True)
    try:
        return _lines(rows)
    except csv.Error:
        raise NotATableError("A quotation mark is not closed, or a line is too long.") from None


def _lines(rows: Iterator[list[str]]) -> list[OutcomeLine]:
    columns = [name.strip().lower() for name in next(rows, [])]
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown or len(set(columns)) != len(columns):
        raise NotATableError(f"The columns must be: {', '.join(COLUMNS)}.")
    if "kind" not in columns or not {"number", "referral_id"} & set(columns):
        raise NotATableError("The columns kind and number (or referral_id) are required.")
    found = []
    for number, cells in enumerate(rows, 2):
        if any(cell.strip() for cell in cells):
            found.append(_line(number, columns, cells))
        if len(found) > MOST_ROWS:
            raise NotATableError(f"The file has more than {MOST_ROWS} lines.")
    return found


def _line(number: int, columns: list[str], cells: list[str]) -> OutcomeLine:
    if len(cells) > len(columns):
        return OutcomeLine(number, error="more cells than columns")
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return OutcomeLine(number, error=f"a cell has more than {LONGEST_CELL} characters")
    said = dict(zip(columns, (typed(cell) for cell in cells), strict=False))
    referral = said.get("referral_id") or said.get("number", "")
    kind, release = said.get("kind", ""), said.get("release") or ReleaseLevel.CENTRE_ONLY.value
    error = ""
    if not referral:
        error = "number: enter the referral"
    elif kind not in {one.value for one in OutcomeKind}:
        error = f"kind: must be one of {', '.join(OutcomeKind)}"
    elif release not in {one.value for one in ReleaseLevel}:
        error = f"release: must be one of {', '.join(ReleaseLevel)}"
    elif kind == OutcomeKind.NO_ACTION and not said.get("reason"):
        error = "reason: enter a reason for an outcome without action"
    children = "\n".join(filter(None, (one.strip() for one in said.get("children", "").split("|"))))
    return OutcomeLine(
        number, referral, kind, said.get("reason", ""), release, said.get("file_reference", ""), children, error
    )
