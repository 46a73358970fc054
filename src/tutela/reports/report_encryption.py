"""Sealed bodies: encrypted with their report's own key and found only by keyed hashes."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.db.models import Model

from tutela.events.actor import Actor
from tutela.organisations.keys import subject_keys

SUBJECT = "report"


def seal(actor: Actor, report_id: object, kind: str, identifier: object, body: bytes) -> bytes:
    """Seal a body about a report for one row; moved to another row it does not open."""
    return subject_keys.seal(actor, SUBJECT, report_id, body, f"{kind}:{identifier}")


def seal_all(actor: Actor, kind: str, rows: Iterable[tuple[object, object, bytes]]) -> list[bytes]:
    """Seal the bodies of many rows (report, row, body) at once."""
    return subject_keys.seal_all(actor, SUBJECT, [(report, body, f"{kind}:{one}") for report, one, body in rows])


class ReportBox:
    """A report's key, asked for once, for several bodies about it."""

    def __init__(self, box: subject_keys.Box) -> None:
        self._box = box

    def seal(self, kind: str, identifier: object, body: bytes) -> bytes:
        """Seal a body for one row; moved to another row it does not open."""
        return self._box.seal(body, f"{kind}:{identifier}")

    def unseal(self, kind: str, identifier: object, sealed: bytes | memoryview) -> bytes:
        """Open a row's body. Raises `Erased` or `CannotUnwrap`."""
        return self._box.unseal(bytes(sealed), f"{kind}:{identifier}")


def begin(actor: Actor, report_id: object) -> tuple[Model, ReportBox]:
    """Create the key of a new report: its row, for the caller to insert with its own, and its sealing box."""
    row, made = subject_keys.begin(actor, SUBJECT, report_id)
    return row, ReportBox(made)


def box(report_id: object) -> ReportBox:
    """The key of a report that has one. Raises `Erased`. Call inside `acting(actor)`."""
    return ReportBox(subject_keys.box(SUBJECT, report_id))


def box_for(actor: Actor, report_id: object) -> ReportBox:
    """Return a report's key, created if missing.

    Old reports get their key with the first resealed body.
    """
    return ReportBox(subject_keys.box_for(actor, SUBJECT, report_id))


def unseal(report_id: object, kind: str, identifier: object, sealed: bytes) -> bytes:
    """Open a row's body. Raises `Erased` or `CannotUnwrap`."""
    return subject_keys.unseal(SUBJECT, report_id, bytes(sealed), f"{kind}:{identifier}")


def unseal_all(kind: str, rows: Iterable[tuple[object, object, bytes]]) -> list[bytes | None]:
    """Open many rows' bodies (report, row, sealed) at once; None once a report is erased. Raises `CannotUnwrap`."""
    return subject_keys.unseal_all(SUBJECT, [(report, bytes(sealed), f"{kind}:{one}") for report, one, sealed in rows])


def blind(*parts: str) -> bytes:
    """A keyed hash: equal parts are found equal, and nobody without the key can guess them."""
    return hmac.digest(_blinding(settings.BLIND_KEY), "\x1f".join(parts).encode(), "sha256")


@lru_cache(maxsize=4)
def _blinding(blind_key: bytes) -> bytes:
    return hmac.digest(blind_key, b"reports-blind-index", "sha256")
