"""Every Member State has one place on the map, and its coverage is that of its return."""

from __future__ import annotations

from tests.support.simulated_union import FAULTS, FORM, LATE, TWICE, YEARS, SimulatedUnion
from tutela.observatory.comparison import coverage_map
from tutela.observatory.comparison.comparability_check import check
from tutela.observatory.comparison.coverage_map import StateCoverage
from tutela.observatory.definitions.coverage import STATES
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.forms.form import forms


def test_every_state_has_one_place_and_no_two_share_one() -> None:
    union = SimulatedUnion()
    before = {one.document.country: one.document for one in union.received(YEARS[-2])}
    checked = check(forms()[FORM], ReportingPeriod.parse(str(YEARS[-1])), union.received(YEARS[-1]), before)
    found = {one.state: one for one in coverage_map.places(checked)}
    assert set(found) == set(STATES)
    assert len({(one.row, one.column) for one in found.values()}) == len(STATES)
    assert found["DE"].coverage is StateCoverage.NONE
    assert {state for state, one in found.items() if one.coverage is StateCoverage.PART} == set(FAULTS) - {"DE"}
    assert {found[state].coverage for state in (LATE, TWICE)} == {StateCoverage.WHOLE}
