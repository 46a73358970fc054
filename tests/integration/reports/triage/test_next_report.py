"""What somebody reads next: urgent reports first, then by turns of another kind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela.casework.exposure import terms
from tutela.events.actor import Actor
from tutela.reports.report_detail import report_detail
from tutela.reports.triage import next_report
from tutela.reports.triage.viewing_budget import RULE

URGENT = {"urgency": {"urgent": True, "reason": "He wrote so"}}


@pytest.fixture
def centre(cast: Cast) -> Iterator[Centre]:
    """A Centre of which everybody may read four reports a day, with a break after two; as is usual afterwards."""
    made, usual = Centre(cast), terms.BudgetTerms()
    terms.set_terms(made.lead, RULE, budget=3, stop=4, in_a_row=2)
    yield made
    terms.set_terms(made.lead, RULE, budget=usual.budget, stop=usual.stop, in_a_row=usual.in_a_row)


class Turns:
    """Reports of one provider alone, of which the next one is offered."""

    def __init__(self, centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
        self.centre, self.cast = centre, centre.cast
        self.provider = centre.cast.organisation("Turnpike", "provider", "IE")
        mine = partial(next_report._waiting, provider_id=self.provider.organisation_id)
        monkeypatch.setattr(next_report, "_waiting", mine)

    def file(self, kind: str, **changes: object) -> UUID:
        return self.centre.file(report(kinds=[kind], **changes), self.provider)

    def read(self, reader: Actor) -> UUID | None:
        found = next_report.following(reader)
        if found is not None:
            report_detail.open_report(reader, found)
        return found


def test_the_next_report_is_of_another_kind_by_turns(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    terms.set_terms(centre.lead, RULE, budget=50, stop=60, in_a_row=20)
    turns = Turns(centre, monkeypatch)
    new, known = [turns.file("new") for _ in range(3)], [turns.file("known") for _ in range(3)]
    read = [turns.read(centre.analyst) for _ in range(6)]
    assert set(read) == {*new, *known}, "each once"
    assert all((one in new) != (other in new) for one, other in pairwise(read))
    assert turns.read(centre.analyst) is None


def test_urgent_reports_are_offered_first_to_everybody_and_nothing_else_at_the_stop(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(centre, monkeypatch)
    plain = [turns.file("known") for _ in range(6)]
    urgent = [turns.file("solicitation", **URGENT) for _ in range(2)]
    assert {turns.read(centre.analyst) for _ in range(2)} == set(urgent)
    read = [turns.read(centre.analyst) for _ in range(3)]
    assert set(read[:2]) <= set(plain)
    assert read[2] is None, "the stop is reached"
    later = turns.file("known", **URGENT)
    assert turns.read(centre.analyst) == later
    other = turns.cast.actor(turns.cast.centre, "analyst")
    assert turns.read(other) in set(plain) - set(read), "two people do not read the same"


def test_the_next_report_of_the_page_leads_there_or_says_why_not(
    cast: Cast, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(centre, monkeypatch)
    browser = cast.client(cast.centre, "analyst")
    assert "No pending report is free" in browser.get("/desk/reports/next/", follow=True).content.decode()
    made = turns.file("new")
    assert browser.get("/desk/reports/next/")["Location"] == f"/desk/reports/{made}/"
    for _ in range(4):
        browser.get(f"/desk/reports/{turns.file('new')}/")
    assert "You have read enough for today" in browser.get("/desk/reports/next/", follow=True).content.decode()
