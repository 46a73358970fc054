"""Volumes of reports by day, provider, country and kind, with alerts for unusual increases.

Counts are of days in UTC. A report's country is that of the jurisdiction rule; no country means Europol. If a report
names several kinds, the first counts, so that sums are sums of reports.

One cause raises one alert. A provider that sends four times as much also raises the counts of its country and kind. A
country is therefore reported only if it still rises without the providers that rose. A kind must also still rise
without the countries that rose. An alert names the other series that show its rise: those that make up at least half of
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Max, Min, Sum
from django.db.models.lookups import IsNull

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.organisations.people import directory
from tutela.reports.figures import surge_detection
from tutela.reports.figures.progress_counts import monday
from tutela.reports.models import Dimension, Report, Surge, SurgeEnd, Volume
from tutela.reports.scoring.lanes import OWN
from tutela.reports.state.surge_codes import SurgeEndCode

COUNT = """
INSERT INTO reports_volume
    (id, organisation_id, created_at, day, provider_id, country, kind, reports, duplicates, urgent, complete)
SELECT gen_random_uuid(), %(centre)s, %(now)s, (created_at AT TIME ZONE 'UTC')::date, provider_id, country, kinds[1],
       count(*), count(duplicate_of_id), count(*) FILTER (WHERE urgent), sum(completeness)
FROM reports_report WHERE organisation_id = %(centre)s AND created_at >= %(since)s AND created_at < %(until)s
GROUP BY 4, 5, 6, 7
ON CONFLICT (organisation_id, day, provider_id, country, kind) DO UPDATE SET reports = excluded.reports,
    duplicates = excluded.duplicates, urgent = excluded.urgent, complete = excluded.complete
"""
# Every run recounts this many days, so that reports received just before midnight yesterday are included.
RECENT = 2
HISTORY = surge_detection.WINDOW + surge_detection.BEFORE
COLUMN = {Dimension.PROVIDER: "provider_id", Dimension.COUNTRY: "country", Dimension.KIND: "kind"}


@dataclass(frozen=True)
class Place:
    """A dimension, by its code, and what people call a value in it."""

    dimension: str
    label: str

    @property
    def name(self) -> object:
        """The label of the dimension."""
        return Dimension(self.dimension).label


@dataclass(frozen=True)
class SurgeClose:
    """End of a surge: when, by whom and why."""

    at: datetime
    by_name: str
    reason: str


@dataclass(frozen=True)
class VolumeView:
    """A surge as the desk shows it: where, where else it shows, and its end if it has one."""

    id: UUID
    value: str
    place: Place
    shows: list[Place]
    day: date
    seen: int
    usual: float
    end: SurgeClose | None

    @property
    def ratio(self) -> float:
        return self.seen / max(self.usual, 1.0)

    @property
    def what(self) -> str:
        """All of it in one line."""
        return "; ".join(f"{one.name}: {one.label}" for one in (self.place, *self.shows))


@dataclass(frozen=True)
class LaneCount:
    """Number of reports in a sender's separate queue."""

    provider: str
    reports: int


@dataclass(frozen=True)
class VolumeLine:
    """A value of a dimension, its reports by week, and their sum."""

    label: str
    weeks: list[int]
    total: int


def count(actor: Actor) -> None:
    """Bring the counts in step with the reports: of the last days, and of every day since it was done last.

    No day is passed over because nobody counted for some: on a node that counts for the first time, from its first
    report on.
    """
    today = clock.now().date()
    with acting(actor), connection.cursor() as cursor:
        first = min(today - timedelta(days=RECENT - 1), _uncounted_from() or today)
        values: dict[str, Any] = {
            "centre": actor.organisation_id,
            "now": clock.now(),
            "since": f"{first}T00:00:00Z",
            "until": f"{today + timedelta(days=1)}T00:00:00Z",
        }
        cursor.execute(COUNT, values)


