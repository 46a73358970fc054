"""Figures that everybody may see, made so that they harm nobody. A pure function of histories.

1. Only ended quarters of 13 ISO weeks, whose last week ended at least 90 days ago. What happened later does not count:
   a published figure never changes, so that two publications give no difference.
2. Countries and providers are listed with verified removals, reappearances and times. How many entries there were is
   given for all together only, from 3 providers on, none of which has more than 80 of 100: nobody learns which
   provider lets it stay up.
3. Countries and providers with fewer than 20 verified removals in a quarter are one line, "other". So a line never
   tells who removed little.
4. Cells below 10 are protected (`casework.disclosure`), countries and providers together: a line of one could be
   computed from lines of the other. Times are given from 10 removals on.
5. There is no address, host, type of content or person in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tutela.casework.disclosure.columns import ProtectedColumn, protect_margins, published
from tutela.takedown.ledger.entries import CaseHistory, LedgerEntry, Result, every_entry
from tutela.takedown.ledger.figures import KEYS, Grouping, line

COMPLETE_AFTER = timedelta(days=90)
WEEKS_IN_QUARTER = 13
# A smaller count could point to one child, one case or one analyst.
LEAST_SHOWN = 10
# A line names a country or a provider with so many verified removals in the quarter.
LEAST_CASES = 20
# Notices are counted if so many providers are behind them, and none has more than this share.
LEAST_PROVIDERS = 3
LARGEST_SHARE = 0.8
OTHER = ""


@dataclass(frozen=True)
class PublicLine:
    """A country or a provider; the empty name is all others together. Hours are rounded to whole hours.

    None stands for what is not published.
    """

    name: str
    removed: int | None
    reappeared: int | None
    median_hours: int | None
    p90_hours: int | None


@dataclass(frozen=True)
class PublicQuarter:
    """A quarter of ISO weeks. `compliance` in percent; None where it could tell of one provider or of few cases."""

    first_week: str
    last_week: str
    noticed: int | None
    removed: int | None
    reappeared: int | None
    median_hours: int | None
    p90_hours: int | None
    compliance: int | None
    countries: list[PublicLine]
    providers: list[PublicLine]


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of an ISO year; the last of a year with 53 weeks has 14."""

    year: int
    number: int

    @classmethod
    def of_moment(cls, moment: datetime) -> Quarter:
        """The quarter of a moment, in UTC."""
        year, week, _day = moment.astimezone(UTC).isocalendar()
        return cls(year, min((week - 1) // WEEKS_IN_QUARTER, 3))

    @property
    def begin(self) -> date:
        """Its first Monday."""
        return date.fromisocalendar(self.year, 1 + self.number * WEEKS_IN_QUARTER, 1)

    @property
    def end(self) -> date:
        """The Monday after it."""
        return Quarter(self.year + self.number // 3, (self.number + 1) % 4).begin

    @property
    def complete(self) -> datetime:
        """The moment from which it is published, and whose knowledge its figures have."""
        return datetime.combine(self.end, time(), UTC) + COMPLETE_AFTER


def public_figures(histories: Iterable[CaseHistory], at: datetime) -> list[PublicQuarter]:
    """The figures of every complete quarter, the newest first. Quarters without entries are left out."""
    known = list(histories)
    quarters = {Quarter.of_moment(notice.at) for one in known for notice in one.notices}
    complete = sorted((one for one in quarters if one.complete <= at), reverse=True)
    found = [(one, _begun_in(known, one)) for one in complete]
    return [_published(quarter, entries) for quarter, entries in found if entries]


def newest_complete(at: datetime) -> str:
    """The first ISO week of the newest quarter that is complete at a moment."""
    quarter = Quarter.of_moment(at)
    while quarter.complete > at:
        quarter = Quarter.of_moment(datetime.combine(quarter.begin - timedelta(days=1), time(), UTC))
    return f"{quarter.begin:%G-W%V}"


def _begun_in(histories: Sequence[CaseHistory], quarter: Quarter) -> list[LedgerEntry]:
    begun = every_entry(histories, quarter.complete)
    return [one for one in begun if Quarter.of_moment(one.begun) == quarter]


def _published(quarter: Quarter, entries: list[LedgerEntry]) -> PublicQuarter:
    every, noticed = line("", entries), _noticed(entries)
    countries, providers = _groups(entries, Grouping.COUNTRY), _groups(entries, Grouping.PROVIDER)
    removed, removed_by_provider = _protected(countries, providers, [one.result is Result.REMOVED for one in entries])
    back, back_by_provider = _protected(countries, providers, [one.reappeared for one in entries])
    share, timed = every.compliance if noticed is not None else None, bool(removed.total)
    return PublicQuarter(
        first_week=f"{quarter.begin:%G-W%V}",
        last_week=f"{quarter.end - timedelta(days=1):%G-W%V}",
        noticed=noticed,
        removed=removed.total,
        reappeared=back.total,
        median_hours=_whole(every.median_hours) if timed else None,
        p90_hours=_whole(every.p90_hours) if timed else None,
        compliance=None if share is None else round(100 * share),
        countries=_lines(entries, countries, removed, back),
        providers=_lines(entries, providers, removed_by_provider, back_by_provider),
    )


def _protected(
    countries: list[str], providers: list[str], counts: list[bool]
) -> tuple[ProtectedColumn, ProtectedColumn]:
    """The columns of countries and of providers; they count the same entries, so they are protected together."""
    cells = Counter[tuple[str, str]]()
    for country, provider, counted in zip(countries, providers, counts, strict=True):
        cells[country, provider] += counted
    return protect_margins(cells, LEAST_SHOWN)


def _noticed(entries: list[LedgerEntry]) -> int | None:
    """All notices of a quarter. Fewer than 10 without a removal would be a small cell: the total would reveal it."""
    sizes = Counter(one.provider for one in entries)
    left = sum(one.result in (Result.REFUSED, Result.OPEN) and not one.under_hold for one in entries)
    if len(sizes) < LEAST_PROVIDERS or max(sizes.values()) > LARGEST_SHARE * len(entries) or left < LEAST_SHOWN:
        return None
    return published(len(entries), LEAST_SHOWN)


def _groups(entries: list[LedgerEntry], by: Grouping) -> list[str]:
    """The name of the line of each entry."""
    key = KEYS[by]
    sizes = Counter(key(one) for one in entries if one.result is Result.REMOVED)
    return [key(one) if sizes[key(one)] >= LEAST_CASES else OTHER for one in entries]


def _lines(
    entries: list[LedgerEntry], names: list[str], removed: ProtectedColumn, reappeared: ProtectedColumn
) -> list[PublicLine]:
    groups = dict[str, list[LedgerEntry]]()
    for name, one in zip(names, entries, strict=True):
        groups.setdefault(name, []).append(one)
    found = []
    for name in sorted(groups, key=lambda one: (one == OTHER, one)):
        every, count = line(name, groups[name]), removed.cells[name]
        timed = count is not None and count >= LEAST_SHOWN
        median, p90 = (every.median_hours, every.p90_hours) if timed else (None, None)
        found.append(PublicLine(name, count, reappeared.cells[name], _whole(median), _whole(p90)))
    return found


def _whole(hours: float | None) -> int | None:
    return None if hours is None else round(hours)
