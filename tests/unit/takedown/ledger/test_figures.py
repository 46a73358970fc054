"""Every figure of the ledger equals the truth of simulated histories, at the end and at any moment before."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.support.takedown_histories import BASE, HORIZON, simulated
from tests.support.takedown_truth import as_truth, comparable, history_of, true_line, true_lines
from tutela.takedown.ledger.entries import entries_of, every_entry
from tutela.takedown.ledger.figures import Grouping, line, lines, p90
from tutela.takedown.ledger.yearly_report import yearly_report

SEEDS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)
MOMENTS = st.integers(0, HORIZON)


@given(SEEDS, MOMENTS)
def test_every_figure_equals_the_truth_at_any_moment(seeds: list[int], hour: int) -> None:
    at = BASE + timedelta(hours=hour)
    whole = [history_of(simulated(seed)) for seed in seeds]
    truth = [one for seed in seeds for one in simulated(seed, hour).truth]
    entries = every_entry(whole, at)
    assert [as_truth(one) for one in entries] == [comparable(one) for one in truth]
    for by in Grouping:
        assert lines(entries, by) == true_lines(truth, by.value)
    assert line("", entries) == true_line("", truth)
    report = yearly_report(entries)
    assert (report.entries, report.notices) == (len(truth), sum(one.notices for one in truth))


def test_the_simulation_has_every_result_and_every_mark() -> None:
    truth = [one for seed in range(200) for one in simulated(seed).truth]
    assert {one.result for one in truth} == {"removed", "refused", "open", "moved", "withdrawn"}
    assert {one.answer for one in truth} == {"", "removed", "disabled", "not_found", "refused"}
    assert any(one.reappeared for one in truth)
    assert any(one.under_hold for one in truth)
    assert any(one.held and one.result == "removed" for one in truth)
    assert any(one.notices > 1 for one in truth)


def test_the_order_of_cases_changes_nothing() -> None:
    histories = [history_of(simulated(seed)) for seed in range(40)]
    at = BASE + timedelta(hours=HORIZON)
    there, back = every_entry(histories, at), every_entry(histories[::-1], at)
    for by in Grouping:
        assert lines(there, by) == lines(back, by)


def test_a_case_without_a_notice_has_no_entry() -> None:
    assert not entries_of(history_of(simulated(1, 0)), BASE - timedelta(days=1))
    assert line("", []).compliance is None


def test_p90_is_the_nearest_rank() -> None:
    assert p90([]) is None
    assert p90([5.0]) == 5.0
    assert p90([float(one) for one in range(1, 11)]) == 9.0
    assert p90([float(one) for one in range(1, 12)]) == 10.0
