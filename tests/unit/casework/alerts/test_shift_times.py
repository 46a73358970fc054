"""Times of shifts: nights, weekdays, changes of the clocks, against a computation minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tutela.casework.alerts.shift_times import ShiftPeriod, ShiftTimes, fewest, first_moment, last_moment

DUBLIN, BERLIN = ZoneInfo("Europe/Dublin"), ZoneInfo("Europe/Berlin")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EVERY_DAY = frozenset(range(7))
# Days around a change of the clocks: an hour, half an hour (Lord Howe), at midnight (Santiago, Beirut), and none.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Europe/Dublin", date(2027, 3, 28)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Santiago", date(2026, 4, 5)),
    ("America/Santiago", date(2026, 9, 6)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Kathmandu", date(2026, 5, 1)),
    ("UTC", date(2026, 5, 1)),
]
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shift(start: str, end: str, zone: ZoneInfo = BERLIN, weekdays: frozenset[int] = EVERY_DAY) -> ShiftTimes:
    return ShiftTimes(weekdays, time.fromisoformat(start), time.fromisoformat(end), zone, date(2026, 1, 1))


def walls(zone: ZoneInfo, middle: date) -> list[tuple[datetime, datetime]]:
    """Every minute of eight days with what local clocks show, without the module under test."""
    first = datetime.combine(middle, time(), UTC) - 4 * DAY
    moments = [first + number * MINUTE for number in range(8 * 24 * 60)]
    return [(one, one.astimezone(zone).replace(tzinfo=None, fold=0)) for one in moments]


def minutes_on_call(times: ShiftTimes, shown: list[tuple[datetime, datetime]], middle: date) -> set[datetime]:
    """Minutes of the shift, by reading local clocks: from the first minute at or after its start, to the last before
    its end.
    """
    found = set[datetime]()
    for number in range(-2, 3):
        day = middle + number * DAY
        if day.weekday() not in times.weekdays or day < times.valid_from:
            continue
        begin = datetime.combine(day, times.start)
        end = datetime.combine(day if times.start < times.end else day + DAY, times.end)
        first = min(moment for moment, wall in shown if wall >= begin)
        last = max(moment for moment, wall in shown if wall < end)
        found |= {moment for moment, _wall in shown if first <= moment <= last}
    return found


@example(CHANGES[0], time(23, 59), time(), frozenset({0}))
@example(("America/Santiago", date(2026, 4, 5)), time(), time(23), frozenset(range(6)))
@given(change=st.sampled_from(CHANGES), start=CLOCKS, end=CLOCKS, weekdays=st.frozensets(st.integers(0, 6), min_size=1))
def test_periods_are_those_of_reading_the_clocks_minute_by_minute(
    change: tuple[str, date], start: time, end: time, weekdays: frozenset[int]
) -> None:
    zone, middle = ZoneInfo(change[0]), change[1]
    times = ShiftTimes(weekdays, start, end, zone, middle - DAY)
    shown = walls(zone, middle)
    expected = minutes_on_call(times, shown, middle)
    inner = [one for one, wall in shown if middle - DAY <= wall.date() <= middle + DAY]
    # The last minute is one that is asked about, too.
    periods = list(times.periods(inner[0], inner[-1] + MINUTE))
    for moment in inner:
        assert any(one.covers(moment) for one in periods) == (moment in expected), moment
    for moment in inner[::97]:
        now = times.now(moment)
        assert (now is not None) == (moment in expected)
        begin = times.next_begin(moment)
        assert begin is not None
        assert begin > moment
        assert times.now(begin) is not None
        assert not any(one.begins > moment and one.begins < begin for one in periods), "no earlier begin"


@given(change=st.sampled_from(CHANGES), meet=CLOCKS)
def test_two_shifts_that_meet_leave_no_gap(change: tuple[str, date], meet: time) -> None:
    zone, middle = ZoneInfo(change[0]), change[1]
    assert first_moment(middle, meet, zone) <= last_moment(middle, meet, zone)


def test_a_night_shift_ends_on_the_next_day() -> None:
    night = shift("22:00", "06:00", weekdays=frozenset({4}))
    assert night.now(at("2026-05-08T20:00")) == ShiftPeriod(at("2026-05-08T20:00"), at("2026-05-09T04:00"))
    assert night.now(at("2026-05-09T03:59"))
    assert night.now(at("2026-05-09T04:00")) is None
    assert night.now(at("2026-05-08T03:00")) is None, "Thursday's night is not worked"
    begin = night.next_begin(at("2026-05-08T20:00"))
    assert begin == at("2026-05-15T20:00")
    assert begin.utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize(
    ("day", "start", "end", "hours"),
    [
        ("2026-03-28", "22:00", "06:00", 7),
        ("2026-10-24", "22:00", "06:00", 9),
        ("2026-03-29", "00:00", "00:00", 23),
        ("2026-10-25", "02:30", "03:00", 1.5),
        ("2026-03-29", "02:30", "06:00", 3),
    ],
)
def test_a_change_of_the_clocks_makes_a_shift_longer_or_shorter(day: str, start: str, end: str, hours: float) -> None:
    found = shift(start, end).on_day(date.fromisoformat(day))
    assert found is not None
    assert found.ends - found.begins == timedelta(hours=hours)


def test_a_shift_that_the_clocks_skip_does_not_take_place() -> None:
    assert shift("02:15", "02:45").on_day(date(2026, 3, 29)) is None


def test_a_shift_counts_from_its_first_day_until_it_was_ended() -> None:
    times = ShiftTimes(EVERY_DAY, time(9), time(17), DUBLIN, date(2026, 5, 4), at("2026-05-05T12:00"))
    assert times.now(at("2026-05-03T12:00")) is None
    assert times.next_begin(at("2026-04-01T12:00")) == at("2026-05-04T08:00")
    assert times.now(at("2026-05-05T11:00")) == ShiftPeriod(at("2026-05-05T08:00"), at("2026-05-05T12:00"))
    assert times.now(at("2026-05-05T12:00")) is None
    assert times.next_begin(at("2026-05-05T12:00")) is None


def test_the_fewest_people_of_an_hour_show_a_gap() -> None:
    nine, ten = at("2026-05-04T09:00"), at("2026-05-04T10:00")
    half = nine + 30 * MINUTE
    assert fewest([("a", ShiftPeriod(nine, half)), ("b", ShiftPeriod(half, ten))], ShiftPeriod(nine, ten)) == 1
    assert fewest([("a", ShiftPeriod(nine, half)), ("b", ShiftPeriod(half + MINUTE, ten))], ShiftPeriod(nine, ten)) == 0
    assert fewest([("a", ShiftPeriod(nine, ten)), ("a", ShiftPeriod(nine, ten))], ShiftPeriod(nine, ten)) == 1, (
        "people, not shifts"
    )
    assert fewest([], ShiftPeriod(nine, ten)) == 0
