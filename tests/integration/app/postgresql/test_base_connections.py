"""A kept connection whose server side ended is noticed before a request uses it, without asking a sound one.

What a connection has prepared outlives what somebody was refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql import base
from django.db.utils import DataError, ProgrammingError

from tests.integration.accountability.chain.test_verifier_chain import superuser
from tutela.events.prepared_sql import run_statements


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


# Statements that nothing else asks and that are prepared at once; the values of the second are refused.
ASKED, REFUSED = ("SELECT 4711 + %s::int", [1]), ("SELECT 4711 / %s::int", [0])


@pytest.fixture
def _anew() -> Iterator[None]:
    connection.close()
    yield
    connection.close()


def _prepared() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE %s", ["SELECT 4711%"])
        return [row[0] for row in cursor.fetchall()]


def _refused() -> None:
    with suppress(KeyError), transaction.atomic():
        run_statements([ASKED])
        raise KeyError


def _refused_within() -> None:
    with transaction.atomic():
        _refused()


def _taken() -> None:
    with transaction.atomic(), suppress(DataError), transaction.atomic():
        run_statements([ASKED])
        run_statements([REFUSED])


@pytest.mark.usefixtures("_anew")
@pytest.mark.parametrize("end", [_refused, _refused_within, _taken])
def test_what_is_prepared_outlives_what_was_refused(end: Callable[[], None]) -> None:
    for _ in range(3):
        end()
        assert _prepared() == ["SELECT 4711 + $1::int"]
    assert run_statements([ASKED]) == [[(4712,)]]


@pytest.mark.usefixtures("_anew")
def test_after_an_error_of_the_database_itself_all_is_prepared_anew() -> None:
    run_statements([ASKED])
    with pytest.raises(ProgrammingError), transaction.atomic():
        run_statements([("SELECT nothing_of_this_name", [])])
    assert _prepared() == []
    assert run_statements([ASKED]) == [[(4712,)]]


@pytest.mark.usefixtures("_anew")
def test_a_table_of_the_session_that_went_with_a_transaction_is_found_again() -> None:
    def once() -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS of_this_session (n int) ON COMMIT DELETE ROWS")
        run_statements([("INSERT INTO of_this_session VALUES (%s::int)", [1])])
        assert run_statements([("SELECT n FROM of_this_session", [])]) == [[(1,)]]

    for _ in range(8):
        with suppress(KeyError), transaction.atomic():
            once()
            raise KeyError
    with transaction.atomic():
        once()
