"""Each number on the start page is the number of rows of the list behind it, for every role."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from html import unescape
from uuid import UUID

import pytest
from django.test import Client

from tests.support.access import Houses, parts
from tests.support.cast import Cast
from tests.support.detection_world import World
from tests.support.listed_rows import rows_behind
from tests.support.reporting import item, report
from tests.support.reports_world import Authority, Centre, entry_of
from tutela.app.website import start_page
from tutela.detection.drafts import send
from tutela.events.transaction import acting
from tutela.exchange.report.retraction import Retraction
from tutela.organisations.people import directory
from tutela.reports.state import retractions
from tutela.reports.triage import assess, work_queue

URGENT = {"urgent": True, "reason": "token"}
# (name of the organisation in the cast, roles)
PEOPLE = (
    ("centre", ("analyst", "lead")),
    ("centre", ("administrator", "lead")),
    ("pixelpost", ("reviewer", "lead")),
    ("pixelpost", ("administrator",)),
    ("authority", ("investigator", "lead")),
    ("hotline_ie", ("analyst", "lead")),
    ("auditor", ("auditor",)),
)


def pages_of(client: Client) -> Callable[[str], str]:
    """How somebody reads a page."""

    def read(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, address
        return str(answer.content.decode())

    return read


def _seed(cast: Cast) -> None:
    """Reports of every state: in bundles, urgent, retracted, asked, referred, answered; drafts, and indicators."""
    centre, shared = Centre(cast), item()
    for urgency in ({"urgent": False}, URGENT, {"urgent": False}):
        centre.file(report(items=[shared], urgency=urgency))
    centre.file(report())
    _retract(cast, centre, centre.file(report(urgency=URGENT)))
    _retract(cast, centre, centre.file(report(items=[shared])))
    assess.assess(centre.analyst, centre.file(report()), "ask", "Which time zone?", seen=0)
    assess.assess(centre.analyst, centre.file(report()), "forward", "", seen=0)
    authority = Authority(centre, "DE")
    cast.__dict__["authority"] = authority.machine
    authority.referred(centre.file(authority.report()))
    authority.referred(centre.file(authority.report(urgency=URGENT)))
    world = World(cast)
    world.join()
    world.candidate()
    world.draft()
    send.send(world.lead, world.draft())
    entry_of(cast, shared["sha256"])


def _retract(cast: Cast, centre: Centre, report_id: UUID) -> None:
    sender = directory.acting_for(
        directory.entry(cast.pixelpost.organisation_id), "key:test", "Edge", frozenset({"reports.submit"})
    )
    retractions.take(centre.machine, sender, Retraction(report_id=report_id, reason="Filed in error"))


@pytest.fixture(scope="module")
def seeded() -> Cast:
    cast = Cast()
    _seed(cast)
    return cast


@pytest.mark.parametrize("part", PEOPLE, ids=lambda part: f"{part[0]} {'+'.join(part[1])}")
def test_every_number_of_the_start_page_is_that_of_its_list(seeded: Cast, part: tuple[str, tuple[str, ...]]) -> None:
    organisation = getattr(seeded, part[0])
    client, actor = seeded.client(organisation, *part[1]), seeded.actor(organisation, *part[1])
    todos = start_page.start_page_of(actor).todos
    wrong = {
        f"{todo.label} ({todo.url})": (todo.count, found)
        for todo in todos
        if todo.count != (found := rows_behind(pages_of(client), todo.url))
    }
    assert wrong == {}


@pytest.fixture(scope="module")
def houses() -> Houses:
    """Somebody of every kind with something of everything."""
    made = Houses()
    assert made.ids
    return made


@pytest.mark.parametrize("part", parts(), ids=" ".join)
def test_every_number_of_every_role_is_that_of_its_list(houses: Houses, part: tuple[str, str]) -> None:
    actor = houses.cast.actor(houses.owner(part[0]), part[1])
    wrong = {
        f"{todo.label} ({todo.url})": (todo.count, found)
        for todo in start_page.start_page_of(actor).todos
        if todo.count != (found := rows_behind(pages_of(houses.of_owner(part)), todo.url))
    }
    assert wrong == {}


def test_no_way_from_step_to_step_rises(seeded: Cast) -> None:
    """A report by hand has no candidate, and still none comes out of more than went in."""
    charts = [
        chart
        for organisation, roles in PEOPLE
        for chart in start_page.start_page_of(seeded.actor(getattr(seeded, organisation), *roles)).charts
        if str(chart.title).startswith("From ")
    ]
    assert any(not chart.empty for chart in charts)
    assert {str(one.title): one.values for one in charts if one.values != sorted(one.values, reverse=True)} == {}


def test_the_world_has_something_to_count(seeded: Cast) -> None:
    """Otherwise every number could be 0."""
    actor = seeded.actor(seeded.centre, "analyst", "lead")
    counted = {todo.url: todo.count for todo in start_page.start_page_of(actor).todos}
    for address in ("/desk/reports/", "/desk/reports/?urgent=1", "/desk/reports/?state=retracted"):
        assert counted[address] > 0, counted


def test_every_number_of_the_funnel_is_that_of_its_file(seeded: Cast) -> None:
    client = seeded.client(seeded.centre, "analyst")
    page = client.get("/desk/reports/funnel/").content.decode()
    steps = re.findall(r'href="([^"]*step=[^"]*)">(\d+)<', page)
    assert len(steps) > 5
    assert int(steps[0][1]) > 0
    for address, number in steps:
        lines = client.get(unescape(address)).getvalue().decode().splitlines()
        assert len(list(csv.reader(lines))) - 1 == int(number), address


def test_a_bundle_is_one_line_and_a_retracted_report_is_none(cast: Cast) -> None:
    centre, shared = Centre(cast), item()
    plain, urgent, single = (
        centre.file(report(items=[shared])),
        centre.file(report(items=[shared], urgency=URGENT)),
        centre.file(report()),
    )
    with acting(centre.machine):
        before = work_queue.count_open()
    _retract(cast, centre, single)
    with acting(centre.machine):
        assert work_queue.count_open() == (before[0] - 1, before[1])
    _retract(cast, centre, urgent)
    with acting(centre.machine):
        assert work_queue.count_open() == (before[0] - 1, before[1] - 1), "its bundle has another report"
    rows = work_queue.export(centre.analyst, work_queue.ReportFilter())
    ids = {row.report_id for row in rows}
    assert plain in ids
    assert not {urgent, single} & ids
    waits = work_queue.export(centre.analyst, work_queue.ReportFilter(state="retracted"))
    assert {urgent, single} <= {row.report_id for row in waits}
