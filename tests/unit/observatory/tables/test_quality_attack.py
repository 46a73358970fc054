"""The quality of a week opens nothing that its flows hide: a linear programme over both finds the same bounds."""

from __future__ import annotations

import random
from uuid import UUID

import numpy as np
import pytest
from scipy.optimize import linprog

from tutela.observatory.tables.flows import FlowTable, flow_table
from tutela.observatory.tables.quality import LEAST_REPORTS, OTHERS, QualityLine, quality_lines
from tutela.reports.figures.weekly_totals import FlowTotal, QualityTotal

ORIGINS, DESTINATIONS = ("IE", "NL", "SE", "DE"), ("AT", "BE", "FR")
PROVIDERS = tuple(UUID(int=n) for n in range(1, 9))
COUNTRIES = {one: ORIGINS[n % len(ORIGINS)] for n, one in enumerate(PROVIDERS)}
NAMES = {one: f"Provider {one.int}" for one in PROVIDERS}
type Equation = tuple[np.ndarray, int]


def week(seed: int) -> tuple[FlowTable, list[QualityLine], dict[tuple[UUID, str], int]]:
    draw = random.Random(seed)
    truth = {(one, to): draw.choice([0, 0, 0, 1, 3, 12, 40, 90]) for one in PROVIDERS for to in DESTINATIONS}
    flows = flow_table([FlowTotal(one, to, count) for (one, to), count in truth.items()], COUNTRIES)
    sums = {one: sum(truth[one, to] for to in DESTINATIONS) for one in PROVIDERS}
    totals = [QualityTotal(one, count, 0, 0, 0, 0) for one, count in sums.items() if count]
    return flows, quality_lines(totals, NAMES, COUNTRIES, flows), truth


def places(wanted: set[tuple[UUID, str]]) -> np.ndarray:
    return np.array([float((one, to) in wanted) for one in PROVIDERS for to in DESTINATIONS])


def sums(origin: str | None, to: str | None) -> np.ndarray:
    return places(
        {(one, at) for one in PROVIDERS for at in DESTINATIONS if origin in (None, COUNTRIES[one]) and to in (None, at)}
    )


def of_flows(flows: FlowTable) -> list[tuple[np.ndarray, int | None]]:
    """Every cell and margin as a sum of reports of providers."""
    lines = zip(flows.origins, flows.cells, flows.origin_totals, strict=True)
    found = [
        (sums(origin, to), value)
        for origin, row, total in lines
        for to, value in zip((*flows.destinations, None), (*row, total), strict=True)
    ]
    below = zip((*flows.destinations, None), (*flows.destination_totals, flows.total), strict=True)
    return [*found, *((sums(None, to), value) for to, value in below)]


def of_quality(lines: list[QualityLine]) -> list[Equation]:
    named = {one.provider for one in lines} - {OTHERS}
    found = []
    for line in lines:
        own = [key for key, name in NAMES.items() if (name == line.provider or not (line.provider or name in named))]
        found.append((places({(one, to) for one in own for to in DESTINATIONS}), line.reports))
    return found


def bounds(goal: np.ndarray, known: list[Equation]) -> tuple[float, float]:
    matrix = np.array([one for one, _value in known]).reshape(len(known), len(goal))
    values = np.array([value for _one, value in known], float)
    low, high = (linprog(sign * goal, A_eq=matrix, b_eq=values, bounds=(0, None)) for sign in (1, -1))
    return low.fun, float("inf") if high.status == 3 else -high.fun


@pytest.mark.parametrize("seed", range(10))
def test_nothing_that_the_flows_hide_is_bounded_more_closely(seed: int) -> None:
    flows, lines, _truth = week(seed)
    every = of_flows(flows)
    shown = [(one, value) for one, value in every if value is not None]
    for goal, value in every:
        if value is None:
            assert bounds(goal, [*shown, *of_quality(lines)]) == pytest.approx(bounds(goal, shown), abs=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_the_unnamed_rest_of_a_country_is_nothing_or_not_small(seed: int) -> None:
    flows, lines, truth = week(seed)
    named = {one.provider for one in lines}
    for origin in ORIGINS:
        every = {one: sum(truth[one, to] for to in DESTINATIONS) for one in PROVIDERS if COUNTRIES[one] == origin}
        rest = sum(count for one, count in every.items() if NAMES[one] not in named)
        if flows.shows_origin(origin) and rest < sum(every.values()):
            assert rest == 0 or rest >= LEAST_REPORTS, (origin, rest)
        if not flows.shows_origin(origin):
            assert not named & {NAMES[one] for one in every}
