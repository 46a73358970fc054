"""Provenance of an indicator: source, law by country, list recipients and public log entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tutela import clock
from tutela.accountability.public_log import log
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage
from tutela.indicators.models import (
    Activation,
    Certification,
    Fetcher,
    LegalityStated,
    Release,
    Revocation,
    Suspension,
    Taken,
    Vote,
)
from tutela.indicators.register import votes
from tutela.indicators.register.errors import (
    CountryTwice,
    LegalityNotRead,
    NoCountry,
    NormTooLong,
    SourceTooLong,
    TooManyCountries,
)
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.law import classification
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.countries import COUNTRIES

MOST_COUNTRIES = 50
# Of the public events a part: feedback alone may be thousands.
EVENTS = 200
LONGEST_SOURCE, LONGEST_NORM = 80, 300
_STATED = re.compile(r"([A-Za-z]{2})[\s:,]+(illegal|lawful)(?:[\s:,]+(.*))?")


@dataclass(frozen=True, slots=True)
class Stated:
    """Whether an item is illegal in a country, and by which norm."""

    country: str
    illegal: bool
    norm: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Proposer's statements in addition to the hashes: source list or case, and law by country."""

    source: str = ""
    legality: Sequence[Stated] = ()

    def checked(self) -> Provenance:
        """Return the same statements, checked and trimmed. Raises `Invalid` naming the field."""
        source = self.source.strip()
        if len(source) > LONGEST_SOURCE or not source.isprintable():
            raise SourceTooLong(most=LONGEST_SOURCE)
        if len(self.legality) > MOST_COUNTRIES:
            raise TooManyCountries(most=MOST_COUNTRIES)
        said = [Stated(one.country.upper(), one.illegal, one.norm.strip()) for one in self.legality]
        for one in said:
            if one.country not in COUNTRIES:
                raise NoCountry(country=one.country)
            if len(one.norm) > LONGEST_NORM or not one.norm.isprintable():
                raise NormTooLong(most=LONGEST_NORM)
        if len({one.country for one in said}) < len(said):
            raise CountryTwice
        return Provenance(source, said)


NO_PROVENANCE = Provenance()


@dataclass(frozen=True, slots=True)
class OfCountry:
    """Statements about a country: classes named by its organisations, stated law, legal status."""

    country: str
    classes: tuple[str, ...]
    stated: tuple[tuple[str, Stated], ...]
    law: classification.LegalStatus | None


@dataclass(frozen=True, slots=True)
class VersionSpan:
    """Versions of the list that contained an indicator while active.

    `last` is None while the indicator is active.
    """

    first: int | None
    last: int | None
    begun: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class ListRecipient:
    """Recipient that had the list while it contained the entry: way, first and last time, and last version."""

    name: str
    way: str
    since: datetime
    last: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """An event of the entry, and its number in the public log; None while it waits for the log's witnesses."""

    kind: str
    at: datetime
    number: int | None
    # Its words stay with who wrote them.
    facts: None = None


@dataclass(frozen=True, slots=True)
class ProvenanceView:
    """All of it, for the dossier."""

    source: str
    run_id: UUID | None
    countries: list[OfCountry] = field(default_factory=list)
    spans: list[VersionSpan] = field(default_factory=list)
    recipients: list[ListRecipient] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    # The page of `leaves`, newest events on the first page, and a flag for older ones.
    page: int = 1
    more: bool = False


def stated(text: str) -> list[Stated]:
    """Parse a form's lines, one country each: `DE illegal § 184b StGB`. Raises `Invalid`."""
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        read = _STATED.fullmatch(line.strip())
        if read is None:
            raise LegalityNotRead
        found.append(Stated(read[1].upper(), read[2] == "illegal", read[3] or ""))
    return found


