"""What goes with a commit is there with it, is gone without it, and an error of it takes everything back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connections, transaction

from tests.support.cast import Cast
from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.events.prepared_sql import Question, at_the_end, run_statements
from tutela.events.transaction import acting, acting_and_asking
from tutela.organisations.messages import inbox

INSERT = (
    "INSERT INTO law_clock (id, created_at, organisation_id, kind, subject_kind, subject_id, state)"
    " VALUES (%s, %s, %s, 'relevance', 'thing', %s, 'running')"
)
COUNT = "SELECT count(*) FROM law_clock WHERE subject_id = %s"


def insert(cast: Cast, subject: str, pk: UUID | None = None) -> Question:
    return INSERT, [pk or uuid7(), clock.now(), cast.pixelpost.organisation_id, subject]


def count(cast: Cast, subject: str) -> int:
    with acting_and_asking(cast.pixelpost, [(COUNT, [subject])]) as [[(found,)]]:
        return int(found)


def test_what_goes_with_the_commit_is_there_with_it_and_not_before(cast: Cast) -> None:
    first, second = str(uuid4()), str(uuid4())
    with acting(cast.pixelpost):
        at_the_end(insert(cast, first))
        at_the_end(insert(cast, second))
        assert run_statements([(COUNT, [first])]) == [[(0,)]]
    assert (count(cast, first), count(cast, second)) == (1, 1)


def test_what_is_rolled_back_is_forgotten(cast: Cast) -> None:
    subject, other = str(uuid4()), str(uuid4())
    with suppress(KeyError), acting(cast.pixelpost):
        at_the_end(insert(cast, subject))
        raise KeyError
    with acting(cast.pixelpost):
        at_the_end(insert(cast, other))
    assert (count(cast, subject), count(cast, other)) == (0, 1)


def test_an_error_of_what_goes_with_the_commit_rolls_everything_back(cast: Cast) -> None:
    subject, taken, after = str(uuid4()), uuid7(), []
    with acting(cast.pixelpost):
        run_statements([insert(cast, str(uuid4()), taken)])

    def change() -> None:
        with acting(cast.pixelpost):
            transaction.on_commit(lambda: after.append(1))
            run_statements([insert(cast, subject)])
            at_the_end(insert(cast, str(uuid4()), taken))

    with pytest.raises(IntegrityError):
        change()
    assert not after
    assert count(cast, subject) == 0
    with acting(cast.pixelpost):
        at_the_end(insert(cast, subject))
    assert count(cast, subject) == 1, "the connection is as good as before"


def test_within_a_block_that_may_be_undone_alone_it_is_asked_at_once(cast: Cast) -> None:
    kept, undone = str(uuid4()), str(uuid4())
    with acting(cast.pixelpost):
        with acting(cast.pixelpost):
            at_the_end(insert(cast, kept))
        assert run_statements([(COUNT, [kept])]) == [[(1,)]]
        with suppress(KeyError), acting(cast.pixelpost):
            at_the_end(insert(cast, undone))
            raise KeyError
    assert (count(cast, kept), count(cast, undone)) == (1, 0)


def test_it_has_no_place_outside_a_transaction(cast: Cast) -> None:
    with pytest.raises(RuntimeError, match="in a transaction"):
        at_the_end((COUNT, ["x"]))


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
