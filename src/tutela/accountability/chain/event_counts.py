"""Counts of events as the chain has them: each subject once, up to a position of the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection

from tutela.accountability.models import Entry

COUNT = """
SELECT count(DISTINCT e.subject_id) FROM events_event e JOIN accountability_entry a ON a.event_id = e.id
WHERE e.organisation_id = %s AND e.kind = ANY(%s) AND a.position <= %s
  AND e.at >= %s::date::timestamp AT TIME ZONE 'UTC' AND e.at < %s::date::timestamp AT TIME ZONE 'UTC'
"""
OUTSIDE = """
SELECT count(*) FROM events_event e WHERE e.organisation_id = %s AND e.kind = ANY(%s)
  AND e.at >= %s::date::timestamp AT TIME ZONE 'UTC' AND e.at < %s::date::timestamp AT TIME ZONE 'UTC'
  AND NOT EXISTS (SELECT 1 FROM accountability_entry a WHERE a.event_id = e.id)
"""


@dataclass(frozen=True)
class ChainPoint:
    """A position of the chain and its head there, in hex."""

    position: int
    head: str


def newest() -> ChainPoint:
    """The end of the chain; position 0 of an empty one."""
    row = Entry.objects.order_by("-position").first()
    return ChainPoint(row.position, bytes(row.head).hex()) if row else ChainPoint(0, "")


def point_at(position: int) -> ChainPoint | None:
    """The chain at a position; None if it is shorter."""
    row = Entry.objects.filter(position=position).first()
    return ChainPoint(row.position, bytes(row.head).hex()) if row else None


def subjects(organisation_id: UUID, kinds: Sequence[str], first: date, last: date, position: int) -> int:
    """How many subjects had an event of these kinds in these days, both included, up to a position of the chain.

    Call inside `acting(actor)`, or as the database's owner.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [organisation_id, list(kinds), position, first, last + timedelta(days=1)])
        return int(cursor.fetchone()[0])


def unsequenced(organisation_id: UUID, kinds: Sequence[str], first: date, last: date) -> int:
    """How many events of these kinds and days are not in the chain yet. Call as `subjects`."""
    with connection.cursor() as cursor:
        cursor.execute(OUTSIDE, [organisation_id, list(kinds), first, last + timedelta(days=1)])
        return int(cursor.fetchone()[0])