def keep_all(actor: Actor, told: Iterable[tuple[UUID, Provenance]]) -> None:
    """Write what a proposer stated of countries for some entries. Call inside `acting(actor)`."""
    LegalityStated.objects.bulk_create(
        (
            LegalityStated(
                organisation_id=actor.organisation_id,
                indicator_id=indicator,
                country=one.country,
                illegal=one.illegal,
                norm=one.norm,
            )
            for indicator, said in told
            for one in said.legality
        ),
        batch_size=1000,
    )


def provenance_of(row: Any, part: ListPage = FIRST_PAGE) -> ProvenanceView:
    """Return the origin and the recipients of an entry, with a page of its events. Call inside `acting(actor)`."""
    spans = _spans(row)
    leaves, more = _leaves(row.pk, part)
    countries, recipients = _countries(row), _recipients(spans)
    return ProvenanceView(row.source, row.run_id, countries, spans, recipients, leaves, part.page, more)


def _countries(row: Any) -> list[OfCountry]:
    classes: dict[str, dict[UUID, str]] = {}
    for one in Certification.objects.filter(indicator=row.pk):
        classes.setdefault(one.country, {})[one.organisation_id] = row.classification
    for vote in Vote.objects.filter(indicator=row.pk, kind="reclassify").order_by("created_at"):
        classes.setdefault(vote.country, {})[vote.organisation_id] = vote.classification
    said = list(LegalityStated.objects.filter(indicator=row.pk).order_by("country"))
    names, today = directory.names(one.organisation_id for one in said), clock.now().date()
    counts = votes.class_of(row)
    return [
        OfCountry(
            country,
            tuple(sorted(set(classes.get(country, {}).values()))),
            tuple(
                (names[one.organisation_id], Stated(country, one.illegal, one.norm))
                for one in said
                if one.country == country
            ),
            classification.illegal_in(counts, country, today),
        )
        for country in sorted({*classes, *(one.country for one in said)})
    ]


def _spans(row: Any) -> list[VersionSpan]:
    ended = dict(Suspension.objects.filter(indicator=row.pk).values_list("round", "created_at"))
    revoked = Revocation.objects.filter(indicator=row.pk).values_list("created_at", flat=True).first()
    found = []
    for number, begun in (
        Activation.objects.filter(indicator=row.pk).order_by("round").values_list("round", "created_at")
    ):
        until = ended.get(number, revoked)
        of_list = Release.objects.filter(list_id=LIST_ID, created_at__gte=begun, created_at__lt=until or clock.now())
        first = of_list.order_by("created_at").values_list("version", flat=True).first()
        last = of_list.order_by("-created_at").values_list("version", flat=True).first() if until else None
        found.append(VersionSpan(first, last, begun, until))
    return found


def _recipients(spans: Iterable[VersionSpan]) -> list[ListRecipient]:
    """Return recipients whose time with the list overlaps a version with the entry.

    The feed and files need no version.
    """
    active = list(spans)
    carried = [one for one in active if one.first is not None]
    rows = [
        row
        for row in Fetcher.objects.filter(list_id=LIST_ID).order_by("created_at")
        if any(
            row.at >= one.begun and (one.ended is None or row.created_at < one.ended)
            for one in (carried if row.way == Taken.EDGE else active)
        )
    ]
    names = directory.names(row.recipient_id for row in rows)
    return [
        ListRecipient(names[row.recipient_id], row.get_way_display(), row.created_at, row.at, row.version)
        for row in rows
    ]


def _leaves(indicator: UUID, part: ListPage) -> tuple[list[Leaf], bool]:
    """Events of an entry that the public log has or will have, of all organisations: kind and time, no words.

    A part of them, and whether older ones follow.
    """
    start, size = part.span(EVENTS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT event, kind, at FROM indicators_events(%s, %s, %s)", [indicator, start, size + 1])
        rows = cursor.fetchall()
    more, rows = len(rows) > size, rows[:size]
    numbers = log.numbers_of([event for event, _kind, _at in rows])
    return [Leaf(kind, at, numbers.get(event)) for event, kind, at in reversed(rows)], more
