"""Importer of shares of surveys: CSV with definition, area, period, and how many of how many respondents.

A share without the size of its sample is refused. Each gets its exact interval.
"""

from __future__ import annotations

from datetime import date

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.units import Unit
from tutela.observatory.importers import table_rows
from tutela.observatory.importers.hotline_tables import MOST_ROWS, TableRefused, survey_share
from tutela.observatory.importers.table_rows import ImportRefused, TableRow

_COLUMNS = ("survey", "definition", "area", "period", "said", "asked")
# No survey asked more persons than this.
MOST_ASKED = 10_000_000


def read_surveys(data: bytes, vintage: date) -> tuple[Figure, ...]:
    """Read a table of shares. Raises `TableRefused`, naming row, field and reason."""
    found = dict[tuple[object, ...], Figure]()
    try:
        for row in table_rows.read_rows(data, _COLUMNS, MOST_ROWS):
            one = _share(row, vintage)
            key = one.definition.key, one.period, one.coverage, one.label
            if key in found:
                raise row.refused("survey", "the same share is in an earlier row")
            found[key] = one
    except ImportRefused as error:
        raise TableRefused(str(error)) from None
    if not found:
        raise TableRefused("the file has no rows")
    return tuple(found.values())


def _share(row: TableRow, vintage: date) -> Figure:
    name, period = row.read("definition", _definition), row.read("period", table_rows.period)
    said, asked = (row.read(one, table_rows.whole_number) for one in ("said", "asked"))
    if not 0 < asked <= MOST_ASKED:
        raise row.refused("asked", f"{asked} is not from 1 to {MOST_ASKED}")
    if said > asked:
        raise row.refused("said", f"{said} of {asked} is no share")
    area, survey = row.read("area", table_rows.area), row.read("survey", table_rows.name)
    return survey_share(name, said, asked, period, area, vintage, survey)


def _definition(text: str) -> str:
    try:
        known = catalogue.definition(text)
    except KeyError:
        raise ValueError(f"{text[:40]} is no definition") from None
    if known.unit is not Unit.RESPONDENT_SHARE:
        raise ValueError(f"{text[:40]} is no share of respondents")
    return text
