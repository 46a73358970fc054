"""What people change about their own sign-in becomes events: password, second factors, recovery codes."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa

from tutela.events.acting import acting
from tutela.events.recording import record
from tutela.organisations.models import Person
from tutela.organisations.people import actor_of

_KINDS = (
    (account.password_changed, "password.changed"),
    (account.password_set, "password.changed"),
    (account.password_reset, "password.reset"),
    (mfa.authenticator_added, "second_factor.added"),
    (mfa.authenticator_removed, "second_factor.removed"),
    (mfa.authenticator_reset, "second_factor.reset"),
)


def connect() -> None:
    """Subscribe to the signals of the sign-in library. Called once."""
    for signal, kind in _KINDS:
        signal.connect(_recorder(kind), weak=False, dispatch_uid=f"tutela.{kind}.{id(signal)}")


def _recorder(kind: str) -> Any:
    def note(user: Any, **about: Any) -> None:
        if not isinstance(user, Person):
            return
        actor = actor_of(user)
        authenticator = about.get("authenticator")
        facts = {"factor": str(authenticator.type)} if authenticator is not None else {}
        with acting(actor):
            record(actor, kind, "person", user.pk, **facts)

    return note
