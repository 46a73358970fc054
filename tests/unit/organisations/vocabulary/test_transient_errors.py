"""What passes is told from what is a fault, through whatever wrapped it."""

from __future__ import annotations

import errno

import django.db.utils
import psycopg
import pytest
from procrastinate.exceptions import ConnectorException

from tutela.organisations.vocabulary.transient_errors import Trouble, trouble


def _raised(inner: BaseException, *outer: type[Exception]) -> BaseException:
    """The error as it arrives, each raised from the one before."""
    error = inner
    for kind in outer:
        made = kind("outer")
        made.__cause__ = error
        error = made
    return error


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (psycopg.errors.DiskFull("could not extend file"), Trouble.NO_ROOM),
        (psycopg.OperationalError("connection refused"), Trouble.AWAY),
        (psycopg.errors.AdminShutdown("terminating connection"), Trouble.AWAY),
        (psycopg.errors.CannotConnectNow("starting up"), Trouble.AWAY),
        (psycopg.InterfaceError("the connection is closed"), Trouble.AWAY),
        (psycopg.errors.LockNotAvailable("lock timeout"), Trouble.BUSY),
        (psycopg.errors.QueryCanceled("statement timeout"), Trouble.BUSY),
        (psycopg.errors.DeadlockDetected("deadlock"), Trouble.BUSY),
        (OSError(errno.ENOSPC, "No space left on device"), Trouble.NO_ROOM),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), Trouble.NO_ROOM),
        (OSError(errno.EACCES, "Permission denied"), None),
        (psycopg.errors.UniqueViolation("duplicate key"), None),
        (ValueError("a fault"), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_is_known_for_what_it_is(error: Exception, found: Trouble | None) -> None:
    assert trouble(error) is found
    assert trouble(_raised(error, django.db.utils.OperationalError)) is (found or Trouble.AWAY)
    assert trouble(_raised(error, ConnectorException)) is found
    assert trouble(_raised(error, RuntimeError, KeyError)) is found


def test_nothing_and_a_ring_of_causes_are_no_trouble() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert trouble(first) is None
    assert trouble(None) is None
