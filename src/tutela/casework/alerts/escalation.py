"""Raise the first alert of a subject, and repeat it while nobody answers or after the deadline."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Model

from tutela import clock
from tutela.casework.alerts.schedule import AlertState
from tutela.casework.alerts.subjects import subject_kind
from tutela.casework.models import Alert, AlertReason
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.record import rows_of
from tutela.events.transaction import acting
from tutela.law import clocks


def rows(actor: Actor, kind: str, subject_id: UUID, reason: str = AlertReason.NEW, **facts: Any) -> Iterable[Model]:
    """Rows of a raised alert: the alert and its event. Call inside `acting(actor)`."""
    reason = str(reason)
    yield Alert(organisation_id=actor.organisation_id, subject_kind=kind, subject_id=subject_id, reason=reason)
    yield from rows_of(actor, "alert.raised", subject_kind(kind).event_subject, subject_id, reason=reason, **facts)


def raise_first(actor: Actor, kind: str, subject_id: UUID) -> None:
    """Raise the first alert of a subject and start its deadline. Call inside `acting(actor)`."""
    known = subject_kind(kind)
    clocks.restart(actor, known.clock, known.event_subject, subject_id)
    insert_all(rows(actor, kind, subject_id))


def raise_again(actor: Actor, kinds: Collection[str]) -> int:
    """Repeat every alert that is due; returns how many. For a job of every minute."""
    now = clock.now()
    with acting(actor):
        due = [(one, why) for kind in kinds for one in subject_kind(kind).pending() if (why := one.again(now))]
        insert_all(row for one, why in due for row in _rows_again(actor, one, why))
    return len(due)


def _rows_again(actor: Actor, state: AlertState, reason: str) -> Iterable[Model]:
    facts = subject_kind(state.subject_kind).facts(state)
    return rows(actor, state.subject_kind, state.subject_id, reason, **facts)
