"""Series of figures over time: cut at every break, and refused where its figures do not count the same."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.catalogue import Break
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.units import Measure
from tutela.observatory.operations import comparability
from tutela.observatory.operations.refusals import OperationRefusal, OperationRefused, RefusalReason, Remedy


@dataclass(frozen=True)
class Segment:
    """Figures that continue each other; `cut_by` names what separates them from those before."""

    figures: tuple[Figure, ...]
    cut_by: str = ""


@dataclass(frozen=True)
class Series:
    """Segments in the order of time. A line is drawn within a segment and never from one to the next."""

    segments: tuple[Segment, ...]

    @property
    def breaks(self) -> tuple[str, ...]:
        """Reasons of the breaks, in the order of time."""
        return tuple(one.cut_by for one in self.segments[1:])


def series(figures: Sequence[Figure], breaks: Sequence[Break] | None = None) -> Series:
    """Put figures of one unit, stage and coverage in the order of time, cut at breaks and changes of definition."""
    refused = comparability.distinct(_against_series(figures))
    if refused:
        raise OperationRefused(refused)
    calendar = catalogue.breaks() if breaks is None else breaks
    ordered = sorted(figures, key=lambda one: one.period)
    segments = [Segment((ordered[0],))]
    for earlier, later in itertools.pairwise(ordered):
        cut = _cut(earlier, later, calendar)
        last = segments[-1]
        if cut:
            segments.append(Segment((later,), cut))
        else:
            segments[-1] = replace(last, figures=(*last.figures, later))
    return Series(tuple(segments))


def trend(figures: Sequence[Figure], breaks: Sequence[Break] | None = None) -> float:
    """Change a month by least squares. Refused across a break, and for totals since a beginning."""
    found = series(figures, breaks)
    refused = [
        OperationRefusal(RefusalReason.BREAK, Remedy.BEFORE_OR_AFTER, {"at": str(one.figures[0].period.start)})
        for one in found.segments[1:]
    ]
    if figures[0].definition.measure is Measure.CUMULATIVE:
        refused.append(OperationRefusal(RefusalReason.CUMULATIVE, Remedy.FLOW))
    if len(figures) < 3:
        refused.append(OperationRefusal(RefusalReason.TOO_FEW, Remedy.MORE_FIGURES, {"least": 3}))
    if refused:
        raise OperationRefused(refused)
    days = [one.period.start.toordinal() for one in figures]
    values = [one.number / one.period.months for one in figures]
    middle, level = sum(days) / len(days), sum(values) / len(values)
    spread = sum((day - middle) ** 2 for day in days)
    slope = sum((day - middle) * (value - level) for day, value in zip(days, values, strict=True)) / spread
    return slope * 365.25 / 12


def _cut(earlier: Figure, later: Figure, calendar: Sequence[Break]) -> str:
    if earlier.definition.key != later.definition.key:
        return f"{earlier.definition.key} → {later.definition.key}"
    if not earlier.period.same_length(later.period):
        return f"{earlier.period} → {later.period}"
    found = [one for one in calendar if one.cuts(later.definition.source, earlier.period, later.period)]
    return " ".join(one.reason for one in found)


def _against_series(figures: Sequence[Figure]) -> Iterator[OperationRefusal]:
    if len(figures) < 2:
        yield OperationRefusal(RefusalReason.TOO_FEW, Remedy.MORE_FIGURES, {"least": 2})
    yield from comparability.missing(figures)
    for first, second in comparability.pairwise(figures):
        yield from comparability.units(first, second)
        yield from comparability.stages(first, second)
        # A new version of one definition is a break, which is drawn.
        if first.definition.id != second.definition.id:
            yield from comparability.definitions(first, second, adding=False)
        if first.period.overlaps(second.period):
            values = {"first": str(first.period), "second": str(second.period)}
            yield OperationRefusal(RefusalReason.PERIODS_OVERLAP, Remedy.SPLIT_PERIODS, values)
        if first.coverage != second.coverage:
            yield OperationRefusal(RefusalReason.COVERAGE_DIFFERS, Remedy.STATE_COVERAGE)
