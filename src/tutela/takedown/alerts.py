"""Alerts of a hotline: urgent cases that nobody has answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.alerts.schedule import AlertHistory, AlertState, histories
from tutela.casework.alerts.subjects import AlertTexts, SubjectKind
from tutela.casework.anonymous import inbox
from tutela.takedown.assessment.assess import URGENT_CLOCK
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.intake import public_report
from tutela.takedown.intake.public_report import CONVERSATION
from tutela.takedown.models import Stage, TakedownCase

# Somebody may be in danger: an alert is late after so long.
ANSWER_WITHIN = timedelta(hours=1)
PAGE = "/desk/takedown/?urgent=1&stage=assess"


def _pending() -> Iterable[AlertState]:
    """Urgent cases to assess, and those already assessed whose newest alert nobody has answered."""
    rows = list(TakedownCase.objects.filter(urgent=True).exclude(stage=Stage.CLOSED).defer("sealed_address"))
    said = histories(SUBJECT, (row.pk for row in rows))
    return [
        _state(SUBJECT, row.pk, row.number, row.reported_at, history)
        for row in rows
        for history in [said.get(row.pk, AlertHistory())]
        if row.stage == Stage.ASSESS or history.unanswered
    ]


def _messages() -> Iterable[AlertState]:
    """Messages of danger without a usable address, until somebody answers the person."""
    rows = inbox.waiting_of(public_report.URGENT_REPORT.code)
    said = histories(CONVERSATION, (row.id for row in rows))
    return [_state(CONVERSATION, row.id, row.number, row.since, said[row.id]) for row in rows if row.id in said]


def _state(kind: str, subject: UUID, number: str, came_at: datetime, history: AlertHistory) -> AlertState:
    return AlertState(
        subject_kind=kind,
        subject_id=subject,
        history=history,
        due=(history.restarted or history.first or clock.now()) + ANSWER_WITHIN,
        came_at=came_at,
        number=number,
    )


def _lock(case_id: UUID) -> bool:
    return TakedownCase.objects.select_for_update().filter(pk=case_id, urgent=True).first() is not None


TEXTS = AlertTexts(
    headline=_("Tutela: urgent public reports with unanswered alerts: %(count)s"),
    line=_("%(number)s: answer by %(due)s (%(why)s)"),
)
MESSAGES = SubjectKind(
    name=CONVERSATION,
    event_subject=CONVERSATION,
    read="takedown.read",
    answer="takedown.assess",
    clock=URGENT_CLOCK,
    desk="hotline",
    page="/desk/conversations/",
    texts=TEXTS,
    pending=_messages,
    lock=inbox.lock,
)
CASES = SubjectKind(
    name=SUBJECT,
    event_subject=SUBJECT,
    read="takedown.read",
    answer="takedown.assess",
    clock=URGENT_CLOCK,
    desk="hotline",
    page=PAGE,
    texts=TEXTS,
    pending=_pending,
    lock=_lock,
)
KINDS = (SUBJECT, CONVERSATION)
