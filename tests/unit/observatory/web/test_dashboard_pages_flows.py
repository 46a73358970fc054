"""The chart of flows ranks no country."""

from __future__ import annotations

from tutela.observatory.tables.flows import FlowTable
from tutela.observatory.web import dashboard_pages


def test_pairs_of_countries_are_in_alphabetical_order() -> None:
    table = FlowTable(("IE", "NL"), ("DE", "FR"), ((5, 900), (None, 70)), (905, None), (None, 970), 975)
    chart = dashboard_pages._pairs(table)
    assert (chart.labels, chart.values) == (["IE → DE", "IE → FR", "NL → FR"], [5.0, 900.0, 70.0])
