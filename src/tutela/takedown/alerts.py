"""Alerts of a hotline: urgent cases that nobody has answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.alerts.schedule import AlertHistory, AlertState, histories
from tutela.casework.alerts.subjects import AlertTexts, SubjectKind
from tutela.casework.anonymous import inbox, reserve
from tutela.takedown.assessment.assess import URGENT_CLOCK
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.intake import public_report
from tutela.takedown.intake.public_report import CONVERSATION
from tutela.takedown.models import Stage, TakedownCase

# Somebody may be in danger: an alert is late after so long.
ANSWER_WITHIN = timedelta(hours=1)
# Of each hour whose messages of danger are in the reserve there is one subject.
RESERVE_GROUPS = UUID("3c1d6c1e-0f5f-4c0a-9a8e-6f2f6f6b1f0a")
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


def _reserve() -> Iterable[AlertState]:
    """Messages of danger in the reserve: one subject for each hour, whatever their number."""
    hours = {_group(hour): (hour, many) for hour, many in inbox.reserve_of(public_report.URGENT_REPORT.code).items()}
    said = histories(reserve.ALERT, hours)
    return [
        AlertState(
            subject_kind=reserve.ALERT,
            subject_id=group,
            history=history,
            due=(history.first or clock.now()) + ANSWER_WITHIN,
            came_at=hour,
            many=many,
        )
        for group, (hour, many) in hours.items()
        for history in [said.get(group, AlertHistory())]
    ]


def _group(hour: datetime) -> UUID:
    return uuid5(RESERVE_GROUPS, hour.isoformat())


def _state(kind: str, subject: UUID, number: str, came_at: datetime, history: AlertHistory) -> AlertState:
    return AlertState(
        subject_kind=kind,
        subject_id=subject,
        history=history,
        due=(history.restarted or history.first or clock.now()) + ANSWER_WITHIN,
        came_at=came_at,
        number=number,
    )


def _lock_reserve(group: UUID) -> bool:
    return group in {_group(hour) for hour in inbox.reserve_of(public_report.URGENT_REPORT.code)}


def _lock(case_id: UUID) -> bool:
    return TakedownCase.objects.select_for_update().filter(pk=case_id, urgent=True).first() is not None


TEXTS = AlertTexts(
    headline=_("Tutela: urgent public reports with unanswered alerts: %(count)s"),
    line=_("%(number)s: answer by %(due)s (%(why)s)"),
    counted=_("Messages of danger in the reserve: %(count)s. Read the first by %(due)s"),
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
RESERVE = SubjectKind(
    name=reserve.ALERT,
    event_subject=CONVERSATION,
    read="takedown.read",
    answer="takedown.assess",
    clock=URGENT_CLOCK,
    desk="hotline",
    page=f"/desk/conversations/?state={inbox.RESERVE}",
    texts=TEXTS,
    pending=_reserve,
    lock=_lock_reserve,
    counts="messages",
)
KINDS = (SUBJECT, CONVERSATION, reserve.ALERT)
