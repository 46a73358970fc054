"""Describe a chart by Vega-Lite (https://vega.github.io/vega-lite): values, axes with units, colours of the page.

Bars stand for values by label or by week, lying bars for steps and long labels, lines for several series over time.
A page has each chart twice, since text that shrinks with the drawing cannot be read on a telephone.
"""

from __future__ import annotations

import json
import textwrap
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
_WIDTH, _NARROW, _HEIGHT, _ROW, _LINE = 560, 230, 220, 30, 15
# So many letters of a label stand on one line; so many labels next to each other.
_LETTERS, _LETTERS_NARROW, _LABELS, _LABELS_NARROW = 36, 15, 30, 12


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
    def percent(self) -> bool:
        """Return true if the values are shares in percent: their axis ends at 100."""
        return self.y.endswith("(%)")

    @property
    def empty(self) -> bool:
        return not any(point.value for point in self.points)


def specification(chart: Chart, *, narrow: bool = False) -> dict[str, Any]:
    """The Vega-Lite specification of a chart; a narrow one is for a telephone."""
    many = len({point.series for point in chart.points}) > 1
    values = [{"label": p.label, "value": p.value} | ({"series": p.series} if many else {}) for p in chart.points]
    letters = _LETTERS_NARROW if narrow else _LETTERS
    encoding = _lying(chart, letters) if chart.kind is ChartKind.LYING else _standing(chart, narrow=narrow)
    if many:
        scale = {"range": [*SERIES]}
        encoding["color"] = {"field": "series", "type": "nominal", "title": None, "scale": scale}
    return {
        "$schema": SCHEMA,
        "description": chart.title,
        "width": _NARROW if narrow else _WIDTH,
        "height": _rows(chart, letters) if chart.kind is ChartKind.LYING else _HEIGHT,
        "padding": _padding(chart, letters),
        "data": {"values": values},
        "mark": _mark(chart),
        "encoding": encoding,
        "config": _config(),
    }


def _mark(chart: Chart) -> dict[str, Any]:
    if chart.kind is ChartKind.LINES:
        return {"type": "line", "point": {"size": 36}, "tooltip": True, "color": SERIES[0]}
    return {"type": "bar", "tooltip": True, "color": SERIES[0]}


def _standing(chart: Chart, *, narrow: bool) -> dict[str, Any]:
    kind = "temporal" if chart.kind is ChartKind.LINES else "ordinal"
    crowded = len(chart.points) > (_LABELS_NARROW if narrow else _LABELS)
    axis = {"format": "%Y-%m-%d"} if kind == "temporal" else {"labelAngle": -40, "labelOverlap": crowded}
    x = {"field": "label", "type": kind, "title": chart.x, "axis": axis}
    return {"x": x if kind == "temporal" else x | {"sort": None}, "y": _amount(chart)}


def _lying(chart: Chart, letters: int) -> dict[str, Any]:
    """Long labels have several lines. The title stands above them: next to them it would lie on the longest."""
    long = {one.label: found for one in chart.points if len(found := _lines(one.label, letters)) > 1}
    axis: dict[str, Any] = {"labelLimit": 260, "titleAngle": 0, "titleAlign": "right", "titleX": -8, "titleY": -10}
    if long:
        shown = f"({json.dumps(long)}[datum.label] || [datum.label])"
        raised = [
            {"test": f"length({shown}) == {many}", "value": -_LINE * (many - 1) / 2}
            for many in sorted({len(one) for one in long.values()})
        ]
        axis |= {
            "labelExpr": shown,
            "labelLineHeight": _LINE,
            "labelOffset": {"condition": raised, "value": 0},
        }
    label = {"field": "label", "type": "ordinal", "title": chart.x, "sort": None, "axis": axis}
    return {"y": label, "x": _amount(chart)}


def _padding(chart: Chart, letters: int) -> dict[str, int]:
    """Room next to the axis: letters of the reader's font may be wider than those that the server measures."""
    lying = chart.kind is ChartKind.LYING
    widest = max((len(line) for one in chart.points for line in _lines(one.label, letters)), default=0) if lying else 0
    return {"left": 10 + widest, "top": 5, "right": 10, "bottom": 5}


def _lines(label: str, letters: int) -> list[str]:
    return textwrap.wrap(label, letters) or [label]


def _rows(chart: Chart, letters: int) -> int:
    """The height of lying bars: each row has room for the longest label."""
    longest = max((len(_lines(one.label, letters)) for one in chart.points), default=1)
    return max(_ROW, _LINE * longest + 10) * len(chart.points)


def _amount(chart: Chart) -> dict[str, Any]:
    whole = all(float(point.value).is_integer() for point in chart.points)
    axis: dict[str, Any] = {"tickMinStep": 1, "format": ",d"} if whole else {}
    amount = {"field": "value", "type": "quantitative", "title": chart.y, "axis": axis | {"tickCount": 4}}
    return amount | ({"scale": {"domain": [0, 100]}} if chart.percent else {})


def _config() -> dict[str, Any]:
    axis = {"labelColor": QUIET, "titleColor": INK, "gridColor": LINE, "domainColor": QUIET, "tickColor": QUIET}
    return {
        "background": None,
        "font": "system-ui, sans-serif",
        "view": {"stroke": None},
        "axis": axis | {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 600, "titlePadding": 10},
        "legend": {"labelColor": INK, "orient": "top"},
    }
