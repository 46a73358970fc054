"""Roster of people on call: weekly shifts, who is on call at a moment, and when the next shift begins.

A shift of a person who may no longer answer alerts counts nowhere. Shifts may overlap.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.dates import WEEKDAYS_ABBR

from tutela.casework.alerts import shift_times
from tutela.casework.alerts.errors import AlreadyEnded, SameShift
from tutela.casework.alerts.shift_times import DAY, ShiftPeriod, ShiftTimes
from tutela.casework.alerts.subjects import answer_permissions
from tutela.casework.models import Shift
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.people import members
from tutela.organisations.people.members import Member
from tutela.organisations.vocabulary.roles_and_permissions import permissions_of

READ, MANAGE = "roster.read", "roster.manage"
SUBJECT = "shift"
# The first day of a shift is within so many days of today.
MOST_AWAY = timedelta(days=366)
WEEK = 7 * DAY
# Weekdays that follow each other are a range from so many on.
RANGE = 3


@dataclass(frozen=True)
class ShiftInput:
    """A shift as it is entered. `person` is a reference; an end at or before the start is on the next day."""

    person: str
    weekdays: Collection[int]
    start: time
    end: time
    zone: str
    valid_from: date


@dataclass(frozen=True)
class ShiftState:
    """A shift in the list: its times as text, and whether its person may still answer alerts."""

    row: Shift
    text: str
    counts: bool


@dataclass(frozen=True)
class OnCall:
    """A person on call, and until when."""

    reference: str
    name: str
    email: str
    until: datetime


@dataclass(frozen=True)
class Coverage:
    """What a stranger may know of a roster: no name. `next_begin` is in the zone of its shift."""

    # Whether there is a roster at all.
    exists: bool
    now: bool
    next_begin: datetime | None
    hours: list[str]


@dataclass(frozen=True)
class DayRow:
    """A day of the week table: for each hour the fewest people on call, None for an hour that clocks skip."""

    day: date
    hours: list[int | None]


@dataclass(frozen=True)
class Roster:
    """A roster at a moment. `people` may be put on it; `shifts` have not ended; `week` is seven days from today."""

    people: list[Member]
    on_call: list[OnCall]
    next_begin: datetime | None
    week: list[DayRow]
    shifts: list[ShiftState]


# A shift that counts, with its person.
type Standing = tuple[Member, ShiftTimes]


def add_shift(actor: Actor, given: ShiftInput, at: datetime) -> UUID:
    """Add a shift of a person of the actor's organisation. Raises `Invalid` naming the field, and `SameShift`."""
    actor.require(MANAGE)
    _check(given, at)
    with acting(actor):
        person = {_reference(one): one for one in people(actor)}.get(given.person)
        if person is None:
            raise Invalid("Choose a person who may answer alerts.", field="person")
        row = Shift(
            organisation_id=actor.organisation_id,
            person=given.person,
            person_name=person.name[:200],
            weekdays=_digits(given.weekdays),
            start=given.start,
            end=given.end,
            zone=given.zone,
            valid_from=given.valid_from,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not insert_ignore(row):
            raise SameShift
        facts = {name: str(getattr(row, name)) for name in ("weekdays", "start", "end", "zone", "valid_from")}
        record(actor, "shift.added", SUBJECT, row.pk, person=given.person, **facts)
    return UUID(str(row.pk))


def end_shift(actor: Actor, shift_id: UUID, at: datetime) -> None:
    """End a shift now. Raises `NotFound` and `AlreadyEnded`."""
    actor.require(MANAGE)
    with acting(actor):
        row = Shift.objects.select_for_update().filter(organisation_id=actor.organisation_id, pk=shift_id).first()
        if row is None:
            raise NotFound
        if row.ended_at is not None:
            raise AlreadyEnded
        row.ended_at, row.ended_by, row.ended_by_name = at, actor.reference, actor.name[:200]
        row.save(update_fields=["ended_at", "ended_by", "ended_by_name"])
        record(actor, "shift.ended", SUBJECT, shift_id, person=row.person)


def load(actor: Actor, at: datetime, zone: ZoneInfo) -> Roster:
    """The roster of the actor's organisation, with the days of a zone."""
    actor.require(READ)
    with acting(actor):
        who, rows = people(actor), _rows(actor, at)
    standing = _of_people(rows, who)
    may = {_reference(one) for one in who}
    shifts = [
        ShiftState(one, _line(_times(one), set(map(int, one.weekdays))), one.person in may)
        for one in rows
        if one.ended_at is None
    ]
    return Roster(
        people=who,
        on_call=_on_call(standing, at),
        next_begin=_next_begin([times for _, times in standing], at),
        week=_week(standing, at.astimezone(zone).date(), zone),
        shifts=shifts,
    )


def people(actor: Actor) -> list[Member]:
    """Active people of the actor's organisation who may answer alerts, by name."""
    found, answer = [], answer_permissions()
    for one in members.members_of(actor.organisation_id):
        may = permissions_of(actor.organisation_kind, frozenset(one.roles), verified=actor.verified)
        if one.active and answer & may:
            found.append(one)
    return found


def on_call_now(actor: Actor, at: datetime) -> list[OnCall]:
    """People of the actor's organisation on call at a moment, by name. For jobs, and pages that ask for a right."""
    return _on_call(_standing(actor, at), at)


def coverage(actor: Actor, at: datetime) -> Coverage:
    """What anybody may know of the roster at a moment.

    `hours` are those of a week from the moment, as lines such as "Mon–Fri 09:00–17:00 (Europe/Dublin)".
    """
    found = [times for _, times in _standing(actor, at)]
    now = any(one.now(at) for one in found)
    return Coverage(bool(found), now, _next_begin(found, at), _lines(found, at))


def _on_call(standing: Collection[Standing], at: datetime) -> list[OnCall]:
    found = dict[str, OnCall]()
    for member, times in standing:
        period, reference = times.now(at), _reference(member)
        if period and (reference not in found or found[reference].until < period.ends):
            found[reference] = OnCall(reference, member.name, member.email, period.ends)
    return sorted(found.values(), key=lambda one: (one.name, one.reference))


def _week(standing: Collection[Standing], first: date, zone: ZoneInfo) -> list[DayRow]:
    begins = shift_times.first_moment(first, time(), zone)
    ends = shift_times.first_moment(first + WEEK, time(), zone)
    periods = [(_reference(member), one) for member, times in standing for one in times.periods(begins, ends)]
    return [_day_row(first + number * DAY, zone, periods) for number in range(7)]


def _day_row(day: date, zone: ZoneInfo, periods: list[tuple[str, ShiftPeriod]]) -> DayRow:
    counts = list[int | None]()
    for hour in range(24):
        after = (day, time(hour + 1)) if hour < 23 else (day + DAY, time())
        span = ShiftPeriod(
            shift_times.first_moment(day, time(hour), zone),
            shift_times.last_moment(*after, zone),
        )
        counts.append(shift_times.fewest(periods, span) if span.begins < span.ends else None)
    return DayRow(day, counts)


def _standing(actor: Actor, at: datetime) -> list[Standing]:
    """Shifts that count at a moment or later, with their people."""
    with acting(actor):
        rows = _rows(actor, at)
        return _of_people(rows, people(actor) if rows else [])


def _rows(actor: Actor, at: datetime) -> list[Shift]:
    """Shifts that have not ended at a moment, by person."""
    rows = Shift.objects.filter(Q(ended_at=None) | Q(ended_at__gt=at), organisation_id=actor.organisation_id)
    return list(rows.order_by("person_name", "person", "start", "id"))


def _of_people(rows: Collection[Shift], who: Collection[Member]) -> list[Standing]:
    may = {_reference(one): one for one in who}
    return [(may[one.person], _times(one)) for one in rows if one.person in may]


def _times(row: Shift) -> ShiftTimes:
    days = frozenset(map(int, row.weekdays))
    return ShiftTimes(days, row.start, row.end, ZoneInfo(row.zone), row.valid_from, row.ended_at)


def _next_begin(found: Collection[ShiftTimes], at: datetime) -> datetime | None:
    return min((begin for one in found if (begin := one.next_begin(at))), default=None)


def _lines(found: Collection[ShiftTimes], at: datetime) -> list[str]:
    groups = dict[tuple[time, time, str], set[int]]()
    first = dict[tuple[time, time, str], ShiftTimes]()
    for one in found:
        if one.valid_from < at.astimezone(one.zone).date() + WEEK:
            key = (one.start, one.end, one.zone.key)
            groups.setdefault(key, set()).update(one.weekdays)
            first.setdefault(key, one)
    ordered = sorted(groups, key=lambda key: (min(groups[key]), key))
    return [_line(first[key], groups[key]) for key in ordered]


def _line(times: ShiftTimes, weekdays: set[int]) -> str:
    end = "24:00" if times.end == time() else f"{times.end:%H:%M}"
    return f"{_days(weekdays)} {times.start:%H:%M}–{end} ({times.zone.key})"


def _days(weekdays: set[int]) -> str:
    """Weekdays as text in the reader's language; three or more that follow each other are a range."""
    runs = list[list[int]]()
    for day in sorted(weekdays):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts = list[str]()
    for run in runs:
        named = [str(WEEKDAYS_ABBR[day]) for day in run]
        parts += [f"{named[0]}–{named[-1]}"] if len(run) >= RANGE else named
    return ", ".join(parts)


def _reference(member: Member) -> str:
    return f"person:{member.id}"


def _digits(weekdays: Collection[int]) -> str:
    return "".join(map(str, sorted(set(weekdays))))


def _check(given: ShiftInput, at: datetime) -> None:
    if not given.weekdays or not set(given.weekdays) <= set(range(7)):
        raise Invalid("Choose one or more weekdays.", field="weekdays")
    if given.zone not in zoneinfo.available_timezones():
        raise Invalid("Choose a time zone.", field="zone")
    for name in ("start", "end"):
        value: time = getattr(given, name)
        if value.second or value.microsecond or value.tzinfo:
            raise Invalid("Enter hours and minutes.", field=name)
    if abs(given.valid_from - at.astimezone(ZoneInfo(given.zone)).date()) > MOST_AWAY:
        raise Invalid("The first day must be within one year of today.", field="valid_from")
