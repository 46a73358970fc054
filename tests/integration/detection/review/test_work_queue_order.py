"""Urgent candidates come first in every order that a person chooses, and on every page of it."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast
from tests.support.detection_world import World
from tutela.detection.review import review, work_queue
from tutela.events.list_access import ListPage


def test_urgent_candidates_come_first_in_every_order(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(cast)
    first, urgent, last = (world.candidate() for _ in range(3))
    review.mark_urgent(world.reviewer, urgent, "He wrote so")

    def order(sort: str) -> list[object]:
        monkeypatch.setattr(work_queue, "PER_PAGE", 1)
        found, page = list[object](), 1
        while True:
            lines, more = work_queue.list_candidates(
                world.reviewer, work_queue.CandidateFilter(), ListPage(sort=sort, page=page)
            )
            found += [line.id for line in lines if line.id in (first, urgent, last)]
            if not more:
                return found
            page += 1

    assert order("received") == [urgent, first, last]
    assert order("-received") == [urgent, last, first]
