"""Quality of the reports of a week by provider. Providers with few reports are one line, so that no cell is small.

A provider has a name only where the line reveals nothing that the flows of the same week hide. A report is about one
person: no line has a count of 1 to 4 reports, nor one that leaves 1 to 4 of its whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from tutela.indicators.audits import confidence_intervals
from tutela.observatory.operations.withheld import is_few
from tutela.observatory.tables.flows import FlowTable, origin_of
from tutela.reports.figures.weekly_totals import QualityTotal

# A line has so many reports, and a share of decisions so many of these.
LEAST_REPORTS = 20
OTHERS = ""


@dataclass(frozen=True)
class QualityLine:
    """A provider; the empty name is all others together. `completeness` is a mean in percent.

    None is not published: `duplicates` and `relevant` where they or the rest of their whole are few, `decided` and
    `relevant` where too few reports were decided for a share, or few were not.
    """

    provider: str
    reports: int
    duplicates: int | None
    completeness: int
    decided: int | None
    relevant: int | None

    @property
    def relevant_share(self) -> float | None:
        """Share of the decided reports that were relevant."""
        return self.relevant / self.decided if self.relevant is not None and self.decided else None

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        """The exact interval in which the true share is at 95 %."""
        if self.relevant is None or not self.decided:
            return None
        return confidence_intervals.exact(self.relevant, self.decided)

    @property
    def percent(self) -> str:
        """The share and its interval with one decimal; a dash without a share."""
        if self.relevant_share is None or self.interval is None:
            return "–"
        low, high = self.interval
        return f"{self.relevant_share:.1%} ({low:.1%} – {high:.1%})"


def quality_lines(
    totals: Iterable[QualityTotal], names: Mapping[UUID, str], countries: Mapping[UUID, str], flows: FlowTable
) -> list[QualityLine]:
    """A line for each provider in the order of names, all others last; empty if all of them have too few reports."""
    ordered = sorted(totals, key=lambda one: (-one.reports, str(one.provider_id)))
    named = _named(ordered, names, countries, flows)
    others = [one for one in ordered if one not in named]
    # What few others have would be a small cell of its own.
    while named and others and sum(one.reports for one in others) < LEAST_REPORTS:
        others.append(named.pop())
    lines = sorted((_line(names[one.provider_id], [one]) for one in named), key=lambda one: one.provider)
    # With the line of all others everybody could add up a total that the flows withhold.
    if flows.total is not None and sum(one.reports for one in others) >= LEAST_REPORTS:
        lines.append(_line(OTHERS, others))
    return lines


def _named(
    ordered: Iterable[QualityTotal], names: Mapping[UUID, str], countries: Mapping[UUID, str], flows: FlowTable
) -> list[QualityTotal]:
    """Providers that may be named next to the flows of the week, which show or hide the total of a country.

    A hidden total would be computed from named providers. From one that is shown the unnamed rest can be computed.
    """
    by_country: dict[str, list[QualityTotal]] = {}
    for one in ordered:
        by_country.setdefault(origin_of(one.provider_id, countries), []).append(one)
    found = list[QualityTotal]()
    for country, every in by_country.items():
        named = [one for one in every if one.reports >= LEAST_REPORTS and one.provider_id in names]
        rest = sum(one.reports for one in every if one not in named)
        if 0 < rest < LEAST_REPORTS:
            named = named[:-1]
        found += named if flows.shows_origin(country) else []
    return sorted(found, key=lambda one: (-one.reports, str(one.provider_id)))


def _line(name: str, totals: list[QualityTotal]) -> QualityLine:
    reports, duplicates = sum(one.reports for one in totals), sum(one.duplicates for one in totals)
    decided, relevant = sum(one.decided for one in totals), sum(one.relevant for one in totals)
    enough = decided >= LEAST_REPORTS and not is_few(reports - duplicates - decided)
    completeness = round(sum(one.complete for one in totals) / max(reports, 1))
    return QualityLine(
        name,
        reports,
        _unless_few(duplicates, reports),
        completeness,
        decided if enough else None,
        _unless_few(relevant, decided) if enough else None,
    )


def _unless_few(count: int, whole: int) -> int | None:
    """A count of reports; None if the count, or the rest of its whole, is one of few persons."""
    return None if is_few(count) or is_few(whole - count) else count
