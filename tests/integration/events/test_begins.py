"""A lookup by the beginning of a text finds what it says, by an index under row security as well."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection

from tests.support.cast import Cast
from tutela.events.transaction import acting
from tutela.law.models import Clock
from tutela.takedown.models import TakedownCase

ENDS = ("A_B", "A%", "A\\", "AÿB", "A\U0010fffe", "A", "a", "", "B\U0010ffff")


@pytest.mark.parametrize("asked", ["", "A", "A%", "A_", "A\\", "Aÿ", "A\U0010fffe", "a", "A_B_", "é"])
def test_it_finds_what_begins_so(cast: Cast, asked: str) -> None:
    start = f"{uuid4()}-"
    with acting(cast.pixelpost):
        for end in ENDS:
            Clock.objects.create(
                organisation_id=cast.pixelpost.organisation_id,
                kind="relevance",
                subject_kind="thing",
                subject_id=start + end,
            )
        found = Clock.objects.filter(subject_id__begins=start + asked).values_list("subject_id", flat=True)
        assert sorted(found) == sorted(start + end for end in ENDS if end.startswith(asked))


def test_row_security_leaves_the_index_in_use(cast: Cast) -> None:
    with acting(cast.pixelpost), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        plan = TakedownCase.objects.order_by().filter(number__begins="T-1").explain()
    assert "_like on takedown_takedowncase" in plan
