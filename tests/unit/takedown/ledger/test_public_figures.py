"""Public figures: complete quarters that never change, no small cell, and never where something stays up."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from tutela.takedown.ledger.entries import AnswerGiven, CaseHistory, HostAnswer, SentNotice
from tutela.takedown.ledger.public_figures import LEAST_CASES, PublicQuarter, Quarter, public_figures

SENT = datetime(2026, 2, 4, 12, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def _case(provider: str, hours: int | None, country: str = "NL", sent: datetime = SENT) -> CaseHistory:
    gone = () if hours is None else (sent + timedelta(hours=hours),)
    return CaseHistory((SentNotice(sent, provider, country, "x:y"),), absences=gone)


def _cases(**counts: tuple[int, int]) -> list[CaseHistory]:
    """By provider: how many were removed within 1, 2, 3… hours, and how many never were."""
    gone = [_case(name, hour) for name, (removed, _left) in counts.items() for hour in range(1, removed + 1)]
    return gone + [_case(name, None) for name, (_removed, left) in counts.items() for _one in range(left)]


def _only(histories: list[CaseHistory]) -> PublicQuarter:
    (found,) = public_figures(histories, LATER)
    return found


def test_a_quarter_is_published_90_days_after_its_last_week() -> None:
    quarter = Quarter.of_moment(SENT)
    assert (quarter, quarter.complete) == (Quarter(2026, 0), datetime(2026, 6, 28, tzinfo=UTC))
    histories = _cases(A=(30, 0))
    assert not public_figures(histories, quarter.complete - timedelta(seconds=1))
    assert public_figures(histories, quarter.complete)
    assert Quarter.of_moment(datetime(2026, 12, 31, tzinfo=UTC)) == Quarter(2026, 3)
    assert Quarter(2026, 3).end == Quarter(2027, 0).begin


def test_a_published_quarter_never_changes() -> None:
    late = Quarter.of_moment(SENT).complete + timedelta(hours=1)
    open_cases = _cases(A=(30, 20), B=(30, 3), C=(30, 1))
    changed = [replace(one, absences=one.absences or (late,), reappearances=(late,)) for one in open_cases]
    refused = [replace(one, answers=(AnswerGiven(late, HostAnswer.REFUSED),)) for one in changed]
    assert _only(open_cases) == _only(changed) == _only(refused)


def test_nobody_learns_where_something_stays_up() -> None:
    """Who removed little is in one line with who had little to remove. No line counts what was not removed."""
    lenient = _only(_cases(A=(40, 0), B=(40, 0), Lenient=(5, 60), Small=(6, 0)))
    assert [one.name for one in lenient.providers] == ["A", "B", ""]
    assert set(asdict(lenient.providers[0])) == {"name", "removed", "reappeared", "median_hours", "p90_hours"}
    assert "Lenient" not in str(lenient)
    assert lenient.noticed == 151
    assert lenient.compliance == 60
    two = _only(_cases(A=(40, 20), B=(40, 20)))
    assert (two.noticed, two.compliance) == (None, None)
    one_of_all = _only(_cases(A=(60, 90), B=(1, 1), C=(1, 1)))
    assert (one_of_all.noticed, one_of_all.compliance) == (None, None)


def test_few_that_were_not_removed_are_a_small_cell_too() -> None:
    found = _only(_cases(A=(40, 3), B=(40, 3), C=(40, 3)))
    assert (found.noticed, found.compliance, found.removed) == (None, None, 120)
    assert _only(_cases(A=(40, 4), B=(40, 3), C=(40, 3))).compliance == 92


def test_a_hidden_country_cannot_be_computed_from_providers() -> None:
    """Everybody knows that C alone hosts in Germany, and nowhere else: its line is that of the country."""
    german = [_case("C", hour, "DE") for hour in range(1, 26)]
    few = [_case("X", hour, "FI") for hour in range(1, 4)]
    found = _only([*_cases(A=(40, 0), B=(60, 0), Y=(15, 0)), *german, *few])
    countries, providers = ({one.name: one.removed for one in some} for some in (found.countries, found.providers))
    assert countries[""] is None
    germany = providers["C"] if countries["DE"] is None else countries["DE"]
    assert None in (germany, countries["NL"], found.removed)


def test_lines_need_enough_removals_and_small_cells_are_protected() -> None:
    counts = {"A": (LEAST_CASES, 0), "B": (60, 0), "C": (LEAST_CASES - 1, 0), "D": (1, 0)}
    found = {one.name: one for one in _only(_cases(**counts)).providers}
    assert found.keys() == {"A", "B", ""}
    assert (found[""].removed, found["A"].removed) == (20, 20)
    assert (found["A"].median_hours, found["A"].p90_hours) == (10, 18)
    small = {one.name: one for one in _only(_cases(A=(40, 0), B=(60, 0), D=(3, 0))).providers}
    assert (small[""].removed, small["A"].removed) == (None, None)
    assert (small[""].median_hours, small["A"].median_hours, small["B"].removed) == (None, None, 60)
    assert {one.reappeared for one in small.values()} == {0}
    tiny = _only(_cases(A=(5, 0)))
    assert (tiny.removed, tiny.median_hours) == (None, None)
    assert {one.removed for one in tiny.providers} == {None}
