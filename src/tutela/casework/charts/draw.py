"""Draw a chart as SVG on the server, with a description of each mark for screen readers."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from tutela.casework.charts.forest import ForestPlot, forest_specification
from tutela.casework.charts.specification import LIGHT, Chart, specification
from tutela.casework.charts.tile_map import TileMap, tile_specification

_KEPT = 256


def svg(chart: Chart, *, narrow: bool = False) -> str:
    """The chart as SVG in the page's colours; a narrow one is for a telephone."""
    return _drawn(json.dumps(specification(chart, narrow=narrow), sort_keys=True))


def tile_map(drawn: TileMap) -> str:
    """A map of tiles as SVG in the page's colours."""
    return _drawn(json.dumps(tile_specification(drawn), sort_keys=True))


def forest_svg(plot: ForestPlot) -> str:
    """A forest plot as SVG in the page's colours."""
    return _drawn(json.dumps(forest_specification(plot), sort_keys=True))


def svg_file(chart: Chart) -> str:
    """The chart as a file of its own, in the colours of the light page."""
    text = json.dumps(specification(chart), sort_keys=True)
    for name, colour in LIGHT.items():
        text = text.replace(name, colour)
    return _drawn(text)


@lru_cache(maxsize=_KEPT)
def _drawn(text: str) -> str:
    # It loads a script engine, which only a page with a chart needs.
    import vl_convert

    spec: dict[str, Any] = json.loads(text)
    drawn: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    return drawn
