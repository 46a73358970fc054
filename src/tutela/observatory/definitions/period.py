"""Periods of figures: whole days, both included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

MONTHS_A_YEAR = 12
# No figure is older, and a later one is a mistake: dates after the year 9999 cannot even be computed.
FIRST_YEAR, LAST_YEAR = 1990, 2200
YEAR_DIGITS, LONGEST_PART = 4, 2
DAYS_A_MONTH = 365.25 / MONTHS_A_YEAR


@dataclass(frozen=True, order=True)
class ReportingPeriod:
    """Days from `start` to `end`, both included. Raises `ValueError` if the end comes first, or for another century."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("a period ends after it begins")
        if self.start.year < FIRST_YEAR or self.end.year > LAST_YEAR:
            raise ValueError(f"a period is between {FIRST_YEAR} and {LAST_YEAR}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2024`, `2024-H1`, `2024-Q2`, `2024-05` or `2024-01-01/2024-03-31`. Raises `ValueError`."""
        if "/" in text:
            first, _, last = text.partition("/")
            return cls(_day(first), _day(last))
        year, _, part = text.partition("-")
        if len(year) != YEAR_DIGITS or len(part) > LONGEST_PART:
            raise ValueError("a period is a year, or a year and a part of it such as H1, Q2 or 05")
        begin, months = 1, MONTHS_A_YEAR
        if part[:1] in ("H", "Q"):
            months = 6 if part[0] == "H" else 3
            number = int(part[1:])
            if not 1 <= number <= MONTHS_A_YEAR // months:
                raise ValueError(f"no such part of a year: {part}")
            begin = (number - 1) * months + 1
        elif part:
            begin, months = int(part), 1
        after = begin + months
        end = date(int(year) + (after > MONTHS_A_YEAR), (after - 1) % MONTHS_A_YEAR + 1, 1)
        return cls(date(int(year), begin, 1), end - timedelta(days=1))

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1

    @property
    def months(self) -> float:
        """Length in average months, for rates."""
        return self.days / DAYS_A_MONTH

    def same_length(self, other: ReportingPeriod) -> bool:
        """Return true if both have the same number of calendar months, or else of days."""
        mine, theirs = self._whole_months(), other._whole_months()
        return mine == theirs if mine and theirs else self.days == other.days

    def overlaps(self, other: ReportingPeriod) -> bool:
        """Return true if a day is in both."""
        return self.start <= other.end and other.start <= self.end

    def follows(self, other: ReportingPeriod) -> bool:
        """Return true if this period begins on the day after the other."""
        return self.start == other.end + timedelta(days=1)

    def joined(self, other: ReportingPeriod) -> ReportingPeriod:
        """The period from the first day of either to the last of either."""
        return ReportingPeriod(min(self.start, other.start), max(self.end, other.end))

    @property
    def slug(self) -> str:
        """The period as a part of an address."""
        return str(self).replace("/", "_")

    def __str__(self) -> str:
        months = self._whole_months()
        year, first = self.start.year, self.start.month
        if months == MONTHS_A_YEAR and first == 1:
            return str(year)
        if months in (3, 6) and (first - 1) % months == 0:
            return f"{year}-{'H' if months == 6 else 'Q'}{(first - 1) // months + 1}"
        if months == 1:
            return f"{year}-{first:02d}"
        return f"{self.start}/{self.end}"

    def _whole_months(self) -> int:
        """Number of calendar months; 0 if the period has parts of one."""
        after = self.end + timedelta(days=1)
        if self.start.day != 1 or after.day != 1:
            return 0
        return (after.year - self.start.year) * MONTHS_A_YEAR + after.month - self.start.month


def _day(text: str) -> date:
    return date.fromisoformat(text.strip().replace("/", "-"))
