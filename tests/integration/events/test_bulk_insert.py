"""One of two equal rows is inserted, whoever comes first, and everything else of a row is as its model says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from tests.support.cast import Cast
from tutela import clock
from tutela.events.bulk_insert import insert_all, insert_ignore, update_all
from tutela.events.transaction import acting
from tutela.law.models import Clock
from tutela.reports.models import CyberTip, HandlingPolicy, TipState


def clock_of(cast: Cast, subject: str) -> Clock:
    return Clock(
        organisation_id=cast.pixelpost.organisation_id, kind="relevance", subject_kind="thing", subject_id=subject
    )


def test_a_second_equal_row_is_not_inserted(cast: Cast) -> None:
    subject = str(uuid4())
    with acting(cast.pixelpost):
        first = clock_of(cast, subject)
        assert insert_ignore(first)
        assert not insert_ignore(clock_of(cast, subject))
        found = Clock.objects.get(subject_id=subject)
    assert (found.pk, found.state, found.created_at) == (first.pk, "running", first.created_at)


def test_of_concurrent_twins_one_is_inserted(cast: Cast) -> None:
    subject, provider = str(uuid4()), cast.pixelpost

    def insert(_: int) -> bool:
        try:
            with acting(provider):
                return insert_ignore(clock_of(cast, subject))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(insert, range(4))) == [False, False, False, True]


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_any_number_of_rows_of_several_tables_are_written_as_the_models_would(cast: Cast, count: int) -> None:
    """Nulls, arrays, bytes, words of an enumeration and long texts alike."""
    provider, mark = cast.pixelpost.organisation_id, uuid4().hex
    rows: list[Any] = []
    for number in range(count):
        clock_row = clock_of(cast, f"{mark}-{number}")
        tip = CyberTip(
            organisation_id=provider,
            number=uuid4().int >> 72,
            provider_id=provider,
            report_id=uuid4(),
            sealed_document=bytes(range(256)),
            addressee_id=None if number % 2 else uuid4(),
            batched=bool(number % 2),
            state=TipState.FINISHED,
            modified_at=clock.now(),
            ended_at=None if number % 3 else clock.now(),
        )
        policy = HandlingPolicy(organisation_id=provider, codes=['"\\', "H1", ""][: number % 4])
        rows += [clock_row, tip, policy]
    with acting(cast.pixelpost):
        assert insert_all(rows) == []
        assert {row.pk for row in insert_all(rows)} == {row.pk for row in rows}, "all of them are there"
        twins = [clock_of(cast, row.subject_id) for row in rows if isinstance(row, Clock)]
        assert insert_all([*twins, clock_of(cast, f"{mark}-new")]) == twins, "all but one are there"
        for row in rows:
            there = type(row).objects.get(pk=row.pk)
            for one in row._meta.concrete_fields:
                wanted, stored = getattr(row, one.attname), getattr(there, one.attname)
                stored = bytes(stored) if isinstance(stored, memoryview) else stored
                assert stored == wanted, (type(row), one.name)


def test_a_value_of_another_type_is_what_the_model_makes_of_it(cast: Cast) -> None:
    row = clock_of(cast, 7)  # type: ignore[arg-type]
    row.id = str(row.id)
    with acting(cast.pixelpost):
        assert insert_ignore(row)
        assert Clock.objects.get(pk=row.pk).subject_id == "7"


def test_rows_are_updated_as_the_models_would_and_no_other_row_is(cast: Cast) -> None:
    mark = uuid4().hex
    with acting(cast.pixelpost):
        rows = [clock_of(cast, f"{mark}-{number}") for number in range(3)]
        insert_all(rows)
        for number, row in enumerate(rows[:2]):
            row.state, row.deadline = "stopped", None if number else clock.now()
            row.kind = "not named, not written"
        update_all(rows[:2], ("state", "deadline"))
        update_all([], ("state",))
        first, second, third = Clock.objects.filter(subject_id__startswith=mark).order_by("subject_id")
    assert (first.state, second.state, third.state) == ("stopped", "stopped", "running")
    assert (first.deadline, second.deadline) == (rows[0].deadline, None)
    assert {first.kind, second.kind, third.kind} == {"relevance"}


def test_an_update_belongs_in_a_transaction(cast: Cast) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        update_all([clock_of(cast, "x")], ("state",))
