"""Record events: `record()` writes one event per change, in the change's own transaction.

The module also searches the recorded events.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from tutela import clock
from tutela.events import canonical_facts
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import uuid7, uuid7_of_hour
from tutela.events.models import Event, EventFacts, TransactionId


def record(
    actor: Actor, kind: str, subject_kind: str, subject_id: object, /, *, legal_basis: str = "", **facts: Any
) -> UUID:
    """Write the event of a change or of an access; returns its id.

    `facts` are references, enumerated words and commitments; never media, perceptual hashes or URLs of illegal content.
    Must be called inside `acting(actor)`; outside a transaction it refuses, because the change could survive its event.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("Call record() in the transaction of the change that it records.")
    event, known = rows_of(actor, kind, subject_kind, subject_id, legal_basis=legal_basis, **facts)
    if insert_all((event, known)):
        raise RuntimeError("An event was not written: its ID already exists.")
    return event.id


def record_of_hour(actor: Actor, kind: str, subject_kind: str, subject_id: object, /, **facts: Any) -> UUID:
    """Write an event as `record`, whose time and ID have the hour: neither says when an anonymous person was there."""
    event, known = rows_of(actor, kind, subject_kind, subject_id, **facts)
    event.id = known.event_id = uuid7_of_hour()
    event.at = clock.this_hour()
    if insert_all((event, known)):
        raise RuntimeError("An event was not written: its ID already exists.")
    return event.id


def rows_of(
    actor: Actor, kind: str, subject_kind: str, subject_id: object, /, *, legal_basis: str = "", **facts: Any
) -> tuple[Event, EventFacts]:
    """The rows that `record` writes, for a change that inserts all of its own rows at once by `insert_all`."""
    text, salt = canonical_facts.text(facts), os.urandom(32)
    event = Event(
        at=clock.now(),
        kind=kind,
        actor=actor.reference,
        actor_name=actor.name[:200],
        organisation_id=actor.organisation_id,
        purpose=actor.purpose,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        legal_basis=legal_basis,
        commitment=canonical_facts.commitment(salt, text),
    )
    return event, EventFacts(event_id=event.pk, organisation_id=actor.organisation_id, salt=salt, facts=text)


def record_many(actor: Actor, kind: str, subject_kind: str, subjects: Iterable[tuple[object, dict[str, Any]]]) -> int:
    """Record as `record`, for many subjects with one statement per table; return their number.

    Call inside `acting(actor)`.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("Call record_many() in the transaction of the changes that it records.")
    now, count = clock.now(), 0
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS events_many"
            " (id uuid, subject_id text, commitment bytea, salt bytea, facts text) ON COMMIT DELETE ROWS"
        )
        with cursor.copy("COPY events_many FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["uuid", "text", "bytea", "bytea", "text"])
            for subject, facts in subjects:
                text, salt = canonical_facts.text(facts), os.urandom(32)
                copy.write_row((uuid7(), str(subject), canonical_facts.commitment(salt, text), salt, text))
                count += 1
        by: list[Any] = [actor.reference, actor.name[:200], actor.organisation_id, actor.purpose]
        cursor.execute(
            "INSERT INTO events_event (id, at, kind, actor, actor_name, organisation_id, purpose, subject_kind,"
            " subject_id, legal_basis, commitment)"
            " SELECT id, %s, %s, %s, %s, %s, %s, %s, subject_id, '', commitment FROM events_many",
            [now, kind, *by, subject_kind],
        )
        cursor.execute(
            "INSERT INTO events_eventfacts (event_id, organisation_id, salt, facts)"
            " SELECT id, %s, salt, facts FROM events_many",
            [actor.organisation_id],
        )
        cursor.execute("TRUNCATE events_many")
    return count


# Events that account for what is gone, or for what must not be told: nobody erases what they say.
NEVER_ERASED = ("facts.erased", "retention.erased", "indicator.erased", "hold.", "desk.search")


@dataclass(frozen=True)
class Recorded:
    """An event as shown to people. `facts` is None once they have been erased."""

    id: UUID
    at: datetime
    kind: str
    actor: str
    actor_name: str
    organisation_id: UUID
    purpose: str
    subject_kind: str
    subject_id: str
    legal_basis: str
    facts: dict[str, Any] | None


@dataclass(frozen=True)
class EventFilter:
    """Search filter; empty fields do not restrict. `subject` is `kind:id`, a kind or an id."""

    subject: str = ""
    actor: str = ""
    purpose: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


def search(actor: Actor, wanted: EventFilter, *, limit: int = 50, offset: int = 0) -> list[Recorded]:
    """The actor's organisation's, or for an auditor everybody's, newest first. Call inside `acting(actor)`."""
    rows = Event.objects.select_related("facts_row").order_by("-at", "-id")
    if not actor.audits:
        # Row-level security enforces the same; the explicit filter lets the query use an index.
        rows = rows.filter(organisation_id=actor.organisation_id)
    kind, _, subject = wanted.subject.partition(":")
    if subject:
        rows = rows.filter(subject_kind=kind, subject_id=subject)
    elif wanted.subject:
        rows = rows.filter(subject_id=wanted.subject) | rows.filter(subject_kind=wanted.subject)
    if wanted.actor:
        by_reference = ":" in wanted.actor
        rows = rows.filter(actor=wanted.actor) if by_reference else rows.filter(actor_name__icontains=wanted.actor)
    if wanted.purpose:
        rows = rows.filter(purpose=wanted.purpose)
    if wanted.kind:
        # A whole kind is found by its index; for a part of one, every event is looked at.
        exact = rows.filter(kind=wanted.kind)
        rows = exact if exact.exists() else rows.filter(kind__startswith=wanted.kind)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(at__lt=wanted.until)
    return [_recorded(row) for row in rows[offset : offset + limit]]


