"""Transient errors: the database is away, busy or full, or a folder is full. A later retry succeeds."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from enum import StrEnum

import django.db.utils
import psycopg

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK_FULL = "53100"
# Lock timeouts, deadlocks, and statements or memory over their limits: the database is reachable but busy.
_BUSY = frozenset({"40001", "40P01", "53200", "55P03", "57014"})
_OF_DATABASE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    django.db.utils.OperationalError,
    django.db.utils.InterfaceError,
)


class Trouble(StrEnum):
    """Kinds of transient errors."""

    AWAY = "away"
    BUSY = "busy"
    NO_ROOM = "no room"


def trouble(error: BaseException | None) -> Trouble | None:
    """The trouble that an error is, or was caused by; None where the error is a fault."""
    found = None
    for one in _chain(error):
        if isinstance(one, OSError) and one.errno in _NO_ROOM:
            return Trouble.NO_ROOM
        if isinstance(one, _OF_DATABASE):
            state = getattr(one, "sqlstate", None)
            if state == _DISK_FULL:
                return Trouble.NO_ROOM
            found = Trouble.BUSY if state in _BUSY else found or Trouble.AWAY
    return found


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and the errors it was raised from. Errors that were being handled at the time are left out."""
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__
