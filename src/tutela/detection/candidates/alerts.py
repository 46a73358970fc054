"""Alerts of a provider: urgent candidates that nobody has decided.

Marking a candidate as urgent raises an alert. The alert repeats until somebody answers, and again after the deadline
(`casework.alerts`), until the candidate is decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.alerts.schedule import AlertHistory, AlertState, histories
from tutela.casework.alerts.subjects import AlertTexts, SubjectKind
from tutela.detection.models import Candidate
from tutela.law.clock_kinds import KINDS

CANDIDATE, URGENT_CLOCK = "candidate", "urgent_candidate"
# States in which a candidate needs a decision.
PENDING_STATES = ("open", "second", "disputed")
# Urgent candidates come first on it.
PAGE = "/desk/candidates/"


def _pending() -> Iterable[AlertState]:
    rows = Candidate.objects.filter(urgent=True, state__in=PENDING_STATES).values_list("pk", "created_at")
    found = dict(rows)
    said = histories(CANDIDATE, found)
    return [_state(one, said.get(one, AlertHistory()), found[one]) for one in found]


def unanswered(candidate: UUID) -> bool:
    """Whether a candidate that needs a decision has an unanswered alert. Call inside `acting(actor)`."""
    pending = Candidate.objects.filter(pk=candidate, urgent=True, state__in=PENDING_STATES).exists()
    return pending and any(one.unanswered for one in histories(CANDIDATE, [candidate]).values())


def _state(candidate: UUID, history: AlertHistory, came_at: datetime) -> AlertState:
    return AlertState(
        subject_kind=CANDIDATE,
        subject_id=candidate,
        history=history,
        due=KINDS[URGENT_CLOCK].length.after(history.first or clock.now()),
        came_at=came_at,
        number=str(candidate)[-12:],
    )


def _lock(candidate: UUID) -> bool:
    return Candidate.objects.select_for_update().filter(pk=candidate, urgent=True).first() is not None


CANDIDATES = SubjectKind(
    name=CANDIDATE,
    event_subject=CANDIDATE,
    read="detection.read",
    answer="detection.review",
    clock=URGENT_CLOCK,
    desk="provider",
    page=PAGE,
    texts=AlertTexts(
        headline=_("Tutela: urgent candidates with unanswered alerts: %(count)s"),
        line=_("%(number)s: decide by %(due)s (%(why)s)"),
    ),
    pending=_pending,
    lock=_lock,
)
