"""Flows hide small cells, quality joins small providers, surges follow from published totals alone."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from tutela.observatory.tables.flows import EUROPOL, NOT_KNOWN, FlowTable, flow_table
from tutela.observatory.tables.quality import OTHERS, QualityLine, quality_lines
from tutela.observatory.tables.store import Week
from tutela.observatory.tables.surges import surge_weeks
from tutela.reports.figures.weekly_totals import FlowTotal, QualityTotal

A, B, C, D = (UUID(int=n) for n in range(1, 5))
COUNTRIES = {A: "IE", B: "IE", C: "NL"}
MONDAY = date(2026, 1, 5)


def flow(provider: UUID, country: str, reports: int) -> FlowTotal:
    return FlowTotal(provider, country, reports)


def quality(provider: UUID, reports: int, decided: int = 0, relevant: int = 0) -> QualityTotal:
    return QualityTotal(provider, reports, reports // 10, 80 * reports, decided, relevant)


def weeks(*totals: int | None) -> list[Week[FlowTable]]:
    """Weeks with these totals, given in the order of time."""
    made = [
        Week(MONDAY + timedelta(weeks=n), MONDAY + timedelta(weeks=n + 2), n, "", FlowTable(total=total))
        for n, total in enumerate(totals)
    ]
    return made[::-1]


def test_flows_are_sums_of_providers_of_a_country() -> None:
    found = flow_table([flow(A, "DE", 30), flow(B, "DE", 20), flow(C, "", 40), flow(D, "DE", 10)], COUNTRIES)
    assert (found.origins, found.destinations) == (("IE", "NL", NOT_KNOWN), ("DE", EUROPOL))
    assert found.cells == ((50, 0), (0, 40), (10, 0))
    assert (found.total, found.to("DE"), found.to("FR")) == (100, 60, 0)
    assert flow_table([], {}) == FlowTable()


def test_a_small_flow_is_hidden_with_what_reveals_it() -> None:
    found = flow_table([flow(A, "DE", 2), flow(A, "FR", 50), flow(C, "DE", 60), flow(C, "FR", 40)], COUNTRIES)
    hidden = [value for row in found.cells for value in row].count(None)
    assert found.cells[0][0] is None
    assert hidden >= 4 or None in (*found.origin_totals, *found.destination_totals)
    assert found.total == 152
    alone = flow_table([flow(A, "DE", 3)], COUNTRIES)
    assert (alone.cells, alone.total) == (((None,),), None)


def lines_of(totals: list[QualityTotal], names: dict[UUID, str]) -> list[QualityLine]:
    """The lines next to flows of the same reports to one country."""
    flows = flow_table([flow(one.provider_id, "DE", one.reports) for one in totals], COUNTRIES)
    return quality_lines(totals, names, COUNTRIES, flows)


def test_providers_with_few_reports_are_one_line_that_is_never_small() -> None:
    names = {A: "Albums", B: "Board", C: "Chat"}
    found = lines_of([quality(A, 100, 50, 40), quality(B, 21), quality(D, 30)], names)
    assert [(one.provider, one.reports) for one in found] == [("Albums", 100), ("Board", 21), (OTHERS, 30)]
    assert (found[0].completeness, found[0].relevant_share) == (80, 0.8)
    assert found[0].percent.startswith("80.0% (66.3%")
    assert (found[2].relevant_share, found[2].interval, found[2].percent) == (None, None, "–")
    assert lines_of([quality(A, 12), quality(B, 5)], names) == []
    assert [one.provider for one in lines_of([quality(C, 30), quality(A, 25)], names)] == ["Albums", "Chat"]


@pytest.mark.parametrize(
    ("reports", "duplicates", "decided", "relevant", "shown"),
    [
        (100, 10, 50, 40, (10, 50, 40)),
        (100, 3, 50, 40, (None, 50, 40)),
        (100, 0, 50, 50, (0, 50, 50)),
        (100, 97, 0, 0, (None, None, None)),
        (100, 10, 50, 48, (10, 50, None)),
        (100, 10, 50, 2, (10, 50, None)),
        (100, 10, 50, 0, (10, 50, 0)),
        (100, 10, 88, 40, (10, None, None)),
        (100, 10, 90, 40, (10, 90, 40)),
        (100, 10, 19, 10, (10, None, None)),
    ],
)
def test_no_count_of_few_reports_is_in_a_line(
    reports: int, duplicates: int, decided: int, relevant: int, shown: tuple[int | None, ...]
) -> None:
    (line,) = lines_of([QualityTotal(A, reports, duplicates, 80 * reports, decided, relevant)], {A: "Albums"})
    assert (line.duplicates, line.decided, line.relevant) == shown
    assert (line.percent == "–") == (line.relevant is None)


def test_no_provider_is_named_where_the_rest_of_its_country_is_small() -> None:
    names = {A: "Albums", B: "Board", C: "Chat"}
    found = lines_of([quality(A, 100), quality(B, 7), quality(C, 60)], names)
    assert [(one.provider, one.reports) for one in found] == [("Chat", 60), (OTHERS, 107)]


def test_no_provider_is_named_whose_country_the_flows_hide() -> None:
    names = {A: "Albums", B: "Board", C: "Chat"}
    hidden = FlowTable(("IE", "NL"), ("DE",), ((None,), (None,)), (100, None), (None,), None)
    found = quality_lines([quality(A, 100), quality(C, 60)], names, COUNTRIES, hidden)
    assert [one.provider for one in found] == ["Albums"]


def test_a_surge_follows_from_the_published_totals() -> None:
    found = surge_weeks(weeks(100, 90, 110, 100, 400))
    assert [one.rise is not None for one in found] == [False, False, False, False, True]
    assert found[-1].rise is not None
    assert found[-1].rise.ratio == 4
    assert not any(one.rise for one in surge_weeks(weeks(100, 90, 110, 100, 120)))


def test_next_to_a_week_that_is_not_published_no_surge_is_stated() -> None:
    found = surge_weeks(weeks(100, 90, 110, None, 400))
    assert (found[-1].rise, found[-2].reports) == (None, None)
    assert not found[-1].judged
    assert surge_weeks([]) == []


@pytest.mark.parametrize("unknown", range(4))
def test_no_unknown_week_shortens_what_a_week_is_compared_with(unknown: int) -> None:
    totals: list[int | None] = [100, 90, 110, 100, 400]
    assert surge_weeks(weeks(*totals))[-1].rise is not None
    totals[unknown] = None
    found = surge_weeks(weeks(*totals))
    assert (found[-1].rise, found[-1].judged, found[-1].reports) == (None, False, 400)


@pytest.mark.parametrize("gap", range(1, 5))
def test_a_week_without_a_table_is_not_known_and_shifts_nothing(gap: int) -> None:
    every = weeks(100, 90, 110, 100, 95, 400)
    missing = every[gap].monday
    found = {one.monday: one for one in surge_weeks([one for one in every if one.monday != missing])}
    assert len(found) == len(every)
    assert (found[missing].reports, found[missing].rise, found[missing].judged) == (None, None, False)
    assert found[every[0].monday].rise is None
    assert [one.reports for one in surge_weeks(every)] == [100, 90, 110, 100, 95, 400]


def test_a_week_without_a_report_is_zero_and_counts() -> None:
    found = surge_weeks(weeks(0, 0, 0, 0, 60))[-1]
    assert found.rise is not None
    assert found.rise.usual == 0
