"""A kept connection whose server side ended is noticed before a request uses it, without asking a sound one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.backends.postgresql import base

from tests.integration.accountability.test_chain import superuser


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_sound_connection_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _backend()
    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", lambda _: pytest.fail("it was asked"))
    assert connection.is_usable()
    assert _backend() == before


@pytest.mark.parametrize("what", ["an error before", "a transaction that nobody ended"])
def test_one_that_may_have_gone_wrong_is_asked(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    before, asked, raw = _backend(), list[str](), connection.connection
    if what == "an error before":
        connection.errors_occurred = True
    else:
        raw.execute("BEGIN")
    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", lambda _: asked.append(what) or False)
    assert not connection.is_usable(), "what Django finds counts"
    assert asked == [what]
    raw.execute("ROLLBACK")
    connection.errors_occurred = False
    assert _backend() == before


def test_a_session_that_was_ended_is_opened_anew_for_the_next_request() -> None:
    before = _backend()
    with superuser() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    assert not connection.is_usable()
    connection.health_check_enabled, connection.health_check_done = True, False
    connection.close_if_health_check_failed()
    assert _backend() != before
    connection.health_check_enabled = False


def test_a_closed_connection_cannot_be_used() -> None:
    _backend()
    connection.connection.close()
    assert not connection.is_usable()
    connection.close()
    assert not connection.is_usable()
