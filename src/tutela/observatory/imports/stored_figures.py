"""Figures as JSON in a row: definition key, period, coverage, value or code. No text of ours is in it.

A share of a survey has the size of its sample and its interval.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import Coverage
from tutela.observatory.definitions.definition import Figure, Value
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Missing


def as_row(figure: Figure) -> dict[str, Any]:
    """A figure for a row."""
    missing = figure.value if isinstance(figure.value, Missing) else None
    return {
        "definition": figure.definition.key,
        "start": figure.period.start.isoformat(),
        "end": figure.period.end.isoformat(),
        "areas": sorted(figure.coverage.areas),
        "contributors": sorted(figure.coverage.contributors),
        "value": None if missing else figure.value,
        "missing": missing.value if missing else "",
        "label": figure.label[:200],
        "unmapped": list(figure.unmapped),
        "sample": None if figure.denominator is None else figure.denominator.number,
        "interval": figure.interval,
    }


def from_row(row: dict[str, Any], vintage: date) -> Figure:
    """The figure of a row."""
    value: Value = Missing.member(row["missing"]) if row["missing"] else row["value"]
    figure = Figure(
        catalogue.definition(row["definition"]),
        ReportingPeriod(date.fromisoformat(row["start"]), date.fromisoformat(row["end"])),
        Coverage(frozenset(row["areas"]), frozenset(row["contributors"])),
        value,
        vintage,
        label=row["label"],
        unmapped=tuple(row["unmapped"]),
    )
    if row["sample"] is None:
        return figure
    low, high = row["interval"]
    sample = replace(figure, value=row["sample"], label=f"n = {row['sample']}")
    return replace(figure, denominator=sample, interval=(low, high))
