"""Changes that people make to their own profile: name, time zone, sessions."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import whole_number
from tutela.organisations.models import Person


def update(actor: Actor, *, name: str, time_zone: str) -> None:
    """Change one's own name and time zone; a machine has neither (`NotFound`)."""
    if actor.person_id is None:
        raise NotFound
    with acting(actor):
        Person.objects.filter(pk=actor.person_id).update(name=name, time_zone=time_zone)
        record(actor, "person.profile", "person", actor.person_id)


def state_purpose(actor: Actor, purpose: str) -> str:
    """State the purpose of the person's work from now on; returns its word.

    An API client states its purpose with its key (`NotFound`). Raises `PurposeRequired`, which lists the words.
    """
    if actor.person_id is None:
        raise NotFound
    now = actor.with_purpose(purpose)
    with acting(now):
        record(now, "purpose.stated", "person", actor.person_id)
    return now.purpose


def end_sessions(actor: Actor, *, keep: str, only: str = "") -> int:
    """End one of one's own sessions (`only`, its row's id), or all but the one to keep. Returns how many."""
    rows = UserSession.objects.filter(user_id=actor.person_id)
    rows = rows.filter(pk=whole_number(only)) if only else rows.exclude(session_key=keep)
    keys = list(rows.values_list("session_key", flat=True))
    with acting(actor):
        Session.objects.filter(session_key__in=keys).delete()
        rows.delete()
        record(actor, "sessions.ended", "person", actor.person_id, count=len(keys))
    return len(keys)
