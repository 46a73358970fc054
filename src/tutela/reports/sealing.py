"""Bodies at rest: sealed by their report's own key, and found only by keyed hashes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Model

from tutela.events.actor import Actor
from tutela.organisations import erasable

SUBJECT = "report"


def seal(actor: Actor, report_id: object, kind: str, identifier: object, body: bytes) -> bytes:
    """Seal a body about a report for one row; moved to another row it does not open."""
    return erasable.seal(actor, SUBJECT, report_id, body, f"{kind}:{identifier}")


def seal_all(actor: Actor, kind: str, rows: Iterable[tuple[object, object, bytes]]) -> list[bytes]:
    """Seal the bodies of many rows (report, row, body) at once."""
    return erasable.seal_all(actor, SUBJECT, [(report, body, f"{kind}:{one}") for report, one, body in rows])


def begin(actor: Actor, report_id: object, body: bytes) -> tuple[Model, bytes]:
    """The key of a new report, for the caller to insert with its rows, and the report's body, sealed by it."""
    return erasable.begin(actor, SUBJECT, report_id, body, f"report:{report_id}")


def unseal(report_id: object, kind: str, identifier: object, sealed: bytes) -> bytes:
    """Open a row's body. Raises `Erased` or `CannotUnwrap`."""
    return erasable.unseal(SUBJECT, report_id, bytes(sealed), f"{kind}:{identifier}")


def unseal_all(kind: str, rows: Iterable[tuple[object, object, bytes]]) -> list[bytes | None]:
    """Open many rows' bodies (report, row, sealed) at once; None once a report is erased. Raises `CannotUnwrap`."""
    return erasable.unseal_all(SUBJECT, [(report, bytes(sealed), f"{kind}:{one}") for report, one, sealed in rows])


def blind(*parts: str) -> bytes:
    """A keyed hash: equal parts are found equal, and nobody without the key can guess them."""
    key = hmac.digest(settings.BLIND_KEY, b"reports-blind-index", "sha256")
    return hmac.digest(key, "\x1f".join(parts).encode(), hashlib.sha256)
