"""Sealed package of a referral, as stored on this node."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tutela.events.errors import NotFound
from tutela.exchange.referral.referral import Referral as Wire
from tutela.investigations.models import Referral
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys


def referral_row(referral_id: UUID) -> Referral:
    """The row of a referral. Raises `NotFound`. Call inside `acting(actor)`."""
    row = Referral.objects.filter(referral_id=referral_id).first()
    if row is None:
        raise NotFound
    return row


def bytes_of(row: Any) -> bytes:
    """The package exactly as received; empty once its time is over. Call inside `acting(actor)`."""
    try:
        return subject_keys.unseal("referral", row.referral_id, bytes(row.sealed_body), f"referral:{row.referral_id}")
    except Erased:
        return b""


def package_of(row: Any) -> Wire | None:
    """The package; None once it is erased. Call inside `acting(actor)`."""
    raw = bytes_of(row)
    return Wire.from_bytes(raw) if raw else None
