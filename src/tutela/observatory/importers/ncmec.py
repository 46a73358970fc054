"""CyberTipline reports by country and by sender, 2019-2022, from the published tables.

Source: NCMEC, "CyberTipline Reports by Country" and "by Electronic Service Providers"; tidied in
`apparebit/intransparent` at 9cb15b3 (Robert Grimm, CC BY 4.0). `tables/README.md` has the digests. A sum over the rows
equals the published total, which a test checks.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import EUROPEAN_UNION, STATES, WORLD, Coverage, state_of
from tutela.observatory.definitions.definition import Figure, Value
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.importers.cell_values import value_of

TABLES = Path(__file__).parent / "tables"
YEARS = (2019, 2020, 2021, 2022)
NO_COUNTRY = "No Country Listed"
TOTAL = "Total"
# Services of one firm: the tables of 2019 and 2020 count them together, those after by themselves.
FIRM_OF = dict.fromkeys(("Facebook", "Instagram", "WhatsApp"), "Meta")
# The tables of a year were published by then; the exact days are not known.
_PUBLISHED_MONTH = 6


def by_country(year: int) -> list[Figure]:
    """Reports of a year by country, as published. Countries outside the Union keep their three letters."""
    return [_country(row["country"], row["iso3"], year, value_of(row[str(year)])) for row in _rows("country")]


def by_state(year: int) -> list[Figure]:
    """Reports of a year by Member State."""
    return [one for one in by_country(year) if one.coverage.areas & frozenset(STATES)]


def by_sender(year: int) -> dict[str, Figure]:
    """Reports of a year by sender, without the total; a sender without a number has none in the table."""
    found = {row["sender"]: _sender(row["sender"], year, value_of(row["reports"])) for row in _of_year(year)}
    return {name: one for name, one in found.items() if name != TOTAL and not one.is_missing}


def senders_total(year: int) -> Figure:
    """Reports of a year from all senders, as published."""
    (row,) = (row for row in _of_year(year) if row["sender"] == TOTAL)
    made = _sender(TOTAL, year, value_of(row["reports"]))
    return Figure(made.definition, made.period, Coverage(frozenset({WORLD})), made.value, made.vintage, label=TOTAL)


def all_reports(year: int) -> Figure:
    """All reports of a year, as published."""
    (row,) = (row for row in _rows("year") if row["year"] == str(year))
    definition = catalogue.definition("ncmec.reports.all/1")
    return Figure(definition, _period(year), Coverage(frozenset({WORLD})), value_of(row["reports"]), _vintage(year))


def union(year: int) -> Figure:
    """Reports of a year of the 27 Member States together: a sum of disjoint countries of one table."""
    states = by_state(year)
    definition, period = states[0].definition, states[0].period
    total = sum(int(one.number) for one in states)
    return Figure(definition, period, Coverage(frozenset({EUROPEAN_UNION})), total, _vintage(year), label="EU-27")


def concentration(year: int) -> float:
    """Lower bound of the Herfindahl-Hirschman index of the senders: those that are listed by themselves."""
    whole, firms = senders_total(year).number, Counter[str]()
    for name, one in by_sender(year).items():
        firms[FIRM_OF.get(name, name)] += int(one.number)
    return sum((100 * number / whole) ** 2 for number in firms.values())


def _country(name: str, code: str, year: int, value: Value) -> Figure:
    area = state_of(code) or code or name
    definition = catalogue.definition("ncmec.reports.country")
    return Figure(definition, _period(year), Coverage(frozenset({area})), value, _vintage(year), label=name)


def _sender(name: str, year: int, value: Value) -> Figure:
    definition = catalogue.definition("ncmec.reports.sender")
    coverage = Coverage(frozenset({WORLD}), frozenset({name}))
    return Figure(definition, _period(year), coverage, value, _vintage(year), label=name)


def _of_year(year: int) -> Iterator[dict[str, str]]:
    return (row for row in _rows("sender") if row["year"] == str(year))


def _period(year: int) -> ReportingPeriod:
    return ReportingPeriod(date(year, 1, 1), date(year, 12, 31))


def _vintage(year: int) -> date:
    return date(year + 1, _PUBLISHED_MONTH, 1)


@cache
def _rows(by: str) -> tuple[dict[str, str], ...]:
    with (TABLES / f"ncmec-by-{by}.csv").open(newline="") as file:
        return tuple(csv.DictReader(file))
