"""Pending actions: an action is checked at once, takes effect after `settings.UNDO_SECONDS`, and until then is undone.

1. The action runs in a transaction that is rolled back. Its errors are therefore shown at once, and nothing happened.
2. A row keeps the action with its sealed arguments. A job is scheduled in the same transaction.
3. Undo deletes the row. Anybody with the permission of the action may do so.
4. The job locks the row, runs the action as the person who decided, and deletes the row, in one transaction. Undo and
   job cannot both succeed.
5. If the action is refused by then, or what it rests on has changed, nothing is sent and the person is notified.

A job that was lost is found by the minutely job. A row from a clock that was ahead does not wait longer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from pydantic import ValidationError

from tutela import clock
from tutela.casework.assignment import notifications
from tutela.casework.enqueue import run_later
from tutela.casework.models import Cause, PendingAction
from tutela.casework.undo.actions import Action, action
from tutela.casework.undo.errors import AlreadySentOut, AnotherWaits, ChangedSince
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import NotFound, TutelaError
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.errors import UnknownPerson
from tutela.organisations.keys.envelope_encryption import CannotUnwrap, unwrap, wrap
from tutela.organisations.people import members

# No action waits longer than this, whatever a clock said when it was decided.
LONGEST_WAIT = timedelta(minutes=1)
log = structlog.get_logger("tutela.undo")


@dataclass(frozen=True)
class Pending:
    """Action of a case that waits."""

    id: UUID
    label: object
    by_name: str
    seconds_left: int
    may_undo: bool
    mine: bool


def perform(actor: Actor, name: str, subject_id: UUID, arguments: Mapping[str, Any]) -> bool:
    """Carry out an action after the time for undo; whether it waits. Raises the action's errors, and `AnotherWaits`.

    Machines do not wait, and nobody does where the operator has set 0 seconds.
    """
    found = action(name)
    actor.require(found.permission)
    if not delays(actor):
        found.run(actor, subject_id, arguments)
        return False
    _check(actor, found, subject_id, arguments)
    pk, due = uuid7(), clock.now() + timedelta(seconds=settings.UNDO_SECONDS)
    with acting(actor):
        kept = {"arguments": dict(arguments), "rests_on": found.rests_on(subject_id)}
        row = PendingAction(
            id=pk,
            organisation_id=actor.organisation_id,
            subject_kind=found.subject_kind,
            subject_id=subject_id,
            action=name,
            wrapped=wrap(json.dumps(kept).encode(), purpose_of(pk)),
            by=actor.reference,
            by_name=actor.name[:200],
            purpose=actor.purpose,
            not_before=due,
        )
        if not insert_ignore(row):
            other = PendingAction.objects.filter(subject_kind=found.subject_kind, subject_id=subject_id).first()
            raise AnotherWaits(name=other.by_name if other else "")
        record(actor, "action.waits", found.subject_kind, subject_id, action=name)
        run_later(actor.organisation_id, pk, settings.UNDO_SECONDS)
    return True


def delays(actor: Actor) -> bool:
    """Whether actions of this actor wait: of a person, unless the operator has set 0 seconds."""
    return actor.person_id is not None and bool(settings.UNDO_SECONDS)


def undo(actor: Actor, pending_id: UUID) -> tuple[str, UUID]:
    """Undo an action that waits; returns its case. Raises `AlreadySentOut`, `NotFound` without the permission."""
    with acting(actor):
        row = PendingAction.objects.select_for_update().filter(pk=pending_id).first()
        if row is None:
            raise AlreadySentOut
        if not actor.can(action(row.action).permission) or actor.person_id is None:
            raise NotFound
        row.delete()
        record(actor, "action.undone", row.subject_kind, row.subject_id, action=row.action)
    return row.subject_kind, row.subject_id


def undo_of_case(actor: Actor, kind: str, subject_id: UUID) -> None:
    """Undo what waits for a case. Raises as `undo`."""
    with acting(actor):
        row = PendingAction.objects.filter(subject_kind=kind, subject_id=subject_id).first()
    if row is None:
        raise AlreadySentOut
    undo(actor, row.pk)


def seconds() -> int:
    """For how many seconds an action can be undone on this node."""
    return int(settings.UNDO_SECONDS)


def apply_now(actor: Actor, pending_id: UUID) -> tuple[str, UUID]:
    """Let an own action take effect at once; returns its case. Raises its errors, `AlreadySentOut`, `NotFound`."""
    with acting(actor):
        row = PendingAction.objects.select_for_update().filter(pk=pending_id).first()
        if row is None:
            raise AlreadySentOut
        if row.by != actor.reference:
            raise NotFound
        _run(actor, row)
    return row.subject_kind, row.subject_id


def run_due(organisation: Actor, pending_id: UUID) -> bool:
    """Carry out an action whose time has come; whether it was there and succeeded. For a job."""
    with acting(organisation):
        row = PendingAction.objects.filter(_due(), pk=pending_id).first()
    if row is None:
        return False
    try:
        actor = members.actor_by_reference(organisation.organisation_id, row.by, row.purpose)
    except (NotFound, UnknownPerson):
        _refused(organisation, row)
        return False
    try:
        with acting(actor):
            standing = PendingAction.objects.select_for_update().filter(pk=pending_id).first()
            if standing is None:
                return False
            _run(actor, standing)
    except (TutelaError, ValidationError, CannotUnwrap, KeyError) as error:
        log.warning("decision not carried out", action=row.action, error=type(error).__name__)
        _refused(actor, row)
        return False
    return True


def due(organisation: Actor) -> list[UUID]:
    """Actions whose time has come, oldest first. For a job."""
    with acting(organisation):
        return list(PendingAction.objects.filter(_due()).order_by("not_before").values_list("pk", flat=True)[:200])


def of_case(actor: Actor, kind: str, subject_id: UUID) -> Pending | None:
    """The action of a case that waits. Call inside `acting(actor)`."""
    row = PendingAction.objects.filter(subject_kind=kind, subject_id=subject_id).first()
    return _shown(actor, row) if row else None


def purpose_of(pending_id: object) -> str:
    """The purpose for which the arguments of an action are sealed."""
    return f"pending-action:{pending_id}"


class _OnlyChecked(Exception):
    """Rolls a trial back."""


def _check(actor: Actor, found: Action, subject_id: UUID, arguments: Mapping[str, Any]) -> None:
    """Step 1."""
    try:
        with acting(actor):
            found.run(actor, subject_id, arguments)
            raise _OnlyChecked
    except _OnlyChecked:
        return


def _run(actor: Actor, row: PendingAction) -> None:
    """Step 4, the row locked."""
    kept, found = json.loads(unwrap(bytes(row.wrapped), purpose_of(row.pk))), action(row.action)
    if found.rests_on(row.subject_id) != kept["rests_on"]:
        raise ChangedSince
    row.delete()
    with transaction.atomic():
        found.run(actor, row.subject_id, kept["arguments"])


def _refused(actor: Actor, row: PendingAction) -> None:
    """Step 5."""
    with acting(actor):
        PendingAction.objects.filter(pk=row.pk).delete()
        if actor.person_id is not None:
            notifications.notify_person(actor, row.subject_kind, row.subject_id, Cause.FAILED)
        notifications.notify_followers(actor, row.subject_kind, row.subject_id, Cause.FAILED)
        record(actor, "action.not_carried_out", row.subject_kind, row.subject_id, action=row.action)


def _due() -> Q:
    now = clock.now()
    return Q(not_before__lte=now) | Q(not_before__gt=now + LONGEST_WAIT)


def _shown(actor: Actor, row: PendingAction) -> Pending:
    found = action(row.action)
    left = min(max(row.not_before - clock.now(), timedelta(0)), LONGEST_WAIT)
    may_undo = actor.person_id is not None and actor.can(found.permission)
    seconds, mine = math.ceil(left.total_seconds()), row.by == actor.reference
    return Pending(row.pk, found.label, row.by_name, seconds, may_undo, mine)
