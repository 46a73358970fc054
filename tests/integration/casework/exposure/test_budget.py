"""Reading has a budget of a day that only the reader sees, a stop and breaks."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.casework import jobs
from tutela.casework.exposure import openings, stop, terms
from tutela.casework.exposure.budget import Budget
from tutela.casework.models import ExposureTerms, Opening
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.models import Event, EventFacts
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.reports.report_detail import report_detail
from tutela.reports.triage import viewing_budget
from tutela.reports.triage.viewing_budget import RULE

URGENT = {"urgency": {"urgent": True, "reason": "He wrote so"}}


@pytest.fixture
def centre(cast: Cast) -> Iterator[Centre]:
    """A Centre of which everybody may read four reports a day, with a break after two; as is usual afterwards."""
    made, usual = Centre(cast), terms.BudgetTerms()
    terms.set_terms(made.lead, RULE, budget=3, stop=4, in_a_row=2)
    yield made
    terms.set_terms(made.lead, RULE, budget=usual.budget, stop=usual.stop, in_a_row=usual.in_a_row)


def mine(actor: Actor) -> Budget:
    with acting(actor):
        found = viewing_budget.mine(actor)
    assert found is not None
    return found


def test_an_opening_counts_once_an_hour_and_for_the_reader_alone(centre: Centre) -> None:
    made = centre.file(report())
    assert mine(centre.analyst).opened == 0
    for _ in range(3):
        assert report_detail.open_report(centre.analyst, made).body is not None
    assert mine(centre.analyst).opened == 1
    assert mine(centre.lead).opened == 0, "nobody else has read anything"
    with clock.simulate(clock.now() + timedelta(hours=2)):
        report_detail.open_report(centre.analyst, made)
        assert mine(centre.analyst).opened == 2, "to read it again is to read it again"
    with clock.simulate(clock.now() + timedelta(hours=27)):
        assert mine(centre.analyst).opened == 0


def test_a_machine_has_no_budget(centre: Centre) -> None:
    made = centre.file(report())
    machine = directory.acting_for(centre.entry, "system:test", "A machine", frozenset({"reports.read"}))
    assert report_detail.open_report(machine, made).body is not None
    with acting(machine):
        assert viewing_budget.mine(machine) is None


def test_a_break_is_suggested_after_so_many_in_a_row_and_from_the_budget_on(centre: Centre) -> None:
    for expected in (False, True):
        report_detail.open_report(centre.analyst, centre.file(report()))
        assert mine(centre.analyst).advise_break is expected
    with clock.simulate(clock.now() + timedelta(minutes=20)):
        assert not mine(centre.analyst).advise_break, "there was a break"
        report_detail.open_report(centre.analyst, centre.file(report()))
        found = mine(centre.analyst)
        assert (found.opened, found.in_a_row, found.advise_break) == (3, 1, True), "the budget is reached"


def test_at_the_stop_only_what_is_urgent_opens_or_what_has_a_reason(cast: Cast, centre: Centre) -> None:
    reader = centre.analyst
    for _ in range(4):
        first = centre.file(report())
        assert report_detail.open_report(reader, first).body is not None
    made, urgent = centre.file(report()), centre.file(report(**URGENT))
    full = report_detail.open_report(reader, made)
    assert (full.closed, full.body, full.may_assess) == (True, None, False)
    assert mine(reader).opened == 4
    assert report_detail.open_report(reader, first).body is not None, "what is open stays open"
    assert report_detail.open_report(reader, urgent).body is not None
    assert mine(reader).opened == 5, "urgent ones count too"
    for wrong in ("", "curious"):
        with pytest.raises(Invalid) as refused:
            viewing_budget.open_beyond(reader, made, wrong)
        assert refused.value.field == "beyond"
    with pytest.raises(NotFound):
        viewing_budget.open_beyond(reader, uuid4(), "time")
    viewing_budget.open_beyond(reader, made, "time")
    assert report_detail.open_report(reader, made).body is not None
    assert mine(reader).opened == 6
    with clock.simulate(clock.now() + timedelta(hours=25)):
        assert report_detail.open_report(reader, centre.file(report())).body is not None, "tomorrow it goes on"


def test_the_pages_show_ones_own_count_and_the_way_beyond_the_stop(cast: Cast, centre: Centre) -> None:
    browser = cast.client(cast.centre, "analyst")
    assert "You have opened no report" in browser.get("/desk/reports/exposure/").content.decode()
    for n in range(4):
        page = browser.get(f"/desk/reports/{centre.file(report())}/").content.decode()
        assert f"Reports opened today: {n + 1}. Recommended limit: 3." in page
    made = centre.file(report())
    page = browser.get(f"/desk/reports/{made}/").content.decode()
    assert "This report stays closed" in page
    assert f"{made}/assess/" not in page
    assert "192.0.2.7" not in page, "the contents are not on the page"
    refused = browser.post(f"/desk/reports/{made}/open/", {"beyond": ""}, follow=True).content.decode()
    assert "Choose why you open this report today." in refused
    opened = browser.post(f"/desk/reports/{made}/open/", {"beyond": "nobody_else"}, follow=True).content.decode()
    assert "192.0.2.7" in opened
    assert f"{made}/assess/" in opened
    assert "Reports opened today: 5. Recommended limit: 3." in browser.get("/desk/reports/").content.decode()
    other = cast.client(cast.centre, "analyst")
    assert "Reports opened today: 0. Recommended limit: 3." in other.get("/desk/reports/").content.decode()


def test_a_lead_sets_it_and_learns_whether_anybody_is_at_the_stop_and_no_more(cast: Cast, centre: Centre) -> None:
    lead = cast.client(cast.centre, "lead")
    with acting(centre.machine):
        Opening.objects.all().delete()
    assert "Nobody has reached the daily limit." in lead.get("/desk/reports/exposure/").content.decode()
    for _ in range(4):
        report_detail.open_report(centre.analyst, centre.file(report()))
    page = lead.get("/desk/reports/exposure/").content.decode()
    assert "Someone has reached the daily limit." in page
    assert centre.analyst.name not in page.partition("<h2>Settings history")[0].partition("<main")[2]
    for wrong, field in (({"in_a_row": "9"}, "in_a_row"), ({"stop": "1"}, "stop"), ({"stop": "501"}, "stop")):
        said = lead.post("/desk/reports/exposure/", {"budget": "3", "stop": "4", "in_a_row": "2", **wrong})
        assert said.context["form"].errors.keys() == {field}
    saved = lead.post("/desk/reports/exposure/", {"budget": "5", "stop": "6", "in_a_row": "1"}, follow=True)
    assert "recommended limit 5, daily limit 6, in a row 1" in " ".join(saved.content.decode().split())
    analyst = cast.client(cast.centre, "analyst")
    assert analyst.post("/desk/reports/exposure/", {"budget": "9"}).status_code == 404
    assert "Someone has reached the daily limit" not in analyst.get("/desk/reports/exposure/").content.decode()
    for ask in (
        lambda actor: stop.anybody_at_the_stop(actor, RULE),
        lambda actor: terms.set_terms(actor, RULE, budget=1, stop=1, in_a_row=1),
    ):
        with pytest.raises(Forbidden):
            ask(centre.analyst)
    with acting(centre.machine):
        assert ExposureTerms.objects.filter(subject_kind="report").order_by("-created_at")[0].budget == 5


def test_no_count_stands_in_an_event_or_a_file_and_goes_after_two_days(cast: Cast, centre: Centre) -> None:
    with acting(centre.machine):
        before = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    for _ in range(5):
        report_detail.open_report(centre.analyst, made := centre.file(report()))
    viewing_budget.open_beyond(centre.analyst, made, "begun")
    with acting(centre.machine):
        facts = EventFacts.objects.filter(event__actor=centre.analyst.reference, event__id__gt=before)
        said = [(one.event.kind, json.loads(one.facts)) for one in facts.select_related("event")]
    assert said
    assert {kind for kind, _ in said} == {"report.viewed"}
    assert not [words for _, words in said if words], "it says that it was looked at, and nothing of a count"
    browser = cast.client(cast.centre, "lead")
    head = next(csv.reader(io.StringIO(browser.get("/desk/reports/", {"format": "csv"}).content.decode())))
    assert not {"opened", "budget", "by"} & set(head)
    with clock.simulate(clock.now() + timedelta(hours=47)):
        jobs.hourly(0)
        with acting(centre.machine):
            assert Opening.objects.filter(by=centre.analyst.reference).exists()
    with clock.simulate(clock.now() + timedelta(hours=49)):
        jobs.hourly(0)
        with acting(centre.machine):
            assert not Opening.objects.filter(by=centre.analyst.reference).exists()


def test_a_break_is_advised_after_25_minutes_without_one(cast: Cast) -> None:
    centre, begun = Centre(cast), clock.now()
    first, second, third = (centre.file(report()) for _ in range(3))
    for minutes, opened, advised in ((0, first, False), (12, second, False), (25, third, True), (41, None, False)):
        with clock.simulate(begun + timedelta(minutes=minutes)), acting(centre.analyst):
            if opened is not None:
                openings.open_subject(centre.analyst, viewing_budget.RULE, opened, terms.BudgetTerms())
            found = viewing_budget.mine(centre.analyst)
        assert found is not None
        assert found.advise_break is advised, minutes
