"""Withdrawn indicators: mark what relied on them and close what has no other evidence.

Intake holds a shared lock while it checks for withdrawals. A withdrawal holds the lock exclusively while it searches
for candidates. Neither can miss the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela.detection.candidates import outcomes
from tutela.detection.models import Candidate, Draft, Match, Outcome, Withdrawal, WithdrawnMark
from tutela.detection.settings.queries import lock
from tutela.events.actor import Actor
from tutela.events.list_access import every
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral import withdrawal as wire

LOCK = "withdrawals"


@dataclass(frozen=True)
class WithdrawnView:
    """A withdrawal as the desk shows it: how many candidates and reports rested on it."""

    indicator_id: UUID
    reason: str
    at: datetime
    candidates: int
    reports: int


def receive(actor: Actor, message: wire.Withdrawal, sender_id: UUID) -> int:
    """Mark everything that rested on the indicator; returns how much. Saying it twice changes nothing.

    Call inside `acting(actor)`, with the provider's machine as the actor.
    """
    if message.indicator is None:
        return 0  # a report alone was wrong: its own feedback says so
    lock(actor, LOCK)
    row, new = Withdrawal.objects.get_or_create(
        organisation_id=actor.organisation_id,
        indicator_id=message.indicator,
        defaults={"reason": message.said[:1000], "withdrawn_at": message.at, "sender_id": sender_id},
    )
    if not new:
        return row.marks.count()
    resting = list(Candidate.objects.filter(matches__entry_id=message.indicator).distinct())
    record(actor, "indicator.withdrawn", "indicator", message.indicator, candidates=len(resting))
    for candidate in resting:
        _apply(actor, candidate, [row])
    return row.marks.count()


def apply_known(actor: Actor, candidate: Candidate) -> None:
    """Mark a candidate that has just come in with entries withdrawn before. Call inside `acting(actor)`."""
    lock(actor, LOCK, shared=True)
    entries = Match.objects.filter(candidate=candidate).values("entry_id")
    known = list(Withdrawal.objects.filter(indicator_id__in=entries))
    if known:
        _apply(actor, candidate, known)


def standing(candidate: Candidate) -> list[Match]:
    """The matches that still carry the candidate, strongest first. Call inside `acting(actor)`."""
    gone = Withdrawal.objects.values("indicator_id")
    return list(candidate.matches.exclude(entry_id__in=gone).order_by("place"))


def gone(entries: Iterable[UUID]) -> set[UUID]:
    """The withdrawn ones among these indicators. Call inside `acting(actor)`."""
    rows = Withdrawal.objects.filter(indicator_id__in=list(entries))
    return set(rows.values_list("indicator_id", flat=True))


def of_subject(subject_id: UUID) -> list[Withdrawal]:
    """Withdrawals of indicators that a candidate or report relied on. Call inside `acting(actor)`."""
    return list(Withdrawal.objects.filter(marks__subject_id=subject_id).order_by("created_at"))


def list_withdrawn(actor: Actor, limit: int = 500) -> list[WithdrawnView]:
    """The newest withdrawals, at most `limit`; a look at the indicators of each."""
    actor.require("detection.read")
    with acting(actor):
        rows = list(Withdrawal.objects.order_by("-created_at").prefetch_related("marks")[:limit])
        every(actor, "indicator", (row.indicator_id for row in rows), state="withdrawn")
        return [_shown(row) for row in rows]


def _shown(row: Withdrawal) -> WithdrawnView:
    kinds = [mark.subject_kind for mark in row.marks.all()]
    return WithdrawnView(
        row.indicator_id, row.reason, row.withdrawn_at, kinds.count("candidate"), kinds.count("report")
    )


def _apply(actor: Actor, candidate: Candidate, rows: Iterable[Withdrawal]) -> None:
    # Locked before anything is looked at, so that nobody confirms it in the same moment and drafts unseen.
    Candidate.objects.select_for_update().get(pk=candidate.pk)
    draft = Draft.objects.filter(candidate_ref=candidate.pk).first()
    subjects = [("candidate", candidate.pk)] + ([("report", draft.pk)] if draft else [])
    WithdrawnMark.objects.bulk_create(
        [
            WithdrawnMark(organisation_id=actor.organisation_id, withdrawal=row, subject_kind=kind, subject_id=subject)
            for row in rows
            for kind, subject in subjects
        ],
        ignore_conflicts=True,
    )
    if not standing(candidate) and not Outcome.objects.filter(subject_id=candidate.pk).exists():
        outcomes.end(actor, candidate, "withdrawn")
        record(actor, "candidate.closed", "candidate", candidate.pk, reason="indicator_withdrawn")
