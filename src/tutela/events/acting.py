"""One capability call is one transaction, and it says for whom.

`acting(actor)` opens the transaction, tells PostgreSQL which organisation acts (for row-level security, local to the
transaction) and rolls everything back on every error. Nested calls for the same organisation join the outer
transaction; for another organisation they are a programming error, because one transaction has one tenant.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import transaction

from tutela.events.actor import Actor
from tutela.events.inserting import together

TELL = (
    "SELECT set_config('tutela.organisation', %s, true), set_config('tutela.register', %s, true),"
    " set_config('tutela.audit', %s, true)"
)
_current: ContextVar[UUID | None] = ContextVar("tutela_acting", default=None)


class TwoTenants(RuntimeError):
    """A transaction that acts for one organisation called a capability of another."""


def is_acting() -> bool:
    """Whether somebody acts in this thread or task."""
    return _current.get() is not None


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Open, or join, the transaction in which `actor` acts."""
    outer = _current.get()
    if outer is not None and outer != actor.organisation_id:
        raise TwoTenants("Messages between organisations leave through the outbox.")
    if outer is not None:
        with transaction.atomic():
            yield
        return
    token = _current.set(actor.organisation_id)
    try:
        with transaction.atomic(durable=True):
            _tell_database(actor)
            yield
    finally:
        _current.reset(token)


def _tell_database(actor: Actor) -> None:
    # With the beginning of the transaction in one round trip.
    together([(TELL, [str(actor.organisation_id), "on" if actor.on_register else "", "on" if actor.audits else ""])])
