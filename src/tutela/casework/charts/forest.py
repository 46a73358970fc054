"""Forest plot: one line for each result with its estimate and interval, and a line where there is no effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tutela.casework.charts.specification import INK, LINE, QUIET, SCHEMA, SERIES

_WIDTH, _ROW = 420, 34


@dataclass(frozen=True)
class ForestRow:
    """A result: estimate and both ends of its interval. A summary of several results is drawn as a diamond."""

    label: str
    estimate: float
    low: float
    high: float
    summary: bool = False


@dataclass(frozen=True)
class ForestPlot:
    """Results on one axis. `null`: the value of no effect; `ratio`: the axis is logarithmic."""

    title: str
    axis: str
    rows: tuple[ForestRow, ...]
    null: float
    ratio: bool


_CONFIG = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": QUIET,
        "titleColor": INK,
        "gridColor": LINE,
        "domainColor": QUIET,
        "tickColor": QUIET,
        "labelFontSize": 12,
        "titleFontSize": 12,
    },
}


def forest_specification(plot: ForestPlot) -> dict[str, Any]:
    """The Vega-Lite specification of a forest plot."""
    scale: dict[str, Any] = {"type": "log"} if plot.ratio else {"zero": False}
    x = {"field": "low", "type": "quantitative", "title": plot.axis, "scale": scale}
    y = {"field": "label", "type": "ordinal", "title": None, "sort": None, "axis": {"labelLimit": 260}}
    values = [
        {"label": one.label, "estimate": one.estimate, "low": one.low, "high": one.high, "summary": one.summary}
        for one in plot.rows
    ]
    shape = {"condition": {"test": "datum.summary", "value": "diamond"}, "value": "square"}
    return {
        "$schema": SCHEMA,
        "description": plot.title,
        "width": _WIDTH,
        "height": _ROW * max(len(plot.rows), 1),
        "data": {"values": values},
        "layer": [
            {
                "data": {"values": [{"none": plot.null}]},
                "mark": {"type": "rule", "strokeDash": [4, 3], "color": QUIET},
                "encoding": {"x": {"field": "none", "type": "quantitative", "scale": scale}},
            },
            {
                "mark": {"type": "rule", "color": SERIES[0], "strokeWidth": 2, "tooltip": True},
                "encoding": {"y": y, "x": x, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90, "color": SERIES[0], "tooltip": True},
                "encoding": {"y": y, "x": {**x, "field": "estimate"}, "shape": shape},
            },
        ],
        "config": _CONFIG,
    }
