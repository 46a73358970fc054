"""Status of messages to others: pending, sent, refused, and recipients that do not answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.messages.outbox import REFUSED
from tutela.organisations.models import OutboxMessage, RecipientAway
from tutela.organisations.vocabulary.backoff import pause_after


@dataclass(frozen=True)
class MessageState:
    """A message as people see it: waiting, sent or refused, with attempts, the next one and what is in the way."""

    id: UUID
    kind: str
    recipient: str
    state: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    answered_at: datetime | None
    last_error: str
    urgent: bool = False


@dataclass(frozen=True)
class Absence:
    """A recipient that does not answer: since when, how often it was asked, what came of it, and what waits for it."""

    recipient: str
    since: datetime
    attempts: int
    next_attempt_at: datetime
    error: str
    waiting: int
    urgent: int


def under_way(actor: Actor, recipient_id: UUID, subjects: Iterable[UUID]) -> set[UUID]:
    """About which of these something waits for a recipient's answer. Call inside `acting(actor)`."""
    rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, recipient_id=recipient_id)
    names = [str(one) for one in subjects]
    found = rows.filter(answered_at=None, subject_id__in=names).order_by().values_list("subject_id", flat=True)
    return {UUID(one) for one in found.distinct()}


def waiting_for(actor: Actor, kind: str) -> dict[UUID, int]:
    """The number of messages of a kind that await each recipient's answer. Call inside `acting(actor)`."""
    rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, kind=kind, answered_at=None)
    return dict(rows.order_by().values_list("recipient_id").annotate(n=Count("pk")))


def states(actor: Actor, subject_id: object) -> list[MessageState]:
    """The messages about one subject, oldest first."""
    with acting(actor):
        rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, subject_id=str(subject_id))
        away = _away()
        return [_shown(row, away) for row in rows.select_related("recipient").order_by("created_at")]


def answers_about(subject_id: object, kinds: Iterable[str]) -> dict[str, tuple[str, str]]:
    """State of each message of these kinds about a subject, by its key: waiting, sent or refused, and the reason.

    Call inside `acting(actor)`.
    """
    rows = OutboxMessage.objects.filter(subject_id=str(subject_id), kind__in=list(kinds))
    return {row.key: (_state(row), _reason(row.answer)) for row in rows}


def late(kind: str, before: datetime, ahead: datetime) -> list[tuple[str, str]]:
    """(subject, key) of urgent messages of a kind that nobody has taken, waiting or refused, written before a moment.

    Or after `ahead`: a clock that stood wrong wrote those. Call inside `acting(actor)`, as for the other.
    """
    written = Q(created_at__lte=before) | Q(created_at__gt=ahead)
    rows = OutboxMessage.objects.filter(Q(answered_at=None) | Q(REFUSED), written, kind=kind, urgent=True)
    return list(rows.values_list("subject_id", "key"))


def taken(kind: str, subjects: Iterable[str]) -> set[str]:
    """The keys of messages of a kind about some subjects that their recipients took, in whichever way."""
    rows = OutboxMessage.objects.filter(kind=kind, subject_id__in=set(subjects), answer_status__lt=300)
    return set(rows.values_list("key", flat=True))


def unsettled(actor: Actor, *, only_refused: bool = False) -> list[MessageState]:
    """Pending messages and refused ones that can be sent again, urgent and then newest first; at most 500."""
    with acting(actor):
        rows = OutboxMessage.objects.filter(Q(REFUSED) if only_refused else Q(answered_at=None) | Q(REFUSED))
        chosen = rows.exclude(sealed_body=b"").select_related("recipient").order_by("-urgent", "-created_at")[:500]
        away = _away()
        return [_shown(row, away) for row in chosen]


def absences(actor: Actor) -> list[Absence]:
    """Recipients that do not answer while something waits for them; the longest first."""
    with acting(actor):
        away = list(RecipientAway.objects.select_related("recipient").order_by("created_at"))
        if not away:
            return []
        rows = OutboxMessage.objects.filter(answered_at=None, recipient_id__in=[one.recipient_id for one in away])
        urgent_ones = Count("pk", filter=Q(urgent=True))
        counted = rows.order_by().values_list("recipient_id").annotate(all=Count("pk"), urgent_ones=urgent_ones)
        counts = {recipient: (total, urgent) for recipient, total, urgent in counted}
        return [_absence(one, *counts[one.recipient_id]) for one in away if one.recipient_id in counts]


def refused(actor: Actor) -> int:
    """The number of refused messages that can be sent again."""
    with acting(actor):
        return OutboxMessage.objects.filter(REFUSED).exclude(sealed_body=b"").count()


def undelivered_ids(actor: Actor) -> list[UUID]:
    """The organisation's messages without an answer, oldest first."""
    with acting(actor):
        rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, answered_at=None)
        return list(rows.order_by("created_at").values_list("pk", flat=True))


def _away() -> dict[UUID, tuple[RecipientAway, datetime]]:
    """Unreachable recipients, each with the time of the next attempt."""
    rows = list(RecipientAway.objects.all())
    waiting = OutboxMessage.objects.filter(
        answered_at=None, urgent=True, recipient_id__in=[r.recipient_id for r in rows]
    )
    urgent = set(waiting.order_by().values_list("recipient_id", flat=True).distinct()) if rows else set()
    return {one.recipient_id: (one, asked_at(one, urgent=one.recipient_id in urgent)) for one in rows}


def _absence(away: RecipientAway, waiting: int, urgent: int) -> Absence:
    again = asked_at(away, urgent=urgent > 0)
    return Absence(away.recipient.name, away.created_at, away.attempts, again, away.error, waiting, urgent)


def asked_at(away: RecipientAway, *, urgent: bool) -> datetime:
    """Time of the next attempt to an unreachable recipient. `urgent`: an urgent message is pending."""
    return away.tried_at + pause_after(away.attempts, urgent=urgent)


def _shown(row: OutboxMessage, away: Mapping[UUID, tuple[RecipientAway, datetime]]) -> MessageState:
    state, absence = _state(row), away.get(row.recipient_id)
    reason, at = row.last_error or (_reason(row.answer) if state == "refused" else ""), row.next_attempt_at
    if state == "waiting" and absence is not None:
        reason, at = absence[0].error, absence[1]
    return MessageState(
        row.id,
        row.kind,
        row.recipient.name,
        state,
        row.attempts,
        row.created_at,
        at,
        row.answered_at,
        reason,
        row.urgent,
    )


def _reason(answer: str) -> str:
    try:
        said = json.loads(answer)
        return str(said.get("detail") or said.get("title") or "")[:300]
    except (ValueError, AttributeError):
        return ""


def _state(row: OutboxMessage) -> str:
    if row.answered_at is None:
        return "waiting"
    return "sent" if 200 <= (row.answer_status or 0) < 300 else "refused"
