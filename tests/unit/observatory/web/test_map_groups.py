"""A tile of the map says "withheld" for a number that is not published, and never zero or a wrong word."""

from __future__ import annotations

import pytest

from tutela.observatory.tables.flows import WITHHELD, FlowTable, flow_table
from tutela.observatory.web.map_groups import MapGroup, group_of, sign_of
from tutela.reports.figures.weekly_totals import FlowTotal


@pytest.mark.parametrize(
    ("count", "group", "sign"),
    [
        (None, MapGroup.WITHHELD, "withheld"),
        (0, MapGroup.NONE, "–"),
        (5, MapGroup.FEW, "<50"),
        (49, MapGroup.FEW, "<50"),
        (50, MapGroup.MANY, "50"),
    ],
)
def test_each_count_has_its_group_and_sign(count: int | None, group: MapGroup, sign: str) -> None:
    assert (group_of(count), sign_of(count)) == (group, sign)
    assert ("withheld" in group_of(count).text) == (count is None)


def test_a_withheld_total_of_a_state_reads_withheld() -> None:
    from uuid import UUID

    table = flow_table([FlowTotal(UUID(int=1), "DE", 3)], {UUID(int=1): "IE"})
    assert sign_of(table.to("DE")) == "withheld"
    assert sign_of(table.to("FR")) == "–"


def test_of_a_table_that_is_withheld_whole_no_state_reads_zero() -> None:
    assert sign_of(WITHHELD.to("DE")) == "withheld"
    assert sign_of(FlowTable().to("DE")) == "–"
