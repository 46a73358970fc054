"""States of a hand-over: which follows which, and when somebody is needed.

- sent → received → accepted → under way → follow-up → closed.
- The addressee may refuse until it has accepted. A refused need stays with the sender, who hands it over again or
  settles it with a reason.
- The sender may take a hand-over back until it is closed, because the person withdrew consent.
- What has ended changes no more.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tutela.casework.models import AgencyHandOver, HandOverState, Way

S = HandOverState
FOLLOWING: dict[str, frozenset[str]] = {
    S.SENT: frozenset({S.RECEIVED, S.ACCEPTED, S.REFUSED, S.WITHDRAWN}),
    S.RECEIVED: frozenset({S.ACCEPTED, S.REFUSED, S.WITHDRAWN}),
    S.ACCEPTED: frozenset({S.TREATMENT, S.FOLLOW_UP, S.CLOSED, S.WITHDRAWN}),
    S.TREATMENT: frozenset({S.FOLLOW_UP, S.CLOSED, S.WITHDRAWN}),
    S.FOLLOW_UP: frozenset({S.TREATMENT, S.CLOSED, S.WITHDRAWN}),
    S.REFUSED: frozenset({S.SETTLED}),
    S.CLOSED: frozenset(),
    S.SETTLED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
ENDED = (S.CLOSED, S.SETTLED, S.WITHDRAWN)
# Who receives an urgent need answers on the same day.
ACKNOWLEDGE, ACKNOWLEDGE_URGENT = timedelta(hours=72), timedelta(hours=24)


def may_follow(before: str, after: str) -> bool:
    """Whether a state may follow another."""
    return after in FOLLOWING[before]


def ended(row: AgencyHandOver) -> bool:
    """Whether nothing is left to do. A refusal ends it for the addressee, and not for the sender."""
    return row.state in ENDED or (row.way == Way.RECEIVED and row.state == S.REFUSED)


def acknowledge_by(row: AgencyHandOver) -> datetime:
    """When the addressee must have accepted or refused."""
    return row.created_at + (ACKNOWLEDGE_URGENT if row.urgent else ACKNOWLEDGE)


def needs_somebody(row: AgencyHandOver, now: datetime, *, owner_left: bool) -> bool:
    """Whether an alert is due: unacknowledged, without an owner who works here, refused, or after its day."""
    if ended(row):
        return False
    if row.state == S.REFUSED or owner_left:
        return True
    if row.state in (S.SENT, S.RECEIVED):
        return now >= acknowledge_by(row)
    return not row.owner or _after(row.due_on, now)


def _after(day: date, now: datetime) -> bool:
    return now.date() > day