def mentioned(actor: Actor, wanted: EventFilter, word: str) -> bool:
    """Return whether an event of the actor's organisation contains this word.

    Events whose facts were erased count too, because they may have contained it. From `wanted`, only the whole kind and
    the times are used. Call inside `acting(actor)`.
    """
    rows = Event.objects.filter(organisation_id=actor.organisation_id, kind=wanted.kind)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(at__lt=wanted.until)
    return rows.filter(Q(facts_row__isnull=True) | Q(facts_row__facts__contains=word)).exists()


def since(actor: Actor, kind: str, moment: datetime) -> int:
    """The number of events of a kind in the actor's organisation since a moment. Call inside `acting(actor)`."""
    return Event.objects.filter(organisation_id=actor.organisation_id, kind=kind, at__gte=moment).count()


def newest(actor: Actor, kind: str, *, subject: object = None, own: bool = False) -> datetime | None:
    """Time of the newest event of a kind in the actor's organisation, or of the actor's `own`.

    Call inside `acting(actor)`.
    """
    rows = Event.objects.filter(organisation_id=actor.organisation_id, kind=kind)
    if own:
        rows = rows.filter(actor=actor.reference)
    if subject is not None:
        rows = rows.filter(subject_id=str(subject))
    return rows.order_by("-at").values_list("at", flat=True).first()


def done_since(actor: Actor, beginning: str) -> set[str]:
    """Kinds of the actor's own events since the first one of the kind `beginning`; none before that one.

    Call inside `acting(actor)`.
    """
    own = Event.objects.filter(organisation_id=actor.organisation_id, actor=actor.reference)
    first = own.filter(kind=beginning).order_by("at").values_list("at", flat=True).first()
    return set() if first is None else set(own.filter(at__gte=first).values_list("kind", flat=True).distinct())


def one(event_id: UUID) -> Recorded:
    """One event. Raises `NotFound`. Call inside `acting(actor)`."""
    row = Event.objects.select_related("facts_row").filter(pk=event_id).first()
    if row is None:
        raise NotFound
    return _recorded(row)


def newest_purposes(count: int) -> dict[str, int]:
    """Counts of each purpose in the newest events that the actor may see. Call inside `acting(actor)`."""
    return dict(Counter(Event.objects.order_by("-at", "-id").values_list("purpose", flat=True)[:count]).most_common())


def timeline(subject_kind: str, subject_id: object) -> list[Recorded]:
    """Every event of one subject, oldest first. Call inside `acting(actor)`."""
    rows = Event.objects.select_related("facts_row").filter(subject_kind=subject_kind, subject_id=str(subject_id))
    return [_recorded(row) for row in rows.order_by("at", "id")]


def recorded_in_this_transaction() -> list[Recorded]:
    """Every event that the running transaction has written, oldest first. Call inside `acting(actor)`."""
    rows = Event.objects.select_related("facts_row").filter(xact=TransactionId())
    return [_recorded(row) for row in rows.order_by("at", "id")]


def erasable_of(subject_kind: str, subject_id: object, organisation_id: UUID) -> list[UUID]:
    """An organisation's events of one subject whose facts are kept and may go. Call inside `acting(actor)`."""
    rows = Event.objects.filter(
        subject_kind=subject_kind, subject_id=str(subject_id), organisation_id=organisation_id, facts_row__isnull=False
    )
    return [pk for pk, kind in rows.order_by("at", "id").values_list("pk", "kind") if not kind.startswith(NEVER_ERASED)]


def check_erasable(actor: Actor, event_id: UUID) -> None:
    """Check that facts can be erased.

    Raises `NotFound` if the organisation keeps none, `Invalid` if the event must keep them.
    """
    if not EventFacts.objects.filter(event_id=event_id, organisation_id=actor.organisation_id).exists():
        raise NotFound
    if Event.objects.get(pk=event_id).kind.startswith(NEVER_ERASED):
        raise Invalid("This event records an erasure, a hold or a search. Its facts cannot be erased.", field="reason")


def erase_facts(actor: Actor, event_id: UUID, reason: str) -> bool:
    """Delete an event's salt and facts; its place in the chain stays and still verifies. False if none are kept.

    The erasure is recorded as an event: without one, the verifier reports missing facts as a deletion.
    """
    if not reason.strip():
        raise Invalid("Enter the reason why the facts must be erased.", field="reason")
    kind = Event.objects.filter(pk=event_id).values_list("kind", flat=True).first() or ""
    if kind.startswith(NEVER_ERASED):
        raise Invalid("This event records an erasure, a hold or a search. Its facts cannot be erased.", field="reason")
    if not EventFacts.objects.filter(event_id=event_id, organisation_id=actor.organisation_id).delete()[0]:
        return False
    record(actor, "facts.erased", "event", event_id, reason=reason.strip()[:200])
    return True


def _recorded(row: Event) -> Recorded:
    kept = getattr(row, "facts_row", None)
    return Recorded(
        id=row.id,
        at=row.at,
        kind=row.kind,
        actor=row.actor,
        actor_name=row.actor_name,
        organisation_id=row.organisation_id,
        purpose=row.purpose,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        legal_basis=row.legal_basis,
        facts=json.loads(kept.facts) if kept else None,
    )
