"""Comparison and ranking.

Providers are ranked only per unit of exposure; states never by counts of child protection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.units import Measure, Stage
from tutela.observatory.operations import comparability
from tutela.observatory.operations.refusals import OperationRefusal, OperationRefused, RefusalReason, Remedy

# With fewer a rank is chance: a funnel plot shows it.
LEAST_TO_RANK = 30


@dataclass(frozen=True)
class Compared:
    """Two figures next to each other.

    `per_month` where the lengths of their periods differ; `relation` of definitions.
    """

    first: float
    second: float
    per_month: bool
    relation: str


@dataclass(frozen=True)
class Ranked:
    """A figure in its place, by its rate of exposure."""

    label: str
    rate: float
    denominator_source: str


def compare(first: Figure, second: Figure) -> Compared:
    """Put two figures next to each other on one axis; as rates per month if their periods have different lengths."""
    refused = comparability.distinct(_against_comparison(first, second))
    if refused:
        raise OperationRefused(refused)
    relation = first.definition.relation(second.definition)
    per_month = first.definition.measure is Measure.FLOW and not first.period.same_length(second.period)
    if per_month:
        return Compared(first.number / first.period.months, second.number / second.period.months, per_month, relation)
    return Compared(first.number, second.number, per_month, relation)


def _against_comparison(first: Figure, second: Figure) -> Iterator[OperationRefusal]:
    yield from comparability.missing([first, second])
    yield from comparability.units(first, second)
    yield from comparability.stages(first, second)
    yield from comparability.definitions(first, second, adding=False)
    yield from _rates_state_all([first, second])
    yield from comparability.practice([first, second])
    yield from _states(first, second)


def rank(figures: Sequence[Figure]) -> list[Ranked]:
    """Order figures by their rate per unit of exposure, the highest first."""
    refused = comparability.distinct(_against_rank(figures))
    if refused:
        raise OperationRefused(refused)
    lines = [_line(one) for one in figures]
    return sorted(lines, key=lambda line: (-line.rate, line.label))


def _line(figure: Figure) -> Ranked:
    below = figure.denominator
    if below is None:  # refused before
        raise ValueError("no denominator")
    return Ranked(figure.label, figure.number / below.number, below.definition.source)


def _against_rank(figures: Sequence[Figure]) -> Iterator[OperationRefusal]:
    """Reasons against a ranking.

    - A rank needs two figures of one definition, practice, stage and period, each of 30 or more.
    - Each has a denominator that is a unit of exposure: of the same contributors, states and time as the figure.
    - All denominators count the same, by one definition.
    - No order of figures is one of states, whoever counted in each.
    """
    if len(figures) < 2:
        yield OperationRefusal(RefusalReason.TOO_FEW, Remedy.MORE_FIGURES, {"least": 2})
    yield from comparability.missing(figures)
    if any(_of_states(one) and not one.definition.ranks_states for one in figures):
        yield OperationRefusal(RefusalReason.STATES_RANKED, Remedy.NOTHING)
    if len({_of_states(one) for one in figures}) > 1:
        yield OperationRefusal(RefusalReason.COVERAGE_DIFFERS, Remedy.STATE_COVERAGE)
    for one in figures:
        yield from _denominator(one)
        if not one.is_missing and one.number < LEAST_TO_RANK:
            values = {"first": comparability.name_of(one), "count": int(one.number), "least": LEAST_TO_RANK}
            yield OperationRefusal(RefusalReason.SMALL, Remedy.LARGER, values)
    for first, second in comparability.pairwise(figures):
        yield from _against_comparison(first, second)
        if first.period != second.period:
            values = {"first": str(first.period), "second": str(second.period)}
            yield OperationRefusal(RefusalReason.PERIODS, Remedy.SAME_PERIOD, values)
        yield from _denominators(first, second)


def _of_states(figure: Figure) -> bool:
    """Whether a figure is of states and not of those who count."""
    return bool(figure.coverage.states) and not figure.coverage.contributors


def _states(first: Figure, second: Figure) -> Iterator[OperationRefusal]:
    """Two states next to each other are a ranking of two, also if each names who counted in it.

    A state next to the whole that it is part of is none, nor are two providers of one state or of the whole Union.
    """
    ranked = all(one.definition.ranks_states for one in (first, second))
    here, there = first.coverage.states, second.coverage.states
    elsewhere = bool(here and there) and not here & there
    within = first.coverage.within(second.coverage) or second.coverage.within(first.coverage)
    apart = not within and all(_of_states(one) for one in (first, second))
    if not ranked and (elsewhere or apart):
        yield OperationRefusal(RefusalReason.STATES_RANKED, Remedy.NOTHING)


def _denominator(figure: Figure) -> Iterator[OperationRefusal]:
    below, name = figure.denominator, comparability.name_of(figure)
    if below is None or below.is_missing:
        yield OperationRefusal(RefusalReason.NO_DENOMINATOR, Remedy.EXPOSURE, {"first": name})
    elif not below.definition.exposure:
        yield OperationRefusal(RefusalReason.NO_EXPOSURE, Remedy.EXPOSURE, {"first": comparability.name_of(below)})
    elif below.number == 0:
        yield OperationRefusal(RefusalReason.ZERO, Remedy.GET_VALUE, {"first": comparability.name_of(below)})
    else:
        yield from _same_place_and_time(figure, below)


def _same_place_and_time(figure: Figure, below: Figure) -> Iterator[OperationRefusal]:
    """A rate divides by the exposure of those who are counted, and of their time. A holding is of a day within it."""
    if figure.coverage != below.coverage:
        yield OperationRefusal(RefusalReason.COVERAGE_DIFFERS, Remedy.STATE_COVERAGE)
    stock = below.definition.measure is Measure.STOCK
    if not (figure.period.overlaps(below.period) if stock else figure.period == below.period):
        values = {"first": str(figure.period), "second": str(below.period)}
        yield OperationRefusal(RefusalReason.PERIODS, Remedy.SAME_PERIOD, values)


def _denominators(first: Figure, second: Figure) -> Iterator[OperationRefusal]:
    """Rates per different units of exposure have no order."""
    if first.denominator is not None and second.denominator is not None:
        yield from comparability.units(first.denominator, second.denominator)
        yield from comparability.definitions(first.denominator, second.denominator, adding=True)


def _rates_state_all(figures: Sequence[Figure]) -> Iterator[OperationRefusal]:
    """A rate of errors or of precision states its stage, denominator and interval."""
    for one in figures:
        if one.definition.measure is not Measure.SHARE:
            continue
        if one.denominator is None or one.interval is None:
            yield OperationRefusal(RefusalReason.NO_INTERVAL, Remedy.STATE_RATE, {"first": comparability.name_of(one)})
        if one.definition.stage is Stage.NOT_STATED:
            yield OperationRefusal(RefusalReason.NO_STAGE, Remedy.STATE_RATE, {"first": comparability.name_of(one)})
