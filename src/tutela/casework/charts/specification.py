"""Describe a chart by Vega-Lite (https://vega.github.io/vega-lite): values, axes with units, colours of the page.

Bars stand for values by label or by week, lying bars for steps and long labels, lines for several series over time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
# The page's own colours, so that a chart follows light and dark; a downloaded file has those of the light page.
INK, LINE, QUIET = "var(--ink)", "var(--line)", "var(--quiet)"
SERIES = ("var(--accent)", "var(--warn)", "var(--good)", "var(--urgent)", "var(--quiet)")
LIGHT = {
    "var(--ink)": "#1b2430",
    "var(--line)": "#d8dbd6",
    "var(--quiet)": "#55606e",
    "var(--accent)": "#14556b",
    "var(--warn)": "#7a4b00",
    "var(--good)": "#1f6b3a",
    "var(--urgent)": "#9b1c1c",
}
_WIDTH, _HEIGHT, _ROW = 560, 220, 30


class ChartKind(StrEnum):
    """How values are drawn."""

    BARS = "bars"
    LYING = "lying"
    LINES = "lines"


@dataclass(frozen=True)
class Point:
    """A value at a label, of a series if there are several. `label` of lines is a date (ISO 8601)."""

    label: str
    value: float
    series: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart. `x` names what the labels are; `y` names what is counted, with its unit in brackets if it has one."""

    title: str
    x: str
    y: str
    points: tuple[Point, ...]
    kind: ChartKind = ChartKind.BARS

    @property
    def empty(self) -> bool:
        return not any(point.value for point in self.points)


def specification(chart: Chart) -> dict[str, Any]:
    """The Vega-Lite specification of a chart."""
    many = len({point.series for point in chart.points}) > 1
    values = [{"label": p.label, "value": p.value} | ({"series": p.series} if many else {}) for p in chart.points]
    encoding = _lying(chart) if chart.kind is ChartKind.LYING else _standing(chart)
    if many:
        scale = {"range": [*SERIES]}
        encoding["color"] = {"field": "series", "type": "nominal", "title": None, "scale": scale}
    return {
        "$schema": SCHEMA,
        "description": chart.title,
        "width": _WIDTH,
        "height": _ROW * len(chart.points) if chart.kind is ChartKind.LYING else _HEIGHT,
        "data": {"values": values},
        "mark": _mark(chart),
        "encoding": encoding,
        "config": _config(),
    }


def _mark(chart: Chart) -> dict[str, Any]:
    if chart.kind is ChartKind.LINES:
        return {"type": "line", "point": {"size": 36}, "tooltip": True, "color": SERIES[0]}
    return {"type": "bar", "tooltip": True, "color": SERIES[0]}


def _standing(chart: Chart) -> dict[str, Any]:
    kind = "temporal" if chart.kind is ChartKind.LINES else "ordinal"
    axis = {"format": "%Y-%m-%d"} if kind == "temporal" else {"labelAngle": -40, "labelOverlap": True}
    x = {"field": "label", "type": kind, "title": chart.x, "axis": axis}
    return {"x": x if kind == "temporal" else x | {"sort": None}, "y": _amount(chart)}


def _lying(chart: Chart) -> dict[str, Any]:
    label = {"field": "label", "type": "ordinal", "title": chart.x, "sort": None, "axis": {"labelLimit": 260}}
    return {"y": label, "x": _amount(chart)}


def _amount(chart: Chart) -> dict[str, Any]:
    whole = all(float(point.value).is_integer() for point in chart.points)
    axis: dict[str, Any] = {"tickMinStep": 1, "format": ",d"} if whole else {}
    return {"field": "value", "type": "quantitative", "title": chart.y, "axis": axis}


def _config() -> dict[str, Any]:
    axis = {"labelColor": QUIET, "titleColor": INK, "gridColor": LINE, "domainColor": QUIET, "tickColor": QUIET}
    return {
        "background": None,
        "font": "system-ui, sans-serif",
        "view": {"stroke": None},
        "axis": axis | {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 600},
        "legend": {"labelColor": INK, "orient": "top"},
    }