def watch(actor: Actor) -> int:
    """Raise an alert for each surge and end those that fell, by complete days.

    Returns how many rose.
    """
    last = clock.now().date() - timedelta(days=1)
    rose = 0
    explained: dict[str, list[str]] = {}
    with acting(actor):
        for dimension, column in COLUMN.items():
            series, rest = _series(column, last), _series(column, last, explained)
            latest = _latest(dimension)
            for value, daily in sorted(series.items()):
                # What rises only with what is explained already is no news.
                new = surge_detection.rise(daily) if surge_detection.rise(rest.get(value, [])) else None
                rose += _look(actor, dimension, value, daily, last, latest.get(value), new)
            for value, surge in latest.items():
                if value not in series and not hasattr(surge, "end"):
                    _end(actor, surge, SurgeEndCode.GONE)
            explained[column] = [value for value, surge in _latest(dimension).items() if not _over(surge, last)]
    return rose


def accept(actor: Actor, surge_id: UUID, reason: str) -> None:
    """Accept a volume as usual, or explain it. Raises `Invalid`, and `NotFound` if no surge is open."""
    actor.require("reports.assess")
    if not (reason := typed(reason)):
        raise Invalid("Enter an explanation.", field="reason")
    with acting(actor):
        surge = Surge.objects.filter(pk=surge_id, end=None).first()
        if surge is None or not _end(actor, surge, reason):
            raise NotFound


def surges(actor: Actor, most: int = 100) -> list[VolumeView]:
    """The newest surges, those that stand first."""
    actor.require("reports.read")
    with acting(actor):
        open_first = IsNull(F("end"), False)
        rows = list(Surge.objects.select_related("end").order_by(open_first, "-day", "-id")[:most])
    return [_view(row) for row in rows]


def _view(row: Surge) -> VolumeView:
    end: SurgeEnd | None = getattr(row, "end", None)
    return VolumeView(
        id=row.pk,
        value=row.value,
        place=Place(row.dimension, row.label),
        shows=[Place(dimension, label) for dimension, label in row.shows],
        day=row.day,
        seen=row.seen,
        usual=row.usual,
        end=SurgeClose(end.created_at, end.by_name, end.reason) if end else None,
    )


@dataclass(frozen=True)
class Table:
    """Reports by week: the values of a dimension, those with most first, each with its weeks and its sum."""

    weeks: list[date]
    rows: list[VolumeLine]
    title: object = ""
    kind: str = "bars"

    @property
    def labels(self) -> list[str]:
        return [week.strftime("%m-%d") for week in self.weeks]

    @property
    def values(self) -> list[float]:
        return [float(sum(row.weeks[n] for row in self.rows)) for n in range(len(self.weeks))]


