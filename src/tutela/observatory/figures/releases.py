"""Releases of figures, for desks and for everybody: the newest, all vintages of a period, and the file to verify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from tutela.accountability.public_log import log
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope
from tutela.observatory.definitions import catalogue
from tutela.observatory.definitions.definition import Definition
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Missing
from tutela.observatory.errors import ReleaseWithheld, UnknownRelease
from tutela.observatory.figures.publish import READ
from tutela.observatory.models import FigureRelease, PublishedFigure
from tutela.observatory.operations.withheld import withheld
from tutela.observatory.statements.figures_file import FiguresFile
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.organisations.vocabulary.roles_and_permissions import Kind

# Kinds of organisations whose figures everybody sees.
PUBLIC_KINDS = ("centre", "provider", "hotline", "authority", "coordinating_authority")
MOST_RELEASES = 500


@dataclass(frozen=True)
class ShownFigure:
    """A figure as it is shown; `value` is None if it is withheld."""

    definition: Definition
    query: str
    value: int | None
    missing: str


@dataclass(frozen=True)
class ShownRelease:
    """A release with its figures. `corrects` counts earlier releases of the same period.

    `suspended`: its organisation is not verified any more. What it published stays: others have cited it.
    `withheld_since`: it showed a figure that today's rule of disclosure withholds. Nobody is shown that figure now.
    """

    id: UUID
    organisation_id: UUID
    organisation: str
    kind: str
    country: str
    number: int
    period: ReportingPeriod
    published_at: datetime
    position: int
    digest: str
    figures: tuple[ShownFigure, ...]
    corrects: int = 0
    suspended: bool = False
    withheld_since: bool = False


def own(actor: Actor) -> list[ShownRelease]:
    """Releases of the actor's organisation, the newest first."""
    actor.require(READ)
    with acting(actor):
        return _releases(directory.entry(actor.organisation_id))[:MOST_RELEASES]


def everybody(*kinds: str) -> list[ShownRelease]:
    """Releases of every organisation, or of those of these kinds, the newest first."""
    entries = [one for one in _publishers() if not kinds or one.kind in kinds]
    found = list[ShownRelease]()
    for entry, newest in _newest(entries):
        found += _kept(entry, newest)
    return sorted(found, key=lambda one: one.published_at, reverse=True)


def stamp() -> tuple[tuple[object, ...], ...]:
    """What stands for every release as it is shown: while it is the same, so are they."""
    return tuple((one.id, one.organisation, one.kind, one.country, one.suspended) for one in everybody())


def public_release(release_id: UUID) -> ShownRelease:
    """One release of anybody. Raises `UnknownRelease`."""
    return next((one for one in everybody() if one.id == release_id), None) or _unknown()


def file_of(release_id: UUID) -> bytes:
    """The file with which anybody verifies a release. Raises `UnknownRelease`, `ReleaseWithheld`."""
    found = public_release(release_id)
    if found.withheld_since:
        raise ReleaseWithheld
    return kept_file(release_id)


def kept_file(release_id: UUID) -> bytes:
    """The file of a release as it was published, for auditors. Raises `UnknownRelease`."""
    for entry, _newest_release in _newest(_publishers()):
        with acting(_anonymous(entry)):
            row = FigureRelease.objects.filter(pk=release_id).first()
            if row is not None:
                shown = row.figures.filter(missing="")
                salts = dict(shown.values_list("definition", "salt"))
                written = log.entry_of(row.event_id)
                entry_bytes, proof = (written.data, written.proof) if written else (b"", b"")
                envelope = Envelope.from_bytes(bytes(row.envelope))
                return FiguresFile(envelope, row.key, salts, entry_bytes, proof).to_bytes()
    raise UnknownRelease


def vintages(organisation_id: UUID, period: ReportingPeriod, definition: str) -> list[tuple[datetime, int | None]]:
    """What a figure said, in the order of time: day and value of each release of the period."""
    found = [
        (release.published_at, figure.value)
        for release in everybody()
        if release.organisation_id == organisation_id and release.period == period
        for figure in release.figures
        if figure.definition.key == definition
    ]
    return sorted(found, key=lambda one: one[0])


def as_of(organisation_id: UUID, period: ReportingPeriod, definition: str, moment: datetime) -> int | None:
    """What a figure said at a moment; None if it was not published or withheld."""
    known = [value for at, value in vintages(organisation_id, period, definition) if at <= moment]
    return known[-1] if known else None


def _publishers() -> list[DirectoryEntry]:
    """Organisations that may have published; also those that were suspended since."""
    return [one for one in directory.list_organisations() if one.kind in PUBLIC_KINDS]


def _anonymous(entry: DirectoryEntry) -> Actor:
    return directory.acting_for(entry, "public:anonymous", "Public figures")


def _newest(entries: Sequence[DirectoryEntry]) -> list[tuple[DirectoryEntry, UUID]]:
    """The newest release of each organisation that has one, in one query: releases are for everybody.

    Row security shows them to their organisation and to auditors, so this reads as an auditor.
    """
    if not entries:
        return []
    with acting(replace(_anonymous(entries[0]), organisation_kind=Kind.AUDITOR, purpose="statistics")):
        rows = FigureRelease.objects.order_by("organisation_id", "-number").distinct("organisation_id")
        newest = dict(rows.values_list("organisation_id", "pk"))
    return [(one, newest[one.id]) for one in entries if one.id in newest]


@lru_cache(maxsize=2048)
def _kept(entry: DirectoryEntry, newest: UUID) -> tuple[ShownRelease, ...]:
    """Releases up to the newest one. A release never changes, so each is read once by a process."""
    with acting(_anonymous(entry)):
        return tuple(_releases(entry))


def _unknown() -> ShownRelease:
    raise UnknownRelease


def _releases(entry: DirectoryEntry) -> list[ShownRelease]:
    rows = list(
        FigureRelease.objects.filter(organisation_id=entry.id)
        .defer("envelope")
        .prefetch_related("figures")
        .order_by("-number")
    )
    periods = [(row.period_start, row.period_end) for row in rows]
    return [_shown(entry, row, periods[place + 1 :].count(periods[place])) for place, row in enumerate(rows)]


def _shown(entry: DirectoryEntry, row: FigureRelease, corrects: int) -> ShownRelease:
    figures = sorted(row.figures.all(), key=lambda one: one.pk)
    # A release of before the last rule may show what the rule withholds now.
    before = [one.definition for one in figures if one.missing]
    hidden = withheld({one.definition: one.value for one in figures}, before=before)
    return ShownRelease(
        row.pk,
        entry.id,
        entry.name,
        entry.kind,
        entry.country,
        row.number,
        ReportingPeriod(row.period_start, row.period_end),
        row.created_at,
        row.position,
        row.digest,
        tuple(_figure(one, hidden=one.definition in hidden) for one in figures),
        corrects,
        suspended=not entry.verified,
        withheld_since=any(one.definition in hidden and not one.missing for one in figures),
    )


def _figure(row: PublishedFigure, *, hidden: bool) -> ShownFigure:
    missing = row.missing or (Missing.SUPPRESSED.value if hidden else "")
    return ShownFigure(catalogue.definition(row.definition), row.query, None if missing else row.value, missing)
