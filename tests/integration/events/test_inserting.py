"""One of two equal rows is inserted, whoever comes first, and everything else of a row is as its model says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from django.db import connections

from tests.cast import Cast
from tutela.events.acting import acting
from tutela.events.inserting import insert_once
from tutela.law.models import Clock


def clock_of(cast: Cast, subject: str) -> Clock:
    return Clock(
        organisation_id=cast.pixelpost.organisation_id, kind="relevance", subject_kind="thing", subject_id=subject
    )


def test_a_second_equal_row_is_not_inserted(cast: Cast) -> None:
    subject = str(uuid4())
    with acting(cast.pixelpost):
        first = clock_of(cast, subject)
        assert insert_once(first)
        assert not insert_once(clock_of(cast, subject))
        found = Clock.objects.get(subject_id=subject)
    assert (found.pk, found.state, found.created_at) == (first.pk, "running", first.created_at)


def test_of_concurrent_twins_one_is_inserted(cast: Cast) -> None:
    subject, provider = str(uuid4()), cast.pixelpost

    def insert(_: int) -> bool:
        try:
            with acting(provider):
                return insert_once(clock_of(cast, subject))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(insert, range(4))) == [False, False, False, True]
