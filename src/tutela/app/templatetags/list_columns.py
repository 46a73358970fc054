"""Columns of a list: their headings, those that a reader chose, and the label of each cell.

A heading with `data-column` may be left out, except the first. The names of the chosen ones are in the address, and so
in a saved view. Headings and cells are those of the page's partials, cut where a cell begins; a cell holds no table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import unescape

from django.http import QueryDict
from django.utils.html import escape, strip_tags

_BEGIN = re.compile(r"(?=<t[dh][\s>])")
_TAG = re.compile(r"<(t[dh])")
_KEY = re.compile(r'^<th[^>]*\sdata-column="([^"]*)"')
_ROLE = {"td": "cell", "th": "rowheader"}


@dataclass(frozen=True)
class ListColumn:
    """A column: its name in an address, empty where it always shows, and its heading as text."""

    key: str
    label: str
    shown: bool = True


def split_cells(row: str) -> list[str]:
    """The cells of a rendered row."""
    return [one.strip() for one in _BEGIN.split(row) if one.strip()]


def columns_of(heads: Sequence[str]) -> list[ListColumn]:
    """The columns of a list by its rendered headings. A heading for screen readers alone labels no cell."""
    found: list[ListColumn] = []
    for one in heads:
        key = _KEY.match(one)
        label = "" if "visually-hidden" in one else unescape(" ".join(strip_tags(one).split()))
        first = not any(column.label for column in found)
        found.append(ListColumn("" if first or key is None else key[1], label))
    return found


def chosen(columns: Sequence[ListColumn], asked: QueryDict, prefix: str = "") -> list[ListColumn]:
    """The columns with whether each is shown: all of them where the address names none that the list has."""
    said = {name for value in asked.getlist(f"{prefix}columns") for name in value.split(",")}
    if not said & {one.key for one in columns if one.key}:
        return list(columns)
    return [replace(one, shown=not one.key or one.key in said) for one in columns]


def labelled(cells: Sequence[str], columns: Sequence[ListColumn], *, heading: bool = False) -> str:
    """The shown cells of a row, each with its role and its column's heading: styles that make cards take both away."""
    if len(cells) != len(columns):
        return "".join(cells)
    return "".join(_cell(cell, column, heading) for cell, column in zip(cells, columns, strict=True) if column.shown)


def _cell(cell: str, column: ListColumn, heading: bool) -> str:
    def begin(tag: re.Match[str]) -> str:
        if heading:
            return f'<{tag[1]} role="columnheader"'
        label = f' data-label="{escape(column.label)}"' if column.label else ""
        return f'<{tag[1]} role="{_ROLE[tag[1]]}"{label}'

    return _TAG.sub(begin, cell, count=1)
