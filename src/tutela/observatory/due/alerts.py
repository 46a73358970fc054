"""Alerts about what is due: a claim whose review is overdue, and a return that is not filed after its date.

An alert ends when the claim is reviewed, or when the return is filed. Claims alert the Centre alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.alerts import escalation
from tutela.casework.alerts.schedule import AlertState, histories
from tutela.casework.alerts.subjects import AlertTexts, SubjectKind
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.law.clock_kinds import KINDS as CLOCKS
from tutela.observatory.due import claim_reviews
from tutela.observatory.returns import filed

CLOCK = "figures_alert"
RETURN = "late_return"
PAGE = "/desk/figures/due/"


@dataclass(frozen=True)
class Due:
    """A subject that is due: its UUID for alerts, a short name, and the day that has passed."""

    id: UUID
    name: str
    day: date


def claims() -> list[Due]:
    """Claims that are overdue. Call inside `acting(actor)`."""
    found = claim_reviews.overdue(clock.now().date())
    return [Due(claim_reviews.claim_uuid(one.id), one.id, day) for one, day in found]


def late_returns() -> list[Due]:
    """Returns of the organisation that are late. Call inside `acting(actor)`."""
    return [
        Due(uuid5(owner, f"{form.id} {period}"), f"{form.id} {period}", form.due_on(period) or period.end)
        for owner, form, period in filed.late_forms(clock.now())
    ]


def is_late(actor: Actor, late_return: UUID) -> bool:
    """Return true if this is a late return of the actor's organisation."""
    with acting(actor):
        return _known(late_return, late_returns())


def raise_claims(actor: Actor) -> int:
    """Raise the first alert about each overdue claim of the Centre; returns how many. For a job."""
    with acting(actor):
        return _raise(actor, claim_reviews.SUBJECT, claims())


def raise_returns(actor: Actor) -> int:
    """Raise the first alert about each late return; returns how many. For a job."""
    with acting(actor):
        return _raise(actor, RETURN, late_returns())


def _raise(actor: Actor, subject: str, due: Iterable[Due]) -> int:
    ids = [one.id for one in due]
    known = histories(subject, ids)
    new = [one for one in ids if one not in known]
    for one in new:
        escalation.raise_first(actor, subject, one)
    return len(new)


def _states(subject: str, due: list[Due]) -> list[AlertState]:
    known = histories(subject, [one.id for one in due])
    return [
        AlertState(
            subject_kind=subject,
            subject_id=one.id,
            history=known[one.id],
            due=CLOCKS[CLOCK].length.after(known[one.id].restarted or known[one.id].first or clock.now()),
            came_at=datetime.combine(one.day, time(), UTC),
            number=one.name,
        )
        for one in due
        if one.id in known
    ]


def _known(subject_id: UUID, due: Iterable[Due]) -> bool:
    """Whether this is due. Nothing is locked: what is due follows from files and filed returns."""
    return any(one.id == subject_id for one in due)


CLAIMS = SubjectKind(
    name=claim_reviews.SUBJECT,
    event_subject=claim_reviews.SUBJECT,
    read=claim_reviews.REVIEW,
    answer=claim_reviews.REVIEW,
    clock=CLOCK,
    desk="centre",
    page=PAGE,
    texts=AlertTexts(
        headline=_("Tutela: claims whose review is overdue: %(count)s"),
        line=_("%(number)s: answer by %(due)s (%(why)s)"),
    ),
    pending=lambda: _states(claim_reviews.SUBJECT, claims()),
    lock=lambda subject_id: _known(subject_id, claims()),
)
RETURNS = SubjectKind(
    name=RETURN,
    event_subject=RETURN,
    read=filed.READ,
    answer=filed.FILE,
    clock=CLOCK,
    desk="",
    page=PAGE,
    texts=AlertTexts(
        headline=_("Tutela: returns that are late: %(count)s"),
        line=_("%(number)s: answer by %(due)s (%(why)s)"),
    ),
    pending=lambda: _states(RETURN, late_returns()),
    lock=lambda subject_id: _known(subject_id, late_returns()),
)
