"""Publish the figures of complete quarters, and let providers reply first.

1. A quarter is stored once, when it is complete (`public_figures`), and published `REPLY_WITHIN` later.
2. Until then a provider of the directory that has a line of its own sees this line, and may reply.
3. The newest reply of each provider is published with the figures. After publication nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.errors import AlreadyPublished
from tutela.takedown.ledger import public_figures
from tutela.takedown.ledger.histories import READ, load_histories
from tutela.takedown.ledger.public_figures import PublicLine, PublicQuarter
from tutela.takedown.models import FigureQuarter, FigureReply

REPLY = "hosting.decide"
REPLY_WITHIN = timedelta(days=14)
MOST_CHARACTERS = 1000
SUBJECT = "takedown_figures"
_BODY = TypeAdapter(PublicQuarter)


@dataclass(frozen=True)
class PublishedQuarter:
    """A quarter as everybody sees it, with replies: pairs of provider and text."""

    figures: PublicQuarter
    replies: list[tuple[str, str]]


@dataclass(frozen=True)
class OwnLine:
    """A provider's own line of a quarter of a hotline. `reply`: what it has said so far."""

    id: UUID
    hotline: str
    first_week: str
    last_week: str
    line: PublicLine
    publish_at: datetime
    reply: str

    @property
    def open(self) -> bool:
        """Whether a reply still counts."""
        return clock.now() < self.publish_at


def store_complete(actor: Actor) -> int:
    """Store the quarters that have become complete; returns how many. For a job of every day."""
    actor.require(READ)
    now = clock.now()
    newest = public_figures.newest_complete(now)
    with acting(actor):
        known = set(FigureQuarter.objects.values_list("first_week", flat=True))
    if newest in known:
        return 0
    found = [one for one in public_figures.public_figures(load_histories(actor), now) if one.first_week not in known]
    with acting(actor):
        return sum(_stored(actor, one, now) for one in found)


def _stored(actor: Actor, quarter: PublicQuarter, now: datetime) -> bool:
    row = FigureQuarter(
        organisation_id=actor.organisation_id,
        first_week=quarter.first_week,
        body=_BODY.dump_python(quarter, mode="json"),
        publish_at=now + REPLY_WITHIN,
    )
    if not insert_ignore(row):
        return False
    record(actor, "takedown_figures.stored", SUBJECT, row.pk, week=quarter.first_week)
    return True


def published(actor: Actor) -> list[PublishedQuarter]:
    """The published quarters of the actor's organisation, the newest first."""
    with acting(actor):
        rows = FigureQuarter.objects.filter(publish_at__lte=clock.now()).order_by("-first_week")
        return [
            PublishedQuarter(_BODY.validate_python(row.body), [(one.provider, one.text) for one in _newest(row)])
            for row in rows.prefetch_related("replies")
        ]


def lines_about(actor: Actor) -> list[OwnLine]:
    """The lines about the actor's organisation in the figures of all hotlines, the newest first."""
    actor.require("hosting.read")
    own = directory.entry(actor.organisation_id)
    return [one for entry in _hotlines() for one in _lines(entry, own)]


def reply(actor: Actor, quarter_id: UUID, text: str) -> None:
    """Reply to one's own line. Raises `NotFound`, `AlreadyPublished`, `Invalid`."""
    actor.require(REPLY)
    if not text.strip() or len(text.strip()) > MOST_CHARACTERS:
        raise Invalid("Write 1 to {most} characters.", field="text", most=MOST_CHARACTERS)
    own = directory.entry(actor.organisation_id)
    for entry in _hotlines():
        for one in _lines(entry, own):
            if one.id == quarter_id:
                _reply(actor, entry, one, text.strip())
                return
    raise NotFound


def _reply(actor: Actor, entry: DirectoryEntry, line: OwnLine, text: str) -> None:
    if not line.open:
        raise AlreadyPublished
    hotline = directory.acting_for(entry, actor.reference, actor.name, frozenset({READ}))
    with acting(hotline):
        row = FigureReply(
            organisation_id=entry.id,
            quarter_id=line.id,
            provider_id=actor.organisation_id,
            provider=line.line.name,
            text=text,
            by=actor.reference,
        )
        row.save()
        record(hotline, "takedown_figures.replied", SUBJECT, line.id, provider=actor.organisation_id)


def _hotlines() -> list[DirectoryEntry]:
    return [one for one in directory.list_organisations(kind="hotline") if one.verified]


def _lines(entry: DirectoryEntry, own: DirectoryEntry) -> Iterable[OwnLine]:
    """The lines of a hotline's quarters that have a provider's name."""
    if not own.verified:
        raise Forbidden
    hotline = directory.acting_for(entry, "system:takedown", "Public figures", frozenset({READ}))
    with acting(hotline):
        rows = list(FigureQuarter.objects.order_by("-first_week").prefetch_related("replies"))
    for row in rows:
        figures = _BODY.validate_python(row.body)
        line = next((one for one in figures.providers if one.name.casefold() == own.name.casefold()), None)
        if line is not None:
            said = next((one.text for one in _newest(row) if one.provider_id == own.id), "")
            yield OwnLine(row.pk, entry.name, figures.first_week, figures.last_week, line, row.publish_at, said)


def _newest(row: FigureQuarter) -> list[FigureReply]:
    """The newest reply of each provider."""
    found = {one.provider_id: one for one in sorted(row.replies.all(), key=lambda one: (one.created_at, one.pk))}
    return sorted(found.values(), key=lambda one: one.provider)
