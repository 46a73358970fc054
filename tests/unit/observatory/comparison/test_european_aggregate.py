"""In a simulated Union every published total equals the truth of the states that it covers, or is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.support.simulated_union import FAULTS, FORM, LATE, TWICE, TYPES, YEARS, SimulatedUnion
from tutela.observatory.comparison import coverage_map, european_aggregate, reconciliation
from tutela.observatory.comparison.comparability_check import CheckedReturns, ReceivedDocument, StateFinding, check
from tutela.observatory.comparison.coverage_map import StateCoverage
from tutela.observatory.comparison.reconciliation import Agreement
from tutela.observatory.definitions.coverage import STATES
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.forms.form import forms
from tutela.observatory.operations.refusals import RefusalReason

TODAY = date(2026, 11, 30)


def checked(union: SimulatedUnion, year: int, *, only: tuple[str, ...] = STATES) -> CheckedReturns:
    before = {one.document.country: one.document for one in union.received(year - 1)} if year > YEARS[0] else {}
    return check(forms()[FORM], ReportingPeriod.parse(str(year)), union.received(year, only=only), before)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_year_without_faults_adds_up_to_the_truth(seed: int) -> None:
    union = SimulatedUnion(seed)
    for one in european_aggregate.aggregate(checked(union, YEARS[0]), TODAY):
        assert one.total == union.true_sum(YEARS[0], one.field.id, one.scope, frozenset(STATES)), one.field.id
        assert (one.coverage, one.left_out) == ("27 of 27", ())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_year_with_faults_is_a_true_sum_of_those_that_count_right(seed: int) -> None:
    union = SimulatedUnion(seed)
    for one in european_aggregate.aggregate(checked(union, YEARS[-1]), TODAY):
        wrong = {state for state, (_why, fields) in FAULTS.items() if one.field.id in fields}
        right = frozenset(STATES) - wrong
        assert one.total == union.true_sum(YEARS[-1], one.field.id, one.scope, right), (one.field.id, one.left_out)
        assert one.counted == len(right)


def test_every_fault_is_named() -> None:
    found = checked(SimulatedUnion(), YEARS[-1]).findings
    named = {(one.state, one.finding) for one in found}
    assert named >= {
        ("DE", StateFinding.MISSING),
        ("ES", StateFinding.DEFINITION),
        ("FR", StateFinding.IMPOSSIBLE),
        ("IT", StateFinding.SWAPPED),
        ("PT", StateFinding.DEFINITION),
        ("BE", StateFinding.DIFFERS),
        ("RO", StateFinding.IMPOSSIBLE),
        (LATE, StateFinding.LATE),
        (TWICE, StateFinding.TWICE),
    }
    # A digit too many is no exact tenfold of another year.
    assert {finding for state, finding in named if state == "PL"} & {StateFinding.TENFOLD, StateFinding.OUTLIER}
    sound = {one.state for one in found} - set(FAULTS) - {LATE, TWICE}
    assert not sound
    assert all("{" not in str(one) for one in found)


def test_fewer_than_sixty_percent_of_the_states_are_no_total() -> None:
    union = SimulatedUnion()
    for one in european_aggregate.aggregate(checked(union, YEARS[1], only=STATES[:15]), TODAY):
        assert one.total is None
        assert RefusalReason.COVERAGE_SMALL in {refusal.reason for refusal in one.refusals}
        assert one.coverage == "15 of 27"


def test_four_senders_and_the_clearing_house_count_otherwise() -> None:
    stated, received = SimulatedUnion().providers()
    found = reconciliation.reconcile(stated, received[:-1])
    different = [one.sender for one in found if one.agreement is Agreement.DIFFERENT]
    assert different == ["provider 03", "provider 11", "provider 27", "provider 38"]
    assert [one.sender for one in found if one.agreement is Agreement.RECIPIENT_SILENT] == ["provider 39"]


def test_a_value_that_is_no_count_is_left_out_and_named() -> None:
    union = SimulatedUnion()
    received = union.received(YEARS[0])
    for text in ("nan", "inf", "1e400", "9" * 4000, "-5", "many"):
        first = received[0].document
        lines = tuple(replace(one, value=text) if one.field == "suspects" else one for one in first.lines)
        broken = [ReceivedDocument(replace(first, lines=lines), date(2024, 5, 1)), *received[1:]]
        found = check(forms()[FORM], ReportingPeriod.parse(str(YEARS[0])), broken, {})
        (suspects,) = (one for one in european_aggregate.aggregate(found, TODAY) if one.field.id == "suspects")
        assert suspects.counted == 26, text
        assert ("AT", StateFinding.IMPOSSIBLE) in {(one.state, one.finding) for one in found.findings}


def test_an_estimate_is_in_no_total_of_counts() -> None:
    received = SimulatedUnion().received(YEARS[0])
    first = received[0].document
    lines = tuple(replace(one, status="E") if one.field == "suspects" else one for one in first.lines)
    estimated = [replace(received[0], document=replace(first, lines=lines)), *received[1:]]
    found = check(forms()[FORM], ReportingPeriod.parse(str(YEARS[0])), estimated, {})
    assert (first.country, StateFinding.ESTIMATED) in {(one.state, one.finding) for one in found.findings}
    left_out = {one.field.id for one in european_aggregate.aggregate(found, TODAY) if one.left_out}
    assert left_out == {"suspects"}


def test_versions_with_different_keys_are_named() -> None:
    received = SimulatedUnion().received(YEARS[0])
    other = replace(received[0], document=replace(received[0].document, number=2), key="b")
    found = check(forms()[FORM], ReportingPeriod.parse(str(YEARS[0])), [replace(received[0], key="a"), other], {})
    assert ("AT", StateFinding.OTHER_KEY) in {(one.state, one.finding) for one in found.findings}


def test_a_state_whose_return_is_in_doubt_is_in_no_total_and_the_reason_is_named() -> None:
    received = SimulatedUnion().received(YEARS[0])
    document = received[0].document
    second = replace(document, number=2)
    doubts = {
        StateFinding.OTHER_KEY: [replace(received[0], key="a"), replace(received[0], document=second, key="b")],
        StateFinding.SENDERS: [received[0], replace(received[0], document=replace(second, sender="Somebody else"))],
        StateFinding.PARTIAL: [replace(received[0], document=replace(document, coverage_percent=40))],
    }
    for finding, own in doubts.items():
        found = check(forms()[FORM], ReportingPeriod.parse(str(YEARS[0])), [*own, *received[1:]], {})
        assert (document.country, finding) in {(one.state, one.finding) for one in found.findings}
        for one in european_aggregate.aggregate(found, TODAY):
            assert (one.coverage, one.left_out) == ("26 of 27", (document.country,)), finding
        covered = {one.state: one.coverage for one in coverage_map.places(found)}
        assert covered[document.country] is StateCoverage.PART


def test_forms_of_several_senders_in_a_state_are_not_added_up() -> None:
    for form in forms().values():
        found = european_aggregate.aggregate(check(form, ReportingPeriod.parse("2024"), [], {}), TODAY)
        assert bool(found) <= (form.organisations == ("coordinating_authority",)), form.id
    others = [one.id for one in forms().values() if one.organisations != ("coordinating_authority",)]
    assert others


def test_types_of_providers_are_the_scopes_of_the_form() -> None:
    assert forms()[FORM].scopes["provider_type"] == TYPES or set(forms()[FORM].scopes["provider_type"]) == set(TYPES)
