"""A chart has its title, axes with units and every value, is drawn without a script, and escapes what it shows."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.casework.charts.draw import svg, svg_file, tile_map
from tutela.casework.charts.specification import Chart, ChartKind, Point, specification
from tutela.casework.charts.tile_map import Tile, TileMap

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


def test_a_map_of_tiles_says_its_groups_by_signs_and_in_words() -> None:
    tiles = (Tile("IE", 0, 0, "received", "✓"), Tile(FALSE, 1, 2, "missing", "–"))
    shown = TileMap("Returns", tiles)
    drawn = tile_map(shown)
    root = ElementTree.fromstring(drawn)
    assert "IE ✓" in "".join(root.itertext())
    assert "<script" not in drawn
    assert shown.described == f"Returns. received: IE; missing: {FALSE}."


def test_a_chart_of_nothing_is_drawn_too() -> None:
    assert svg(Chart("Nothing", "Week", "Reports", ())).startswith("<svg")


def test_a_narrow_chart_wraps_its_labels_and_loses_none() -> None:
    label = "Reports that an authority took up"
    chart = Chart("Steps", "Step", "Reports", (Point(label, 3.0), Point("Short", 2.0)), ChartKind.LYING)
    narrow = svg(chart, narrow=True)
    words = "".join(ElementTree.fromstring(narrow).itertext())
    assert label not in words
    assert all(word in words for word in (*label.split(), "Short"))
    assert _width(narrow) < 390 < _width(svg(chart))


def test_the_axis_of_a_percentage_ends_at_a_hundred() -> None:
    found = specification(Chart("Relevant", "Provider", "Relevant (%)", (Point("P", 88.2),), ChartKind.LYING))
    assert found["encoding"]["x"]["scale"]["domain"] == [0, 100]


def test_a_long_sign_gets_a_line_of_its_own() -> None:
    words = "".join(ElementTree.fromstring(tile_map(TileMap("Map", (Tile("IE", 0, 0, "few", "<50"),)))).itertext())
    assert "IE<50" in words


def _width(drawn: str) -> float:
    return float(ElementTree.fromstring(drawn).attrib["width"])
