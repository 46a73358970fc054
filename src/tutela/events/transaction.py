"""Transactions: one capability call is one transaction for one organisation.

`acting(actor)` opens the transaction and tells PostgreSQL which organisation acts (for row-level security, local to the
transaction). Every error rolls everything back. Nested calls for the same organisation join the outer transaction. A
nested call for another organisation is a programming error, because one transaction has one tenant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import transaction

from tutela.events.actor import Actor
from tutela.events.sql import Statement, run_statements

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
    with acting_and_asking(actor, ()):
        yield


@contextmanager
def acting_and_asking(actor: Actor, questions: Sequence[Statement]) -> Iterator[list[list[tuple[Any, ...]]]]:
    """Open a transaction as `acting`, and yield the results of queries sent with its beginning in one round trip."""
    outer = _current.get()
    if outer is not None and outer != actor.organisation_id:
        raise TwoTenants("Send messages between organisations through the outbox.")
    if outer is not None:
        with transaction.atomic():
            yield run_statements(questions) if questions else []
        return
    token = _current.set(actor.organisation_id)
    try:
        with transaction.atomic(durable=True):
            # With the beginning of the transaction in one round trip.
            yield run_statements([_telling(actor), *questions])[1:]
    finally:
        _current.reset(token)


def _telling(actor: Actor) -> Statement:
    return TELL, [str(actor.organisation_id), "on" if actor.on_register else "", "on" if actor.audits else ""]
