"""Late returns on the days of ten years: by the form that applied, also after the turn of a year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.due import alerts
from tutela.observatory.returns import filed

OLD, NEW, STATES = "provider-2021-1232", "provider-2026-1881", "member-state-2021-1232"
END, BEGIN = "2026-01-01/2026-04-03", "2026-04-04/2026-12-31"


def at(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def file(actor: Actor, form: str, period: str, day: date) -> None:
    with clock.simulate(at(day)):
        wanted = filed.form_for(actor, form)
        filed.file(actor, filed.draft(actor, wanted, ReportingPeriod.parse(period)))


def late(actor: Actor, day: date) -> list[tuple[str, str]]:
    return [(form.id, str(period)) for form, period in filed.missing_forms(actor, at(day))]


@pytest.fixture
def provider(cast: Cast) -> Actor:
    return cast.actor(cast.organisation("Pixelpost", "provider", "IE"), "lead")


@pytest.fixture
def authority(cast: Cast) -> Actor:
    return cast.actor(cast.organisation("Coordinating Late", "coordinating_authority", "IE"), "analyst")


def test_who_never_filed_a_form_is_not_late(provider: Actor) -> None:
    assert [late(provider, date(year, 12, 1)) for year in range(2026, 2036)] == [[]] * 10


def test_the_year_of_two_acts_is_owed_by_both_forms(provider: Actor) -> None:
    file(provider, OLD, "2025", date(2026, 1, 20))
    assert late(provider, date(2027, 1, 31)) == []
    assert late(provider, date(2027, 2, 1)) == [(OLD, END), (NEW, BEGIN)]
    file(provider, NEW, BEGIN, date(2027, 2, 2))
    assert late(provider, date(2027, 2, 3)) == [(OLD, END)]
    file(provider, OLD, END, date(2027, 2, 4))
    assert late(provider, date(2027, 12, 31)) == []
    assert late(provider, date(2028, 2, 1)) == [(NEW, "2027")]
    assert late(provider, date(2029, 2, 1)) == [(NEW, "2027"), (NEW, "2028")]


def test_a_late_return_stays_late_over_the_turn_of_the_year(authority: Actor) -> None:
    file(authority, STATES, "2024", date(2025, 6, 1))
    assert late(authority, date(2026, 7, 31)) == []
    for day in (date(2026, 8, 1), date(2026, 12, 31), date(2027, 1, 1), date(2027, 7, 31)):
        assert late(authority, day) == [(STATES, "2025")], day
    assert late(authority, date(2027, 8, 1)) == [(STATES, "2025"), (STATES, "2026")]
    file(authority, STATES, "2025", date(2027, 8, 2))
    assert late(authority, date(2027, 8, 3)) == [(STATES, "2026")]


def test_a_period_is_filed_in_parts_or_by_a_longer_one(provider: Actor) -> None:
    file(provider, OLD, "2023-H2", date(2024, 1, 20))
    assert late(provider, date(2024, 12, 1)) == []
    file(provider, OLD, "2024-H1", date(2025, 1, 20))
    assert late(provider, date(2025, 12, 1)) == [(OLD, "2024")]
    file(provider, OLD, "2024-07-01/2026-04-03", date(2026, 5, 20))
    assert (OLD, "2024") not in late(provider, date(2027, 12, 1))
    assert late(provider, date(2027, 12, 1)) == [(NEW, BEGIN)]


def test_each_late_return_is_an_alert_of_its_own(authority: Actor) -> None:
    file(authority, STATES, "2023", date(2024, 6, 1))
    with clock.simulate(at(date(2026, 8, 1))):
        assert alerts.raise_returns(authority) == 2
        assert alerts.raise_returns(authority) == 0


@pytest.mark.parametrize("year", range(2026, 2036))
def test_every_day_of_ten_years_has_an_answer(authority: Actor, year: int) -> None:
    file(authority, STATES, "2024", date(2025, 6, 1))
    for month in range(1, 13):
        for day in (1, 28):
            owed = year - 2026 + (month >= 8)
            assert len(late(authority, date(year, month, day))) == owed, (month, day)
