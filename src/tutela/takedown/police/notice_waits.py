"""Wait between the report to the police and the notice, where a national procedure asks for one.

1. A wait is for the country where the address is hosted, or for every country without one of its own.
2. It has a first day and a source. A new wait counts from its day on; earlier ones stay.
3. It begins with the report to the police. Without a wait, notice and report are made in parallel.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.vocabulary.countries import COUNTRIES
from tutela.takedown.errors import SameWait
from tutela.takedown.models import NoticeWait, PoliceStep, PoliceStepKind, TakedownCase

READ, CHANGE = "takedown.read", "takedown.notify"
SUBJECT = "notice_wait"
MOST_HOURS = 24 * 30


@dataclass(frozen=True)
class WaitInput:
    """A wait as a person enters it. `country`: ISO 3166-1 alpha-2, or empty for every other country."""

    country: str
    hours: int
    valid_from: date
    source: str


@dataclass(frozen=True)
class WaitState:
    """A wait in the list. `counts`: it is the newest for its country today."""

    row: NoticeWait
    counts: bool


def add(actor: Actor, given: WaitInput) -> None:
    """Record a wait. Raises `Invalid` naming the field, and `SameWait`."""
    actor.require(CHANGE)
    if given.country and given.country not in COUNTRIES:
        raise Invalid("Choose a country of the list.", field="country")
    if not 0 <= given.hours <= MOST_HOURS:
        raise Invalid("Enter 0 to {most} hours.", field="hours", most=MOST_HOURS)
    if not given.source.strip():
        raise Invalid("Name the procedure that requires this wait.", field="source")
    with acting(actor):
        row = NoticeWait(
            organisation_id=actor.organisation_id,
            country=given.country,
            hours=given.hours,
            valid_from=given.valid_from,
            source=given.source.strip()[:300],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not insert_ignore(row):
            raise SameWait
        record(actor, "notice_wait.added", SUBJECT, row.pk, country=given.country, hours=given.hours)


def list_waits(actor: Actor) -> list[WaitState]:
    """The waits of the actor's organisation, by country, newest first."""
    actor.require(READ)
    with acting(actor):
        rows = list(NoticeWait.objects.order_by("country", "-valid_from", "-created_at", "-pk"))
    newest = dict[str, NoticeWait]()
    for row in rows:
        if row.valid_from <= clock.now().date():
            newest.setdefault(row.country, row)
    return [WaitState(row, newest.get(row.country) is row) for row in rows]


def notice_from(case: TakedownCase, at: datetime) -> datetime | None:
    """When a notice may leave, if that is later than a moment. Call inside `acting(actor)`.

    None also before the report to the police: the notice needs that first.
    """
    countries = ("",) if not case.hosting_country else ("", case.hosting_country)
    rows = NoticeWait.objects.filter(country__in=countries, valid_from__lte=at.date())
    # The row of the country itself goes before the one for every other country.
    row = rows.order_by("-country", "-valid_from", "-created_at", "-pk").first()
    if row is None or not row.hours:
        return None
    told = PoliceStep.objects.filter(case=case, kind=PoliceStepKind.REPORTED).order_by("created_at").first()
    if told is None:
        return None
    begins = told.created_at + timedelta(hours=row.hours)
    return begins if begins > at else None
