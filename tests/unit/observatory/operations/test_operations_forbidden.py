"""Forbidden operations, each with its reason, and the same operations where they are allowed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.tree import ROOT
from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.coverage import STATES, Coverage
from tutela.observatory.definitions.definition import Figure
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Missing
from tutela.observatory.operations import arithmetic, rank, series
from tutela.observatory.operations.refusals import OperationRefused, RefusalReason

TABLE = tomllib.loads((ROOT / "tests" / "fixtures" / "observatory" / "forbidden_operations.toml").read_text())
OPERATIONS: dict[str, Callable[[Sequence[Figure]], object]] = {
    "add": arithmetic.add,
    "union": lambda figures: arithmetic.add(figures, union=True),
    "subtract": lambda figures: arithmetic.subtract(*figures),
    "ratio": lambda figures: arithmetic.ratio(*figures),
    "share": lambda figures: arithmetic.share(*figures),
    "compare": lambda figures: rank.compare(*figures),
    "rank": rank.rank,
    "series": series.series,
    "trend": series.trend,
}


def figure(text: str) -> Figure:
    name, *changes = (part.strip() for part in text.split(","))
    row: dict[str, Any] = {**TABLE["figures"][name]}
    for change in changes:
        field, _, value = change.partition("=")
        lists = field in ("areas", "contributors", "unmapped")
        row[field] = [one for one in [value] if one] if lists else value
    return Figure(
        catalogue.definition(row["definition"]),
        ReportingPeriod.parse(row["period"]),
        Coverage(frozenset(row.get("areas", ())), frozenset(row.get("contributors", ()))),
        value_of(row["value"]),
        row["vintage"] if isinstance(row["vintage"], date) else date.fromisoformat(row["vintage"]),
        label=row.get("label", ""),
        unmapped=tuple(row.get("unmapped", ())),
        denominator=figure(row["denominator"]) if "denominator" in row else None,
    )


def value_of(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    return int(text) if text.isdigit() else Missing(text)


def test_there_are_more_than_forty() -> None:
    assert len(TABLE["case"]) >= 60
    assert len({case["reason"] for case in TABLE["case"]}) >= 25


@pytest.mark.parametrize("case", TABLE["case"], ids=[case["why"] for case in TABLE["case"]])
def test_operation_is_refused_with_its_reason(case: dict[str, Any]) -> None:
    with pytest.raises(OperationRefused) as refused:
        OPERATIONS[case["operation"]]([figure(one) for one in case["figures"]])
    assert RefusalReason(case["reason"]) in refused.value.reasons
    for one in refused.value.refusals:
        assert "{" not in str(one), one.reason
        assert one.remedy.text


def test_disjoint_states_of_one_year_add_up_and_print_their_coverage() -> None:
    result = arithmetic.add([figure("reports_de"), figure("reports_fr")])
    assert (result.number, result.coverage.states) == (355_000, {"DE", "FR"})


def test_a_union_of_seventeen_states_says_so() -> None:
    figures = [figure(f"reports_de, areas={state}") for state in STATES[:17]]
    assert arithmetic.add(figures, union=True).label.endswith("17 of 27 Member States")


def test_years_of_one_state_add_up() -> None:
    assert arithmetic.add([figure("reports_de"), figure("reports_de, period=2023")]).number == 410_000


def test_a_shared_key_permits_a_sum_of_overlapping_figures() -> None:
    one, two = (replace(figure("reports_de"), dedupe_key="item-sha256") for _ in range(2))
    assert arithmetic.add([one, two]).number == 410_000


def test_files_a_report_is_a_ratio_with_both_units_named() -> None:
    result = arithmetic.ratio(figure("files"), figure("ncmec_all"))
    assert (round(result.number, 2), result.label) == (2.76, "item per report")


def test_a_country_is_a_share_of_the_world() -> None:
    assert arithmetic.share(figure("ncmec_de"), figure("ncmec_all")).number == pytest.approx(0.00431, abs=1e-5)


def test_a_year_and_a_half_year_compare_as_rates_per_month() -> None:
    found = rank.compare(figure("reports_de"), figure("reports_de, period=2023-H1"))
    assert found.per_month
    assert found.second == pytest.approx(2 * found.first, rel=0.02)


def test_a_narrower_definition_compares_with_the_mapping_shown() -> None:
    assert rank.compare(figure("children_it"), figure("children_pl14, areas=IT")).relation == "broader"


def test_providers_rank_by_exposure_with_its_source() -> None:
    found = rank.rank(provider_rates())
    assert [(one.label, one.denominator_source) for one in found] == [("Other", "dsa"), ("Snap", "dsa")]


def provider_rates(below: str = "", **coverage: str) -> list[Figure]:
    """Notices of two platforms by their recipients; `below` changes the denominator of the second."""
    users = "notices, definition=dsa.recipients, value=1000000"
    own = "".join(f", {name}={value}" for name, value in coverage.items())
    return [
        replace(figure("notices"), denominator=figure(users)),
        replace(
            figure(f"notices, contributors=Other, value=500{own}"),
            label="Other",
            denominator=figure(f"{users}, contributors=Other{own}{below}"),
        ),
    ]


@pytest.mark.parametrize(
    ("below", "reason"),
    [
        (", definition=provider.messages.processed", RefusalReason.UNITS),
        (", definition=provider.messages.processed, period=2025-H2", RefusalReason.DEFINITIONS),
        (", contributors=Snap", RefusalReason.COVERAGE_DIFFERS),
        (", areas=DE", RefusalReason.COVERAGE_DIFFERS),
        (", period=2024-H2", RefusalReason.PERIODS),
        (", value=0", RefusalReason.ZERO),
        (", value=:", RefusalReason.NO_DENOMINATOR),
    ],
)
def test_a_rate_by_somebody_elses_exposure_is_not_ranked(below: str, reason: RefusalReason) -> None:
    with pytest.raises(OperationRefused) as refused:
        rank.rank(provider_rates(below))
    assert reason in refused.value.reasons


@pytest.mark.parametrize("operation", ["rank", "compare"])
def test_states_are_not_ranked_under_the_name_of_who_counts_in_them(operation: str) -> None:
    first, second = provider_rates(areas="FR")
    first = replace(first, coverage=Coverage(frozenset({"DE"}), frozenset({"Snap"})))
    with pytest.raises(OperationRefused) as refused:
        OPERATIONS[operation]([first, second])
    assert RefusalReason.STATES_RANKED in refused.value.reasons


def test_a_change_of_law_and_of_definition_cuts_the_series() -> None:
    years = [figure(f"ncmec_de, period={year}") for year in (2019, 2020, 2021, 2022)]
    found = series.series(years)
    assert [len(one.figures) for one in found.segments] == [1, 1, 2]
    assert any("2021/1232" in one for one in found.breaks)
    bundled = series.series([figure("ncmec_all"), figure("ncmec_bundled, period=2023")])
    assert bundled.breaks == ("ncmec.reports.all/1 → ncmec.reports.all/2",)


def test_a_trend_within_one_segment() -> None:
    figures = [figure(f"helpline, period=2025-Q{n}, value={300 + 30 * n}") for n in (1, 2, 3, 4)]
    assert series.trend(figures) == pytest.approx(3.3, abs=0.4)