def by_week(actor: Actor, dimension: str, weeks: int = 13) -> Table:
    """Reports by week and dimension, the present week included."""
    actor.require("reports.read")
    chosen = Dimension(dimension) if dimension in Dimension.values else Dimension.COUNTRY
    now = monday(clock.now().date())
    mondays = [now - timedelta(weeks=n) for n in reversed(range(weeks))]
    column = COLUMN[chosen]
    counts: dict[str, list[int]] = {}
    with acting(actor):
        rows = Volume.objects.filter(day__gte=mondays[0]).values_list(column, "day").annotate(n=Sum("reports"))
        for value, day, n in rows.order_by():
            counts.setdefault(str(value), [0] * weeks)[min((day - mondays[0]).days // 7, weeks - 1)] += n
    names = labelled(chosen, counts)
    found = [VolumeLine(names[value], weekly, sum(weekly)) for value, weekly in counts.items()]
    return Table(mondays, sorted(found, key=lambda row: (-row.total, row.label)))


def own_lanes(actor: Actor) -> list[LaneCount]:
    """Count the last day's reports in separate queues, by sender."""
    actor.require("reports.read")
    with acting(actor):
        recent = Report.objects.filter(created_at__gt=clock.now() - timedelta(days=1), lane=OWN)
        rows = recent.values_list("provider_name").annotate(n=Count("pk")).order_by("-n")
        return [LaneCount(provider, reports) for provider, reports in rows]


def _uncounted_from() -> date | None:
    """The last day counted, or the day of the first report; None if there is nothing to count."""
    counted: date | None = Volume.objects.aggregate(last=Max("day"))["last"]
    if counted is not None:
        return counted
    oldest: datetime | None = Report.objects.aggregate(first=Min("created_at"))["first"]
    return oldest.astimezone(UTC).date() if oldest else None


def _series(
    column: str, last: date, without: Mapping[str, Sequence[str]] | None = None, of: Mapping[str, str] | None = None
) -> dict[str, list[int]]:
    """Daily counts by value, each ending with the day `last`; shorter where a value is younger.

    Of those rows that have no value of `without` in its columns, and in those of `of` that value.
    """
    counted = Volume.objects.filter(**(of or {}))
    for name, values in (without or {}).items():
        counted = counted.exclude(**{f"{name}__in": values})
    begun = dict(counted.values_list(column).annotate(first=Min("day")).order_by())
    first = last - timedelta(days=HISTORY - 1)
    rows = counted.filter(day__gte=first, day__lte=last).values_list(column, "day").annotate(n=Sum("reports"))
    out: dict[str, list[int]] = {}
    for value, day, n in rows.order_by():
        out.setdefault(str(value), [0] * HISTORY)[(day - first).days] = n
    young = {str(value): max(0, (day - first).days) for value, day in begun.items()}
    return {value: daily[young[value] :] for value, daily in out.items()}


def _latest(dimension: Dimension) -> dict[str, Surge]:
    rows = Surge.objects.filter(dimension=dimension).select_related("end").order_by("day", "id")
    return {row.value: row for row in rows}


def _over(surge: Surge, last: date) -> bool:
    """Return whether a surge ended long enough ago for its value to be raised again."""
    end: SurgeEnd | None = getattr(surge, "end", None)
    return end is not None and last >= end.created_at.date() + timedelta(days=surge_detection.QUIET)


def _look(
    actor: Actor,
    dimension: Dimension,
    value: str,
    daily: list[int],
    last: date,
    latest: Surge | None,
    rise: surge_detection.Rise | None,
) -> bool:
    if latest is not None and not hasattr(latest, "end"):
        if surge_detection.fell(daily, latest.usual):
            _end(actor, latest, SurgeEndCode.FELL)
        return False
    if rise is None or (latest is not None and not _over(latest, last)):
        return False
    row = Surge.objects.create(
        organisation_id=actor.organisation_id,
        dimension=dimension,
        value=value,
        label=labelled(dimension, [value])[value],
        day=last,
        seen=rise.seen,
        usual=rise.usual,
        shows=_shows(dimension, value, rise, last),
    )
    record(actor, "surge.raised", "surge", row.pk, dimension=dimension.value, value=value, seen=rise.seen)
    return True


def _shows(dimension: Dimension, value: str, rise: surge_detection.Rise, last: date) -> list[list[str]]:
    """Other dimensions in which a rise shows: dimension and label of each value that makes at least half of it."""
    found = list[list[str]]()
    for other, column in COLUMN.items():
        if other == dimension:
            continue
        for name, daily in sorted(_series(column, last, of={COLUMN[dimension]: value}).items()):
            more = surge_detection.excess(daily)
            if 2 * more >= rise.seen - rise.usual:
                found.append([other.value, labelled(other, [name])[name]])
    return found


def _end(actor: Actor, surge: Surge, reason: str) -> bool:
    """Whether this call ended the surge; a colleague may have been faster."""
    end = SurgeEnd(
        organisation_id=actor.organisation_id,
        surge=surge,
        reason=reason[:300],
        by=actor.reference,
        by_name=actor.name[:200],
    )
    if not insert_ignore(end):
        return False
    record(actor, "surge.ended", "surge", surge.pk, reason=reason[:200])
    return True


def labelled(dimension: str, values: Iterable[str]) -> dict[str, str]:
    """Labels of the values of a dimension."""
    known = list(values)
    if dimension != Dimension.PROVIDER:
        return {value: value or "Europol" for value in known}
    names = directory.names(UUID(value) for value in known)
    return {value: names.get(UUID(value), value) for value in known}
