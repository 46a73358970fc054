"""Sum, difference, ratio and share of figures.

Each returns a result with its coverage, or raises `OperationRefused`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from tutela.observatory.definitions.coverage import EUROPEAN_UNION, STATES, Coverage
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Measure
from tutela.observatory.operations import comparability
from tutela.observatory.operations.refusals import OperationRefusal, OperationRefused, RefusalReason, Remedy


@dataclass(frozen=True)
class OperationResult:
    """A computed number, of what, and what it covers. `notes` are relations of definitions that a reader must see."""

    number: float
    label: str
    period: ReportingPeriod
    coverage: Coverage
    notes: tuple[str, ...] = ()


def add(figures: Sequence[Figure], *, union: bool = False) -> OperationResult:
    """Add figures. With `union`, the result is called a total of the Union and needs 60 % of its states."""
    refused = comparability.distinct(_against_sum(figures, union=union))
    if refused:
        raise OperationRefused(refused)
    coverage = reduce(Coverage.joined, (one.coverage for one in figures))
    period = reduce(ReportingPeriod.joined, (one.period for one in figures))
    label = figures[0].definition.title
    if union:
        label = f"{label}, {len(coverage.states)} of {len(STATES)} Member States"
    return OperationResult(sum(one.number for one in figures), label, period, coverage)


def _against_sum(figures: Sequence[Figure], *, union: bool) -> Iterator[OperationRefusal]:
    if len(figures) < 2 and not union:
        yield OperationRefusal(RefusalReason.TOO_FEW, Remedy.MORE_FIGURES, {"least": 2})
    yield from comparability.missing(figures)
    yield from comparability.kinds(figures)
    for first, second in comparability.pairwise(figures):
        yield from comparability.units(first, second)
        yield from comparability.stages(first, second)
        yield from comparability.definitions(first, second, adding=True)
        yield from comparability.vintages(first, second)
        yield from comparability.periods_of_sum(first, second)
    if union:
        states = frozenset[str]().union(*(one.coverage.states for one in figures))
        yield from comparability.union_total(states)


def subtract(later: Figure, earlier: Figure) -> OperationResult:
    """The change between two figures of one definition and coverage."""
    refused = comparability.distinct(_against_difference(later, earlier))
    if refused:
        raise OperationRefused(refused)
    number = later.number - earlier.number
    return OperationResult(number, later.definition.title, later.period.joined(earlier.period), later.coverage)


def _against_difference(later: Figure, earlier: Figure) -> Iterator[OperationRefusal]:
    yield from comparability.missing([later, earlier])
    yield from comparability.units(later, earlier)
    yield from comparability.stages(later, earlier)
    yield from comparability.definitions(later, earlier, adding=True)
    if later.definition.measure is Measure.CUMULATIVE:
        # "Identified during" an edition is not what two totals since the beginning differ by.
        yield OperationRefusal(RefusalReason.CUMULATIVE, Remedy.FLOW)
    if not later.period.same_length(earlier.period):
        values = {"first": str(later.period), "second": str(earlier.period)}
        yield OperationRefusal(RefusalReason.PERIOD_LENGTH, Remedy.RATE_PER_MONTH, values)
    if later.coverage != earlier.coverage:
        yield OperationRefusal(RefusalReason.COVERAGE_DIFFERS, Remedy.STATE_COVERAGE)


def ratio(numerator: Figure, denominator: Figure) -> OperationResult:
    """Divide two figures of one source, period, coverage and vintage; the result names both units."""
    refused = comparability.distinct(_against_ratio(numerator, denominator))
    if refused:
        raise OperationRefused(refused)
    label = f"{numerator.definition.unit} per {denominator.definition.unit}"
    number = numerator.number / denominator.number
    return OperationResult(number, label, numerator.period, numerator.coverage)


def _against_ratio(numerator: Figure, denominator: Figure) -> Iterator[OperationRefusal]:
    yield from comparability.missing([numerator, denominator])
    for one in (numerator, denominator):
        yield from comparability.kinds([one])
        yield from comparability.practice([one])
    values = {"first": numerator.definition.source, "second": denominator.definition.source}
    # A denominator of exposure comes from somebody else by its nature; it names its source.
    if values["first"] != values["second"] and not denominator.definition.exposure:
        yield OperationRefusal(RefusalReason.SOURCES, Remedy.SAME_SOURCE, values)
    yield from comparability.vintages(numerator, denominator)
    if numerator.period != denominator.period and not denominator.definition.exposure:
        periods = {"first": str(numerator.period), "second": str(denominator.period)}
        yield OperationRefusal(RefusalReason.PERIODS, Remedy.SAME_PERIOD, periods)
    same_contributors = numerator.coverage.contributors == denominator.coverage.contributors
    if numerator.coverage.areas != denominator.coverage.areas or not (
        same_contributors or denominator.definition.exposure
    ):
        yield OperationRefusal(RefusalReason.COVERAGE_DIFFERS, Remedy.STATE_COVERAGE)
    if not denominator.is_missing and denominator.number == 0:
        yield OperationRefusal(RefusalReason.ZERO, Remedy.GET_VALUE, {"first": comparability.name_of(denominator)})


def share(part: Figure, whole: Figure) -> OperationResult:
    """The part of a whole. The definition of the part names that of the whole, or both are the same."""
    refused = comparability.distinct(_against_share(part, whole))
    if refused:
        raise OperationRefused(refused)
    label = f"{comparability.name_of(part)} of {comparability.name_of(whole)}"
    return OperationResult(part.number / whole.number, label, part.period, part.coverage)


def _against_share(part: Figure, whole: Figure) -> Iterator[OperationRefusal]:
    yield from comparability.missing([part, whole])
    yield from comparability.units(part, whole)
    same = part.definition.key == whole.definition.key
    inside = part.coverage.within(whole.coverage)
    if not (part.definition.part_of == whole.definition.key or same) or not inside:
        values = {"first": comparability.name_of(part), "second": comparability.name_of(whole)}
        yield OperationRefusal(RefusalReason.NOT_PART, Remedy.PART_OF, values)
    if part.period != whole.period:
        yield OperationRefusal(
            RefusalReason.PERIODS, Remedy.SAME_PERIOD, {"first": str(part.period), "second": str(whole.period)}
        )
    yield from comparability.vintages(part, whole)
    if not whole.is_missing and whole.number == 0:
        yield OperationRefusal(RefusalReason.ZERO, Remedy.GET_VALUE, {"first": comparability.name_of(whole)})


def is_union(figure: Figure) -> bool:
    """Return true if a figure claims to cover the Union."""
    return EUROPEAN_UNION in figure.coverage.areas
