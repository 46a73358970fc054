"""Work of a ticket: as before on a quiet day, more for a script that asks for many, and never too much to bear."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tutela.casework.anonymous import work
from tutela.events.rate_limits import Take


@dataclass
class Counts:
    """A limit without a database."""

    limit: int
    counts: dict[str, int] = field(default_factory=dict)

    def take(self, subject: str) -> Take:
        self.counts[subject] = self.counts.get(subject, 0) + 1
        return Take(self.counts[subject] <= self.limit, False, self.counts[subject])

    def count(self, subject: str) -> int:
        return self.counts.get(subject, 0)


@pytest.fixture(autouse=True)
def counts(monkeypatch: pytest.MonkeyPatch) -> tuple[Counts, Counts]:
    admitted, tickets = Counts(work.ADMITTED.limit), Counts(work.TICKETS.limit)
    monkeypatch.setattr(work, "ADMITTED", admitted)
    monkeypatch.setattr(work, "TICKETS", tickets)
    return admitted, tickets


def test_a_person_on_a_quiet_day_works_as_before() -> None:
    ranks = [work.rank_of("block") for _ in range(64)]
    assert set(ranks) == {work.FEW}
    assert work.demanded("message.write", ranks[-1], danger=False) == work.DemandedWork(17, 20, 0)


def test_a_script_that_asks_for_many_tickets_works_ever_more_and_its_neighbour_does_not() -> None:
    seen = [work.demanded("f", work.rank_of("script"), danger=False) for _ in range(1200)]
    assert [one.bits for one in seen] == sorted(one.bits for one in seen)
    assert (seen[64].bits, seen[64].seconds) == (18, 40)
    assert (seen[-1].bits, seen[-1].seconds) == (21, 320), "a weak telephone can still bear it"
    assert work.demanded("f", work.rank_of("neighbour"), danger=False).bits == 17
    assert max(one.rank for one in seen) > 4, "the rank goes on growing: it orders the reserve"


def test_the_load_of_a_form_raises_its_work_and_no_other_form_s(counts: tuple[Counts, Counts]) -> None:
    counts[0].counts["f"] = 120
    assert work.demanded("f", 0, danger=False).bits == 18
    assert work.demanded("other", 0, danger=False).bits == 17


def test_who_is_in_danger_never_works_long(counts: tuple[Counts, Counts]) -> None:
    counts[0].counts["f"] = 1_000_000
    assert work.demanded("f", 20, danger=True) == work.DemandedWork(18, 40, 20)


def test_an_unknown_block_is_not_counted(counts: tuple[Counts, Counts]) -> None:
    assert {work.rank_of("") for _ in range(300)} == {work.UNKNOWN}
    assert not counts[1].counts
    made = work.demanded("f", work.UNKNOWN, danger=False)
    assert (made.bits, made.seconds) == (17, 20), "nobody waits longer because others have no address"
    assert made.rank > work.FEW, "the last places of the reserve are for those who are told apart"
