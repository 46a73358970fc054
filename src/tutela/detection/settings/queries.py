"""SQL queries for states derived from rows, and locks for rows that may not be updated."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from tutela.detection.models import (
    Answer,
    Candidate,
    Discard,
    Dispatch,
    Draft,
    Receipt,
    ReceivedFeedback,
    Sending,
    Tip,
    TipState,
    WithdrawnMark,
)
from tutela.events.actor import Actor

# These kinds of feedback do not change a report's status.
NO_STATE = ("received", "hold", "stands")
# From each value to the next one: nothing in PostgreSQL skips through an index by itself.
KINDS = """
WITH RECURSIVE found AS (
  (SELECT {column} AS value FROM detection_match WHERE organisation_id = %(organisation)s ORDER BY {column} LIMIT 1)
  UNION ALL
  SELECT (SELECT m.{column} FROM detection_match m WHERE m.organisation_id = %(organisation)s AND m.{column} > f.value
          ORDER BY m.{column} LIMIT 1) FROM found f WHERE f.value IS NOT NULL
) SELECT value FROM found WHERE value IS NOT NULL
"""
# A sending to another interface that has not ended.
UNDER_WAY = (TipState.WAITING, TipState.OPEN)


def candidates() -> QuerySet[Candidate]:
    """Candidates, the most urgent first, then the oldest."""
    return Candidate.objects.defer("found_by").order_by("-urgent", "created_at", "id")


def drafts() -> QuerySet[Any]:
    """Drafts, newest first, with whether an entry under them was withdrawn."""
    marked = WithdrawnMark.objects.filter(subject_kind="report", subject_id=OuterRef("pk"))
    return Draft.objects.defer("found_by").annotate(withdrawn=Exists(marked)).order_by("-created_at", "-id")


def refresh(row: Draft) -> None:
    """Write a draft's state from the rows that make it. Call inside `acting(actor)`, after every such row."""
    told = ReceivedFeedback.objects.filter(draft=row).exclude(kind__in=NO_STATE).order_by("-at", "-id").first()
    row.state = _state_of(row, told)
    row.why_not = told.reason_code if told and told.kind == "not_relevant" else ""
    Draft.objects.filter(pk=row.pk).update(state=row.state, why_not=row.why_not)


def _state_of(row: Draft, told: ReceivedFeedback | None) -> str:
    if Discard.objects.filter(draft=row).exists():
        return "discarded"
    if told is not None:
        return told.kind
    if Receipt.objects.filter(draft=row).exists():
        return "received"
    sent = Sending.objects.filter(draft=row).order_by("-number").first()
    if sent is not None:
        answer = Answer.objects.filter(draft=row, sending_number=sent.number).order_by("-created_at").first()
        return answer.kind if answer else "waiting"
    filed = Tip.objects.filter(draft=row, state=TipState.FINISHED, endpoint__production=True)
    return "notified" if Dispatch.objects.filter(draft=row).exists() or filed.exists() else "drafted"


def under_way(draft: Draft) -> bool:
    """Whether a sending of a report to another interface has not ended. Call inside `acting(actor)`."""
    return draft.tips.filter(state__in=UNDER_WAY).exists()


def lock(actor: Actor, name: str, *, shared: bool = False) -> None:
    """Take the organisation's lock of this name; held until the transaction ends."""
    digest = hashlib.sha256(f"detection:{actor.organisation_id}:{name}".encode()).digest()
    verb = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {verb}(%s)", [int.from_bytes(digest[:8], "big", signed=True)])


def kinds_of(actor: Actor, column: str) -> list[str]:
    """The values of a column of matches, by name: one look into its index for each, however many matches there are."""
    if column not in ("rule", "list_id"):
        raise ValueError(column)
    with connection.cursor() as cursor:
        cursor.execute(KINDS.format(column=column), {"organisation": actor.organisation_id})
        return [value for (value,) in cursor.fetchall()]
