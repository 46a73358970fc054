"""A map of equal tiles: each place has one, so that a large country weighs no more than a small one (Vega-Lite).

A tile says its group by a sign and by the colour of its edge, never by a colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tutela.casework.charts.specification import INK, QUIET, SCHEMA

_TILE = 52
_LEGEND = {
    "orient": "bottom",
    "direction": "vertical",
    "title": None,
    "labelColor": INK,
    "labelFontSize": 13,
    "labelLimit": 0,
    "symbolStrokeWidth": 3,
}
# A longer sign needs smaller letters to fit into its tile.
_LONG, _SMALL, _PLAIN = 6, 10, 13
_TEXT = {"type": "text", "color": INK, "baseline": "middle", "lineBreak": "\n"}


@dataclass(frozen=True)
class Tile:
    """A place on the grid with its group, and the group's sign and tone: accent, good, warn, urgent or quiet."""

    label: str
    row: int
    column: int
    group: str
    sign: str
    tone: str = "accent"


@dataclass(frozen=True)
class TileMap:
    """A map. `described` says in words which places are in which group."""

    title: str
    tiles: tuple[Tile, ...]

    @property
    def described(self) -> str:
        """Every group with its places, for who does not see the map."""
        groups = dict.fromkeys(one.group for one in self.tiles)
        listed = (f"{group}: {', '.join(one.label for one in self.tiles if one.group == group)}" for group in groups)
        return f"{self.title}. {'; '.join(listed)}."


def tile_specification(drawn: TileMap) -> dict[str, Any]:
    """The Vega-Lite specification of a map of tiles."""
    place = {
        "x": {"field": "column", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.12}},
        "y": {"field": "row", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.12}},
    }
    # A sign of several letters gets a line of its own, since both would not fit into a tile.
    between = "\n" if any(len(one.sign) > 1 for one in drawn.tiles) else " "
    size = _SMALL if any(len(one.sign) > _LONG for one in drawn.tiles) else _PLAIN
    tones = {one.group: f"var(--{one.tone})" for one in drawn.tiles}
    edge = {
        "field": "group",
        "type": "nominal",
        "scale": {"domain": [*tones], "range": [*tones.values()]},
        "legend": _LEGEND,
    }
    rows = [
        {"row": one.row, "column": one.column, "group": f"{one.group}", "text": f"{one.label}{between}{one.sign}"}
        for one in drawn.tiles
    ]
    return {
        "$schema": SCHEMA,
        "description": drawn.described,
        "width": _TILE * (1 + max((one.column for one in drawn.tiles), default=0)),
        "height": _TILE * (1 + max((one.row for one in drawn.tiles), default=0)),
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "rect", "fillOpacity": 0, "strokeWidth": 3, "cornerRadius": 4, "tooltip": True},
                "encoding": {**place, "stroke": edge},
            },
            {"mark": {**_TEXT, "fontSize": size}, "encoding": {**place, "text": {"field": "text"}}},
        ],
        "config": {
            "background": None,
            "font": "system-ui, sans-serif",
            "view": {"stroke": None},
            "legend": {"labelColor": QUIET},
        },
    }
