"""Releases of the register's list as a page: filtered and sorted by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from tutela.accountability.public_log import log
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage
from tutela.events.transaction import acting
from tutela.indicators.models import Release
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import head as releases_head
from tutela.indicators.releases import history

PER_PAGE = 30
# Sort orders in addition to newest first; one release per hour makes some ten thousand a year.
SORTS = {
    "version": ("version",),
    "-version": ("-version",),
    "when": ("created_at", "version"),
    "-when": ("-created_at", "-version"),
    "entries": ("entries", "version"),
    "-entries": ("-entries", "-version"),
}
STATES = ("announced", "waiting")


@dataclass(frozen=True)
class ReleaseView:
    """A release, and its number in the public log; none while it waits for the log's witnesses.

    `digest` is that of what the release is: a snapshot, or changes to the snapshot of version `base`. If an earlier
    release on the same page has the same digest, `same_as` is its version.
    """

    row: Release
    number: int | None
    digest: str
    base: int
    same_as: int | None = None


def list_releases(
    actor: Actor, part: ListPage = FIRST_PAGE, *, find: str = "", state: str = ""
) -> tuple[list[ReleaseView], bool]:
    """A part of the releases, the newest first or by one of `SORTS`; whether more follow.

    `find` is a version, or how the SHA-256 of a snapshot or of changes begins. `announced` ones may be fetched, those
    after them are `waiting`.
    """
    actor.require("indicators.read")
    with acting(actor):
        rows = Release.objects.filter(list_id=version_files.LIST_ID).order_by("-version")
        if find:
            rows = _found(rows, find)
        if state in STATES:
            head = releases_head.newest_head()
            newest = head.version if head else 0
            rows = rows.filter(version__lte=newest) if state == "announced" else rows.filter(version__gt=newest)
        found, more = part.of(rows, SORTS, PER_PAGE)
        numbers = log.numbers_of(row.event_id for row in found if row.event_id)
    return _views(found, numbers), more


def _views(rows: Sequence[Release], numbers: Mapping[UUID, int]) -> list[ReleaseView]:
    """The rows in their order. The earliest of several releases with the same digest is the one that shows it."""
    known, made = dict[tuple[str, int | None], int](), dict[int, ReleaseView]()
    for row in sorted(rows, key=lambda one: one.version):
        changes = history.manifest(row).changes
        digest, base = (changes.sha256, changes.base) if changes else (row.snapshot_sha256, row.version)
        first = known.setdefault((digest, changes.base if changes else None), row.version)
        same_as = first if first != row.version else None
        made[row.version] = ReleaseView(row, numbers.get(row.event_id) if row.event_id else None, digest, base, same_as)
    return [made[row.version] for row in rows]


def _found(rows: QuerySet[Release], find: str) -> QuerySet[Release]:
    """Return the release of this version; if there is none, those whose shown digest begins with the text."""
    if find.isascii() and find.isdecimal() and len(find) < 19:
        of_version = rows.filter(version=int(find))
        if of_version.exists():
            return of_version
    start = find.lower()
    return rows.filter(Q(changes_sha256__startswith=start) | Q(snapshot_sha256__startswith=start, changes_sha256=""))
