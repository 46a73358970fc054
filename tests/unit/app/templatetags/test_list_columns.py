"""Columns of a list: which are shown, and the label of each cell."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from tutela.app.templatetags.list_columns import chosen, columns_of, labelled, split_cells

HEADS = """
<th scope="col"><span class="visually-hidden">Choose</span></th>
<th scope="col" data-column="report">Report</th>
<th scope="col" data-column="state"><a href="?sort=state&amp;x=1">State
  of it</a></th>
<th scope="col" data-column="kind">Kind &amp; type</th>
"""
ROW = '<td><input></td><th scope="row">R-1</th> <td class="a">open</td><td><code>&lt;td</code></td>'


def test_the_first_heading_with_a_text_always_stays_and_the_others_have_names() -> None:
    columns = columns_of(split_cells(HEADS))
    assert [(one.key, one.label) for one in columns] == [
        ("", ""),
        ("", "Report"),
        ("state", "State of it"),
        ("kind", "Kind & type"),
    ]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", [True, True, True, True]),
        ("columns=kind", [True, True, False, True]),
        ("columns=kind&columns=state", [True, True, True, True]),
        ("columns=kind,state", [True, True, True, True]),
        ("columns=nothing", [True, True, True, True]),
        ("columns=report", [True, True, True, True]),
        ("held-columns=kind", [True, True, True, True]),
    ],
)
def test_an_address_names_the_columns_and_one_that_names_none_shows_all(asked: str, shown: list[bool]) -> None:
    columns = chosen(columns_of(split_cells(HEADS)), QueryDict(asked))
    assert [one.shown for one in columns] == shown


def test_each_cell_has_its_role_and_the_label_of_its_column() -> None:
    columns = chosen(columns_of(split_cells(HEADS)), QueryDict("columns=kind"))
    assert labelled(split_cells(ROW), columns) == (
        '<td role="cell"><input></td><th role="rowheader" data-label="Report" scope="row">R-1</th>'
        '<td role="cell" data-label="Kind &amp; type"><code>&lt;td</code></td>'
    )
    heads = labelled(split_cells(HEADS), columns, heading=True)
    assert heads.count('role="columnheader"') == 3
    assert "State" not in heads


def test_a_row_of_another_width_stays_as_it_is() -> None:
    columns = chosen(columns_of(split_cells(HEADS)), QueryDict("columns=kind"))
    assert labelled(['<td colspan="4">Nothing</td>'], columns) == '<td colspan="4">Nothing</td>'
