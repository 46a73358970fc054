"""Dashboards show the newest vintage, say what is withheld, and stay fast with many releases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.figures import dashboards
from tutela.observatory.figures.releases import ShownFigure, ShownRelease
from tutela.observatory.open_data import datasets
from tutela.observatory.open_data.growth import grown, of_version

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def figure(name: str, value: int | None) -> ShownFigure:
    return ShownFigure(catalogue.definition(name), f"events:{name}", value, "" if value is not None else "s")


def release(number: int, **changes: object) -> ShownRelease:
    made = ShownRelease(
        UUID(int=number),
        UUID(int=1),
        "Centre",
        "centre",
        "NL",
        number,
        ReportingPeriod.parse("2026-09"),
        NOW + timedelta(hours=number),
        10 * number,
        f"{number:064x}",
        (
            figure("centre.reports.received", 900 + number),
            figure("centre.reports.referred", 300),
            figure("centre.reports.victim_identified", None),
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_funnel_is_that_of_the_newest_release_of_the_newest_period() -> None:
    later = release(3, period=ReportingPeriod.parse("2026-10"))
    found = dashboards.funnel([release(1), later, release(2)])
    assert found is not None
    assert (found.release.number, found.steps[0].value) == (3, 903)
    assert dashboards.funnel([release(1, kind="hotline")]) is None


def test_a_withheld_step_is_no_bar_of_zero() -> None:
    found = dashboards.funnel([release(1)])
    assert found is not None
    chart = found.chart(found.victims, "Children")
    assert len(chart.labels) == len(found.victims) - 1
    assert 0 not in chart.values


def test_a_corrected_figure_is_shown_once_with_what_it_says_now() -> None:
    points = dashboards.newest_vintages([release(2), release(1)])
    received = [one for one in points if one.definition.id == "centre.reports.received"]
    assert [(one.value, one.corrected) for one in received] == [(902, True)]


def test_every_version_of_the_dataset_is_known_by_its_rows() -> None:
    empty, parts = datasets.published_figures([]), datasets.parts_of([release(number) for number in range(1, 6)])
    for count in range(6):
        before = grown(empty, parts[:count])
        assert of_version(empty, parts, before.version) == before
    assert of_version(empty, parts, "0" * 16) is None
