"""Checks that operations share. Each returns the refusals of a set of figures; none is an empty list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from tutela.observatory.definitions.coverage import STATES
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.units import Measure
from tutela.observatory.operations.refusals import OperationRefusal, RefusalReason, Remedy

# Below this share of the Member States there is no total for the Union.
LEAST_STATES = 0.6
_NOT_ADDED = {
    Measure.CUMULATIVE: (RefusalReason.CUMULATIVE, Remedy.FLOW),
    Measure.SHARE: (RefusalReason.SHARE, Remedy.NUMERATORS),
    Measure.MEDIAN: (RefusalReason.MEDIAN, Remedy.RAW_DATA),
}


def name_of(figure: Figure) -> str:
    """How a refusal names a figure."""
    return figure.label or figure.definition.title


def practice(figures: Sequence[Figure]) -> Iterator[OperationRefusal]:
    """Categories that are sorted into otherwise, or that the template does not have, count something else."""
    for one in figures:
        if one.unmapped:
            values = {"first": name_of(one), "codes": ", ".join(one.unmapped[:5])}
            yield OperationRefusal(RefusalReason.UNMAPPED, Remedy.COMMON_PRACTICE, values)
        if not one.definition.practice and one.definition.unit is figures[0].definition.unit:
            yield OperationRefusal(RefusalReason.PRACTICE, Remedy.COMMON_PRACTICE, {"first": one.definition.title})


def missing(figures: Sequence[Figure]) -> Iterator[OperationRefusal]:
    """A missing value is never zero."""
    for one in figures:
        if one.is_missing:
            values = {"first": name_of(one), "code": str(one.value)}
            yield OperationRefusal(RefusalReason.MISSING, Remedy.GET_VALUE, values)


def units(first: Figure, second: Figure) -> Iterator[OperationRefusal]:
    """Figures of different units are neither added nor compared."""
    if first.definition.unit is not second.definition.unit:
        values = {"first": first.definition.unit.text, "second": second.definition.unit.text}
        yield OperationRefusal(RefusalReason.UNITS, Remedy.SIDE_BY_SIDE, values)


def stages(first: Figure, second: Figure) -> Iterator[OperationRefusal]:
    """Figures before and after a step do not count the same."""
    if first.definition.stage is not second.definition.stage:
        values = {"first": first.definition.stage.text, "second": second.definition.stage.text}
        yield OperationRefusal(RefusalReason.STAGES, Remedy.SAME_STAGE, values)


def definitions(first: Figure, second: Figure, *, adding: bool) -> Iterator[OperationRefusal]:
    """A sum needs equal or exactly mapped definitions; a comparison a mapping of any kind, which is shown."""
    relation = first.definition.relation(second.definition)
    values = {"first": first.definition.key, "second": second.definition.key}
    if not relation:
        yield OperationRefusal(RefusalReason.DEFINITIONS, Remedy.MAPPING, values)
    elif adding and relation != "exact":
        yield OperationRefusal(RefusalReason.MAPPED, Remedy.COMPARE_MAPPED, {**values, "relation": relation})


def kinds(figures: Sequence[Figure]) -> Iterator[OperationRefusal]:
    """Totals since a beginning, shares and medians are never added; estimates never with counts."""
    for one in figures:
        if one.definition.measure in _NOT_ADDED:
            yield OperationRefusal(*_NOT_ADDED[one.definition.measure], {"first": name_of(one)})
    measures = {one.definition.measure for one in figures}
    if Measure.ESTIMATE in measures and measures - {Measure.ESTIMATE}:
        yield OperationRefusal(RefusalReason.ESTIMATE, Remedy.COUNT)


def vintages(first: Figure, second: Figure) -> Iterator[OperationRefusal]:
    """Two figures of one source are taken as of one day."""
    if first.definition.source == second.definition.source and first.vintage != second.vintage:
        values = {"first": str(first.vintage), "second": str(second.vintage)}
        yield OperationRefusal(RefusalReason.VINTAGES, Remedy.SAME_VINTAGE, values)


def double_count(first: Figure, second: Figure) -> Iterator[OperationRefusal]:
    """Figures of one time may be added only if nothing is in both, or duplicates were removed by a known key."""
    for one in (first, second):
        if not one.coverage.is_stated:
            yield OperationRefusal(RefusalReason.COVERAGE_UNKNOWN, Remedy.STATE_COVERAGE, {"first": name_of(one)})
            return
    shared_key = first.dedupe_key and first.dedupe_key == second.dedupe_key
    if first.coverage.overlaps(second.coverage) and not shared_key:
        areas = sorted(first.coverage.areas & second.coverage.areas) or sorted(first.coverage.areas)
        yield OperationRefusal(RefusalReason.COVERAGE, Remedy.DEDUPE_KEY, {"areas": ", ".join(areas)})


def periods_of_sum(first: Figure, second: Figure) -> Iterator[OperationRefusal]:
    """A sum is over places at one time, or over times at one place."""
    values = {"first": str(first.period), "second": str(second.period)}
    if first.period == second.period:
        yield from double_count(first, second)
    elif first.period.overlaps(second.period):
        yield OperationRefusal(RefusalReason.PERIODS_OVERLAP, Remedy.SPLIT_PERIODS, values)
    elif first.definition.measure is Measure.STOCK:
        yield OperationRefusal(RefusalReason.STOCK, Remedy.LATEST)
    elif first.coverage != second.coverage:
        yield OperationRefusal(RefusalReason.COVERAGE_DIFFERS, Remedy.STATE_COVERAGE, values)


def pairwise(figures: Sequence[Figure]) -> Iterator[tuple[Figure, Figure]]:
    """Every pair."""
    return combinations(figures, 2)


def union_total(states: frozenset[str]) -> Iterator[OperationRefusal]:
    """A total of the Union needs 60 % of the Member States."""
    if len(states) < LEAST_STATES * len(STATES):
        values = {"count": len(states), "of": len(STATES)}
        yield OperationRefusal(RefusalReason.COVERAGE_SMALL, Remedy.COUNT_OF_27, values)


def distinct(refusals: Iterator[OperationRefusal]) -> list[OperationRefusal]:
    """The refusals, each reason once: the first."""
    found: dict[RefusalReason, OperationRefusal] = {}
    for one in refusals:
        found.setdefault(one.reason, one)
    return list(found.values())
