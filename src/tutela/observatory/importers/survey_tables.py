"""Importer of shares of surveys: CSV with definition, area, period, and how many of how many respondents.

A share without the size of its sample is refused. Each gets its exact interval.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import state_of
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Unit
from tutela.observatory.importers.hotline_tables import TableRefused, survey_share

_COLUMNS = {"survey", "definition", "area", "period", "said", "asked"}
# No survey asked more persons than this.
MOST_ASKED = 10_000_000


def read_surveys(data: bytes, vintage: date) -> tuple[Figure, ...]:
    """Read a table of shares. Raises `TableRefused`."""
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        if not set(reader.fieldnames or ()) >= _COLUMNS:
            raise TableRefused(f"the file lacks one of the columns {', '.join(sorted(_COLUMNS))}")
        found = tuple(_share(row, vintage) for row in reader)
    except (UnicodeDecodeError, csv.Error, ValueError, AttributeError, KeyError) as error:
        raise TableRefused(str(error)) from None
    if len({(one.definition.key, one.period, one.coverage, one.label) for one in found}) != len(found):
        raise TableRefused("a share occurs twice")
    return found


def _share(row: Mapping[str, str], vintage: date) -> Figure:
    name, period = row["definition"].strip(), ReportingPeriod.parse(row["period"].strip())
    if catalogue.definition(name).unit is not Unit.RESPONDENT_SHARE:
        raise TableRefused(f"{name} is no share of respondents")
    said, asked = int(row["said"]), int(row["asked"])
    if not 0 <= said <= asked or not 0 < asked <= MOST_ASKED:
        raise TableRefused(f"{said} of {asked} is no share")
    area = state_of(row["area"]) or row["area"].strip().upper()
    return survey_share(name, said, asked, period, area, vintage, row["survey"].strip())
