"""Files of comma-separated values for people's spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

# How a spreadsheet knows a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A file to download. A cell that a spreadsheet would take for a formula is only text there."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    for row in rows:
        writer.writerow(["'" + cell if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in row])
    return response
