"""Record sign-in events: sign-ins, sign-outs, failures, and changes to a person's own sign-in.

Events name people by their id. Nothing that was typed is stored: no e-mail, no password, no code, no address.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.utils import timezone

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import record, since
from tutela.events.transaction import acting
from tutela.organisations.models import Person
from tutela.organisations.people import directory
from tutela.organisations.people.members import actor_of

GUESSED = "sign_in.guessed"
# So long an alert stands on the start page of administrators.
ALERT_LASTS = timedelta(days=1)
_KINDS = (
    (auth.user_logged_in, "person.signed_in"),
    (auth.user_logged_out, "person.signed_out"),
    (account.password_changed, "password.changed"),
    (account.password_set, "password.changed"),
    (account.password_reset, "password.reset"),
    (mfa.authenticator_added, "second_factor.added"),
    (mfa.authenticator_removed, "second_factor.removed"),
    (mfa.authenticator_reset, "second_factor.reset"),
)
log = structlog.get_logger("tutela.sign_in")


def connect() -> None:
    """Subscribe to the signals of the sign-in library. Called once."""
    for signal, kind in _KINDS:
        signal.connect(_recorder(kind), weak=False, dispatch_uid=f"tutela.{kind}.{id(signal)}")
    mfa.authentication_failed.connect(_code_failed, weak=False, dispatch_uid="tutela.second_factor.failed")


def failed(person: Person | None) -> None:
    """Record that a password was wrong.

    For an unknown account, the node's own event takes the same work, so that timing reveals nothing about accounts.
    """
    for actor, kind, subject in _of(person):
        with acting(actor):
            record(actor, "sign_in.failed", kind, subject)
    log.warning("sign-in failed", person=str(person.pk) if person else None)


def guessed(person: Person | None, what: str) -> None:
    """Raise an alert: somebody guesses at an account. Its administrators see it, and the log has it.

    Of no account, or of too many failures from one address, it is for who looks after the node.
    """
    for actor, kind, subject in _of(person):
        with acting(actor):
            record(actor, "sign_in.guessed", kind, subject, what=what)
    log.error("sign-in guessing detected", person=str(person.pk) if person else None, what=what)


def alerts(actor: Actor) -> int:
    """The number of alerts in the last day about password guessing at the organisation's accounts."""
    with acting(actor):
        return since(actor, GUESSED, alerts_since())


def alerts_since() -> datetime:
    """The minute from which alerts count, in the reader's zone."""
    return timezone.localtime(clock.now() - ALERT_LASTS).replace(second=0, microsecond=0)


def _nobody(person: Person) -> Actor:
    """The machine acting for somebody's organisation: who tried is not known."""
    return directory.acting_for(directory.entry(person.organisation_id), "system:sign-in", "Sign-in")


def _of(person: Person | None) -> Iterator[tuple[Actor, str, str]]:
    """The actor that records an event, and its subject.

    For an unknown account, this is the node's first organisation, if there is one.
    """
    if person is not None:
        yield _nobody(person), "person", str(person.pk)
    elif (founder := directory.founder()) is not None:
        yield directory.acting_for(founder, "system:sign-in", "Sign-in"), "node", "sign-in"


def _code_failed(user: Any, **about: Any) -> None:
    if isinstance(user, Person):
        actor = _nobody(user)
        with acting(actor):
            record(actor, "second_factor.failed", "person", user.pk, factor=str(about["authenticator"].type))
        log.warning("second factor failed", person=str(user.pk))


def _recorder(kind: str) -> Any:
    def note(user: Any, **about: Any) -> None:
        if not isinstance(user, Person):
            return
        if kind == "person.signed_in" and about.get("request") is not None:
            about["request"]._just_signed_in = user  # the browser is remembered with the answer
        authenticator = about.get("authenticator")
        facts = {"factor": str(authenticator.type)} if authenticator is not None else {}
        actor = actor_of(user)
        with acting(actor):
            record(actor, kind, "person", user.pk, **facts)

    return note
