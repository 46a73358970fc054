"""Whether what was sent has arrived: asked by whoever answers for it, long after it was written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from tutela.organisations.models import OutboxMessage
from tutela.organisations.outbox import REFUSED


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
