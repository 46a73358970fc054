"""The package of a referral as it lies here, sealed."""

from __future__ import annotations

from typing import Any

from tutela.exchange.referral import Referral as Wire
from tutela.organisations import erasable
from tutela.organisations.errors import Erased


def bytes_of(row: Any) -> bytes:
    """The package exactly as received; empty once its time is over. Call inside `acting(actor)`."""
    try:
        return erasable.unseal("referral", row.referral_id, bytes(row.sealed_body), f"referral:{row.referral_id}")
    except Erased:
        return b""


def package_of(row: Any) -> Wire | None:
    """The package; None once it is erased. Call inside `acting(actor)`."""
    raw = bytes_of(row)
    return Wire.from_bytes(raw) if raw else None
