"""Releases of the register's list as a page: filtered and sorted by the database."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from tutela.accountability.public_log import log
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage
from tutela.events.transaction import acting
from tutela.indicators.models import Release
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import head as releases_head

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
    """A release, and its number in the public log; none while it waits for the log's witnesses."""

    row: Release
    number: int | None


def list_releases(
    actor: Actor, part: ListPage = FIRST_PAGE, *, find: str = "", state: str = ""
) -> tuple[list[ReleaseView], bool]:
    """A part of the releases, the newest first or by one of `SORTS`; whether more follow.

    `find` is a version, or how a snapshot's SHA-256 begins. `announced` ones may be fetched, those after them are
    `waiting`.
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
    return [ReleaseView(row, numbers.get(row.event_id)) for row in found], more


def _found(rows: QuerySet[Release], find: str) -> QuerySet[Release]:
    """Return the release of this version; if there is none, those whose digest begins with the text."""
    if find.isascii() and find.isdecimal() and len(find) < 19:
        of_version = rows.filter(version=int(find))
        if of_version.exists():
            return of_version
    return rows.filter(snapshot_sha256__startswith=find.lower())
