"""Charts: small ones as SVG whose text alternative carries every number, and figures of a page by Vega-Lite."""

from __future__ import annotations

import base64
import json
from typing import Protocol

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tutela.casework.charts.draw import forest_svg, svg, svg_file, tile_map
from tutela.casework.charts.forest import ForestPlot
from tutela.casework.charts.specification import Chart, ChartKind, Point, specification
from tutela.casework.charts.tile_map import TileMap

register = template.Library()

WIDTH, HEIGHT, FOOT = 320, 120, 18
LONGEST_INLINE = 20


class Charted(Protocol):
    """Data of a chart."""

    @property
    def title(self) -> object: ...
    @property
    def labels(self) -> list[str]: ...
    @property
    def values(self) -> list[float]: ...
    @property
    def kind(self) -> str: ...


def draw(chart: Charted) -> SafeString:
    """Bars over labels, or a funnel of lying bars."""
    spoken = ", ".join(f"{label}: {value:g}" for label, value in zip(chart.labels, chart.values, strict=True))
    body = _funnel(chart) if chart.kind == "funnel" else _bars(chart)
    height = (38 if _long(chart) else 24) * len(chart.values) if chart.kind == "funnel" else HEIGHT
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}: {}">{}</svg>',
        WIDTH,
        max(height, 24),
        chart.title,
        spoken,
        body,
    )


def _bars(chart: Charted) -> SafeString:
    top = max([*chart.values, 1])
    step = WIDTH / max(len(chart.values), 1)
    every = max(1, len(chart.values) // 6)
    parts = []
    for place, (label, value) in enumerate(zip(chart.labels, chart.values, strict=True)):
        size = (HEIGHT - FOOT - 14) * value / top
        x, y = place * step + step * 0.12, HEIGHT - FOOT - size
        shown = label if place % every == 0 else ""
        number = f"{value:g}" if len(chart.values) <= 12 else ""
        parts.append((x, y, step * 0.76, size, x + step * 0.38, y - 3, number, x + step * 0.38, HEIGHT - 4, shown))
    return format_html_join(
        "",
        '<rect class="bar" x="{}" y="{}" width="{}" height="{}" rx="1"/>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        [tuple(f"{v:.1f}" if isinstance(v, float) else v for v in part) for part in parts],
    )


def _long(chart: Charted) -> bool:
    """Return whether a label is too long to stand next to its bar."""
    return max(map(len, chart.labels), default=0) > LONGEST_INLINE


def _funnel(chart: Charted) -> SafeString:
    if _long(chart):
        return _stacked(chart)
    top = max([*chart.values, 1])
    rows = [
        (f"{24 * place + 4}", f"{max(2.0, 190 * value / top):.1f}", f"{24 * place + 16}", label, f"{value:g}")
        for place, (label, value) in enumerate(zip(chart.labels, chart.values, strict=True))
    ]
    return format_html_join(
        "",
        '<rect class="bar" x="128" y="{}" width="{}" height="16" rx="2"/>'
        '<text x="122" y="{}" text-anchor="end">{} · {}</text>',
        rows,
    )


def _stacked(chart: Charted) -> SafeString:
    """Chart with each label above its bar."""
    top = max([*chart.values, 1])
    rows = [
        (f"{38 * place + 12}", label, f"{value:g}", f"{38 * place + 17}", f"{max(2.0, WIDTH * value / top):.1f}")
        for place, (label, value) in enumerate(zip(chart.labels, chart.values, strict=True))
    ]
    return format_html_join(
        "", '<text x="0" y="{}">{} · {}</text><rect class="bar" x="0" y="{}" width="{}" height="14" rx="2"/>', rows
    )


@register.simple_tag
def draw_tile_map(shown: TileMap) -> SafeString:
    """A map of tiles, drawn on the server, with its groups in words."""
    drawing = mark_safe(tile_map(shown))  # noqa: S308 - Vega escapes the labels
    words = '<div class="drawing" role="img" aria-label="{}">{}</div>'
    return format_html(words, shown.described, drawing)


@register.inclusion_tag("components/chart.html")
def draw_chart(shown: Charted, x: object, y: object) -> dict[str, object]:
    """A figure of a page: drawn on the server, with its values on hover and by keyboard, a table and a download."""
    lying = shown.kind == "funnel"
    points = tuple(Point(str(label), value) for label, value in zip(shown.labels, shown.values, strict=True))
    chart = Chart(str(shown.title) or str(y), str(x), str(y), points, ChartKind.LYING if lying else ChartKind.BARS)
    file = base64.b64encode(svg_file(chart).encode()).decode()
    return {
        "chart": chart,
        "drawing": mark_safe(svg(chart)),  # noqa: S308 - Vega escapes the labels
        "narrow_drawing": mark_safe(svg(chart, narrow=True)),  # noqa: S308 - Vega escapes the labels
        "specification": json.dumps(specification(chart)),
        "narrow_specification": json.dumps(specification(chart, narrow=True)),
        "file": f"data:image/svg+xml;base64,{file}",
    }


@register.inclusion_tag("components/forest.html")
def draw_forest(plot: ForestPlot) -> dict[str, object]:
    """A forest plot, drawn on the server, with a table of the same numbers."""
    return {"plot": plot, "drawing": mark_safe(forest_svg(plot))}  # noqa: S308 - Vega escapes the labels
