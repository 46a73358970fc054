"""Stored approvals: list those of a subject, and export one as a file that others can verify."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.register import approval
from tutela.exchange.register.approval import KeyAnswer, Statement
from tutela.organisations.models import Approval as Approval


def about(subject: UUID) -> list[Approval]:
    """Everything that was approved about a subject, the oldest first. Call inside `acting(actor)`."""
    return list(Approval.objects.filter(subjects__contains=[subject]).order_by("created_at", "id"))


def answer_of(row: Approval) -> KeyAnswer | None:
    """Return a security key's answer; None if two people approved without one."""
    parts = (row.credential, row.public_key, row.authenticator_data, row.client_data, row.signature)
    return KeyAnswer(*(bytes(part) for part in parts if part is not None)) if row.by_key else None


def taken(actor: Actor, approval_id: UUID) -> dict[str, Any]:
    """Return an approval by a key as a file; the access is recorded. Raises `NotFound`, also if no key was asked."""
    actor.require("indicators.read")
    with acting(actor):
        row = Approval.objects.filter(pk=approval_id).first()
        found = file_of(row) if row else None
        if found is None:
            raise NotFound
        record(actor, "action.downloaded", "approval", approval_id)
        return found


def file_of(row: Approval) -> dict[str, Any] | None:
    """An approval by a key, for who verifies it elsewhere."""
    answer = answer_of(row)
    return approval.file_of(bytes(row.statement), answer, site=row.site, origin=row.origin) if answer else None


@lru_cache(maxsize=4)
def statement_of(data: bytes) -> Statement:
    """Read the statement that a person approved from its bytes."""
    return Statement.from_bytes(data)
