"""Holds on information requests: an authority asks that a person is told nothing until a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.law import holds
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES
from tutela.victims import step_rows
from tutela.victims.information import rows
from tutela.victims.information.rows import SUBJECT, WORK


def authorities() -> list[DirectoryEntry]:
    """Verified authorities, which may ask for a hold."""
    found = [one for kind in sorted(AUTHORITIES) for one in directory.list_organisations(kind=kind)]
    return [one for one in found if one.verified]


def place(actor: Actor, request_id: UUID, authority: UUID, last_day: date, reason: str) -> None:
    """Record a hold that an authority asked for. Raises `Invalid`, `UnknownInformationRequest`, `HoldTooLong`.

    After the answer it keeps notices of future sightings back.
    """
    actor.require(WORK)
    said = step_rows.checked(reason, "reason")
    if authority not in [one.id for one in authorities()]:
        raise Invalid("Choose the authority.", field="authority")
    until = datetime.combine(last_day, time.max, UTC)
    if until <= clock.now():
        raise Invalid("The day is in the past.", field="last_day")
    with acting(actor):
        row = rows.locked(request_id)
        holds.place(actor, SUBJECT, row.pk, asked_by=authority, reason=said, until=until)
