"""Times of a shift: weekdays and times of day in a named time zone, as moments. Pure arithmetic, no database.

A shift of a day begins at the first moment when local clocks show its start or later. The shift ends at the last moment
when local clocks show less than its end. A time of day that a change of the clocks skips is the moment of that change.
For a time of day that occurs twice, a shift begins at the first and ends at the second. Two shifts that meet therefore
have no gap when the clocks change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
# Days searched for the next begin: a shift recurs every week, unless a change of the clocks skips it.
DAYS_AHEAD = 15


@dataclass(frozen=True)
class ShiftPeriod:
    """Time from a moment until before another, in UTC."""

    begins: datetime
    ends: datetime

    def covers(self, at: datetime) -> bool:
        """Whether a moment is in the period."""
        return self.begins <= at < self.ends


@dataclass(frozen=True)
class ShiftTimes:
    """Hours of a shift that recurs every week. An end at or before the start is on the next day."""

    # 0 is Monday.
    weekdays: frozenset[int]
    start: time
    end: time
    zone: ZoneInfo
    # First day, in the shift's zone.
    valid_from: date
    ended_at: datetime | None = None

    def on_day(self, day: date) -> ShiftPeriod | None:
        """The period that begins on a day; None if there is none."""
        if day < self.valid_from or day.weekday() not in self.weekdays:
            return None
        last = day + DAY if self.end <= self.start else day
        begins, ends = first_moment(day, self.start, self.zone), last_moment(last, self.end, self.zone)
        ends = min(ends, self.ended_at) if self.ended_at else ends
        return ShiftPeriod(begins, ends) if begins < ends else None

    def periods(self, after: datetime, until: datetime) -> Iterator[ShiftPeriod]:
        """Periods that overlap a range of time, in order."""
        # A day of margin on each side: a period may have begun the day before, and zones differ by up to a day.
        day, last = after.astimezone(self.zone).date() - 2 * DAY, until.astimezone(self.zone).date() + DAY
        day = max(day, self.valid_from)
        while day <= last:
            found = self.on_day(day)
            if found and found.begins < until and found.ends > after:
                yield found
            day += DAY

    def now(self, at: datetime) -> ShiftPeriod | None:
        """The period that covers a moment, the one that ends last."""
        found = [one for one in self.periods(at, at + SECOND) if one.covers(at)]
        return max(found, key=lambda one: one.ends, default=None)

    def next_begin(self, at: datetime) -> datetime | None:
        """First begin after a moment, in the shift's zone; None if there is none."""
        day = max(at.astimezone(self.zone).date() - DAY, self.valid_from)
        found = (self.on_day(day + number * DAY) for number in range(DAYS_AHEAD))
        return next((one.begins.astimezone(self.zone) for one in found if one and one.begins > at), None)


def first_moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """First moment when local clocks show a time of a day or later, in UTC."""
    early, late = _both(day, clock, zone)
    return early if early <= late else _change(late, early, zone)


def last_moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """End of the last moment when local clocks show less than a time of a day, in UTC."""
    early, late = _both(day, clock, zone)
    # At the very time to which the clocks go back, nothing of the second pass shows less.
    if early < late and (late - SECOND).astimezone(zone).replace(tzinfo=None) >= datetime.combine(day, clock):
        return early
    return late if early <= late else _change(late, early, zone)


def fewest(periods: Iterable[tuple[str, ShiftPeriod]], span: ShiftPeriod) -> int:
    """Fewest people on call at any moment of a span; each period has the reference of a person."""
    found = [(person, one) for person, one in periods if one.begins < span.ends and one.ends > span.begins]
    edges = {span.begins, *(at for _, one in found for at in (one.begins, one.ends) if span.covers(at))}
    return min(len({person for person, one in found if one.covers(at)}) for at in edges)


def _both(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A local time by the offset before a change of the clocks, and by the one after. Equal on most days."""
    local = datetime.combine(day, clock, zone)
    return local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Moment of the change of the clocks after `before`, and at or before `after`, to the second."""
    old = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
