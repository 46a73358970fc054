"""Statements run together; a connection that ended is opened again; a message's work is done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction

from tests.integration.accountability.chain.test_verifier_chain import superuser
from tests.support.cast import Cast
from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.events.sql import Statement, run_statements
from tutela.events.transaction import acting, acting_and_asking
from tutela.organisations.messages import inbox

INSERT = (
    "INSERT INTO law_clock (id, created_at, organisation_id, kind, subject_kind, subject_id, state)"
    " VALUES (%s, %s, %s, 'relevance', 'thing', %s, 'running')"
)
COUNT = "SELECT count(*) FROM law_clock WHERE subject_id = %s"


def insert(cast: Cast, subject: str, pk: UUID | None = None) -> Statement:
    return INSERT, [pk or uuid7(), clock.now(), cast.pixelpost.organisation_id, subject]


def count(cast: Cast, subject: str) -> int:
    with acting_and_asking(cast.pixelpost, [(COUNT, [subject])]) as [[(found,)]]:
        return int(found)


def test_statements_run_in_their_order_and_those_without_rows_find_none(cast: Cast) -> None:
    subject = str(uuid4())
    with acting_and_asking(cast.pixelpost, [insert(cast, subject), (COUNT, [subject])]) as found:
        assert found == [[], [(1,)]]
    assert count(cast, subject) == 1


def test_an_error_of_one_statement_rolls_everything_back(cast: Cast) -> None:
    subject, taken, after = str(uuid4()), uuid7(), list[int]()
    with acting(cast.pixelpost):
        run_statements([insert(cast, str(uuid4()), taken)])

    def change() -> None:
        with acting(cast.pixelpost):
            transaction.on_commit(lambda: after.append(1))
            run_statements([insert(cast, subject), insert(cast, str(uuid4()), taken), (COUNT, [subject])])

    with pytest.raises(IntegrityError):
        change()
    assert not after
    assert count(cast, subject) == 0
    with acting(cast.pixelpost):
        run_statements([insert(cast, subject)])
    assert count(cast, subject) == 1, "the connection is as good as before"


def _backend() -> int:
    return int(run_statements([("SELECT pg_backend_pid()", [])])[0][0][0])


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
    connection.close()  # its table goes with the session


def test_concurrent_twins_of_a_message_do_its_work_once(cast: Cast) -> None:
    sender, recipient, done = cast.pixelpost.organisation_id, cast.centre, list[int]()

    def work() -> tuple[int, str]:
        done.append(1)
        return 201, f'{{"n": {len(done)}}}'

    def one(_: int) -> tuple[int, str]:
        try:
            return inbox.once(recipient, sender, key, b"body", work)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            key = str(uuid4())
            done.clear()
            assert set(pool.map(one, range(8))) == {(201, '{"n": 1}')}


def test_work_that_fails_leaves_its_key_to_a_mended_message(cast: Cast) -> None:
    sender, key = cast.pixelpost.organisation_id, str(uuid4())

    def failing() -> tuple[int, str]:
        raise KeyError

    with pytest.raises(KeyError):
        inbox.once(cast.centre, sender, key, b"body", failing)
    assert inbox.once(cast.centre, sender, key, b"mended", lambda: (201, "{}")) == (201, "{}")
