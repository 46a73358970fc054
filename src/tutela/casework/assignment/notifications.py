"""Notifications in the page: who is told of which step of a case, and what of it is unread.

A row has the cause and the name of the person who caused it, nothing of a case. The page asks the domain for the
number, so a person who may no longer see the case is not shown its notification.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tutela import clock
from tutela.casework.assignment.subjects import Case, kinds_for, subject_of
from tutela.casework.models import Cause, Follow, MailChoice, MailTime, Notification
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting

MOST_SHOWN = 100
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Told:
    """Notification on the page of a person."""

    case: Case
    label: object
    cause: Cause
    by_name: str
    at: datetime
    unread: bool

    @property
    def text(self) -> object:
        return self.cause.label


def notify(actor: Actor, kind: str, subject_id: UUID, cause: Cause, people: Iterable[str]) -> None:
    """Notify people of a step; nobody is notified of their own. Call inside `acting(actor)`."""
    insert_all(
        Notification(
            organisation_id=actor.organisation_id,
            subject_kind=kind,
            subject_id=subject_id,
            to=one,
            cause=cause,
            by_name=actor.name[:200],
        )
        for one in dict.fromkeys(people)
        if one != actor.reference
    )


def notify_person(actor: Actor, kind: str, subject_id: UUID, cause: Cause) -> None:
    """Notify the actor of what became of an own action later. Call inside `acting(actor)`."""
    Notification.objects.create(
        organisation_id=actor.organisation_id,
        subject_kind=kind,
        subject_id=subject_id,
        to=actor.reference,
        cause=cause,
        by_name="",
    )


def notify_followers(actor: Actor, kind: str, subject_id: UUID, cause: Cause, *, without: Collection[str] = ()) -> None:
    """Notify everybody who follows a case. Call inside `acting(actor)`."""
    people = Follow.objects.filter(subject_kind=kind, subject_id=subject_id).values_list("by", flat=True)
    if found := [one for one in people if one not in without]:
        notify(actor, kind, subject_id, cause, found)


def unread(actor: Actor) -> int:
    """Number of unread notifications of the actor, of cases on desks that they may read."""
    with acting(actor):
        rows = Notification.objects.filter(to=actor.reference, read_at=None, subject_kind__in=kinds_for(actor))
        return len(rows.values("pk")[:MOST_SHOWN])


def own(actor: Actor) -> list[Told]:
    """The actor's newest notifications about cases that they may see."""
    with acting(actor):
        rows = list(
            Notification.objects.filter(to=actor.reference, subject_kind__in=kinds_for(actor)).order_by(
                "-created_at", "-pk"
            )[:MOST_SHOWN]
        )
        cases = {
            kind: subject_of(actor, kind).find(actor, {row.subject_id for row in rows if row.subject_kind == kind})
            for kind in {row.subject_kind for row in rows}
        }
        return [
            Told(
                case,
                subject_of(actor, row.subject_kind).label,
                Cause(row.cause),
                row.by_name,
                row.created_at,
                row.read_at is None,
            )
            for row in rows
            if (case := cases[row.subject_kind].get(row.subject_id)) is not None
        ]


def mark_read(actor: Actor) -> int:
    """Mark all notifications of the actor as read; returns how many were unread."""
    with acting(actor):
        rows = Notification.objects.filter(to=actor.reference, read_at=None)
        count = rows.update(read_at=clock.now())
        if count:
            record(actor, "notifications.read", "person", actor.person_id or "", count=count)
        return count


def read_of(actor: Actor, kind: str, subject_id: UUID) -> None:
    """Mark the notifications of a case as read, because the actor opened it. Call inside `acting(actor)`."""
    rows = Notification.objects.filter(to=actor.reference, read_at=None, subject_kind=kind, subject_id=subject_id)
    rows.update(read_at=clock.now())


def mail_choice(actor: Actor) -> MailTime:
    """When the actor wants e-mails."""
    with acting(actor):
        found = MailChoice.objects.filter(person=actor.reference).first()
    return MailTime(found.choice) if found else MailTime.NONE


def choose_mail(actor: Actor, choice: str) -> None:
    """Choose when e-mails are sent. Raises `Invalid`."""
    if choice not in MailTime.values:
        raise Invalid("Choose one of the options.", field="choice")
    with acting(actor):
        MailChoice.objects.update_or_create(
            organisation_id=actor.organisation_id, person=actor.reference, defaults={"choice": choice}
        )
        record(actor, "notifications.mail_chosen", "person", actor.person_id or "", choice=choice)


def forget_old(actor: Actor) -> int:
    """Delete notifications older than 90 days; returns how many. For a job."""
    with acting(actor):
        return Notification.objects.filter(created_at__lte=clock.now() - KEPT).delete()[0]
