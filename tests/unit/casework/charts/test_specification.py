"""A chart has its title, axes with units and every value, is drawn without a script, and escapes what it shows."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.casework.charts.draw import svg, svg_file
from tutela.casework.charts.specification import Chart, ChartKind, Point, specification

WEEKS = tuple(Point(f"2026-0{month}-01", month * 3.0) for month in range(1, 7))
FALSE = "<script>alert(1)</script>"


@pytest.mark.parametrize("kind", ChartKind)
def test_a_chart_is_drawn_with_its_axes(kind: ChartKind) -> None:
    chart = Chart("Reports by week", "Week", "Reports", WEEKS, kind)
    drawn = svg(chart)
    root = ElementTree.fromstring(drawn)
    assert "style" not in {name for node in root.iter() for name in node.attrib}
    assert "Week" in drawn
    assert "Reports" in drawn
    assert "var(--accent)" in drawn
    assert "var(" not in svg_file(chart)
    assert sum("graphics-symbol" in node.attrib.get("role", "") for node in root.iter()) >= len(WEEKS)


def test_several_series_have_a_legend() -> None:
    points = (*WEEKS, *(Point(point.label, point.value + 1, "Ireland") for point in WEEKS))
    drawn = svg(Chart("Two", "Week", "Reports", points, ChartKind.LINES))
    assert "Ireland" in drawn


def test_what_is_shown_is_escaped() -> None:
    drawn = svg(Chart(FALSE, FALSE, FALSE, (Point(FALSE, 1.0),)))
    assert "<script" not in drawn
    ElementTree.fromstring(drawn)


@given(
    st.text(max_size=20),
    st.lists(st.tuples(st.text(max_size=20), st.floats(0, 1e9, allow_nan=False)), max_size=20),
    st.sampled_from(ChartKind),
)
def test_any_labels_and_values_are_described(title: str, rows: list[tuple[str, float]], kind: ChartKind) -> None:
    chart = Chart(title, "x", "y", tuple(Point(label, value) for label, value in rows), kind)
    found = json.loads(json.dumps(specification(chart)))
    assert [(one["label"], one["value"]) for one in found["data"]["values"]] == rows
    assert chart.empty == (not any(value for _label, value in rows))


def test_a_chart_of_nothing_is_drawn_too() -> None:
    assert svg(Chart("Nothing", "Week", "Reports", ())).startswith("<svg")
