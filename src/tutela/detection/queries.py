"""The SQL worth naming: states that are read from rows, and locks for rows that may not be updated."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from tutela.detection.models import (
    Answer,
    Candidate,
    Discard,
    Dispatch,
    Draft,
    Exposure,
    Match,
    Outcome,
    Receipt,
    ReceivedFeedback,
    Sending,
    UrgentMark,
    WithdrawnMark,
)
from tutela.events.actor import Actor

# A candidate of a two-person service: one decision waits for the second; two that differ wait for a lead.
CANDIDATE_STATES = ("open", "second", "disputed", "confirmed", "withdrawn")
DRAFT_STATES = (
    "drafted", "waiting", "refused", "unproven", "received", "relevant", "not_relevant", "closed", "notified",
    "discarded",
)  # fmt: skip


# Feedback that says nothing of where a report stands.
NO_STATE = ("received", "hold")


def candidates() -> QuerySet[Any]:
    """Candidates with their state, the most urgent first, then the oldest."""
    outcome = Outcome.objects.filter(subject_id=OuterRef("pk")).values("kind")[:1]
    strongest = Match.objects.filter(candidate=OuterRef("pk")).order_by("place")
    return Candidate.objects.annotate(
        reviewed=Count("reviews", distinct=True),
        ended=Subquery(outcome),
        urgent=Exists(UrgentMark.objects.filter(candidate=OuterRef("pk"))),
        best_rule=Subquery(strongest.values("rule")[:1]),
        best_list=Subquery(strongest.values("list_id")[:1]),
        state=Case(
            When(ended__isnull=False, then=F("ended")),
            When(reviewed=0, then=Value("open")),
            When(reviewed=1, then=Value("second")),
            default=Value("disputed"),
            output_field=CharField(),
        ),
    ).order_by("-urgent", "created_at", "id")


def drafts() -> QuerySet[Any]:
    """Drafts with their state, newest first."""
    mine = OuterRef("pk")
    sent = Sending.objects.filter(draft=mine).order_by("-number").values("number")[:1]
    answer = Answer.objects.filter(draft=mine, sending_number=OuterRef("sent")).order_by("-created_at").values("kind")
    told = ReceivedFeedback.objects.filter(draft=mine).exclude(kind__in=NO_STATE).order_by("-at", "-id").values("kind")
    rows = Draft.objects.annotate(sent=Subquery(sent)).annotate(
        answered=Subquery(answer[:1]),
        told=Subquery(told[:1]),
        withdrawn=Exists(WithdrawnMark.objects.filter(subject_kind="report", subject_id=mine)),
    )
    return rows.annotate(
        state=Case(
            When(Exists(Discard.objects.filter(draft=mine)), then=Value("discarded")),
            When(told__isnull=False, then=F("told")),
            When(Exists(Receipt.objects.filter(draft=mine)), then=Value("received")),
            When(Q(sent__isnull=False), then=Coalesce(F("answered"), Value("waiting"))),
            When(Exists(Dispatch.objects.filter(draft=mine)), then=Value("notified")),
            default=Value("drafted"),
            output_field=CharField(),
        )
    ).order_by("-created_at", "-id")


def lock(actor: Actor, name: str, *, shared: bool = False) -> None:
    """Wait for whoever holds the organisation's lock of this name; held until the transaction ends."""
    digest = hashlib.sha256(f"detection:{actor.organisation_id}:{name}".encode()).digest()
    verb = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {verb}(%s)", [int.from_bytes(digest[:8], "big", signed=True)])


def opened(actor: Actor, candidate: Candidate) -> QuerySet[Exposure]:
    """The actor's own exposures to one candidate."""
    return Exposure.objects.filter(subject_id=candidate.pk, by=actor.reference).order_by("-created_at")
