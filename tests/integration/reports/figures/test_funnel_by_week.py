"""The funnel week by week: what came in a week, how far it came, and which reports a figure counts."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.integration.reports.figures.test_safeguarded_children import Desk
from tests.support.cast import Cast
from tutela import clock
from tutela.events.errors import Forbidden
from tutela.reports.figures import funnel, funnel_by_week, safeguarded_children

MONDAY = date(2026, 3, 2)
ADDRESS = "/desk/reports/funnel/weeks/"


@pytest.fixture
def desk(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(cast, monkeypatch)


def on(day: date) -> Any:
    return clock.simulate(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def came(desk: Desk, *days: date) -> list[UUID]:
    """A referred report of each day."""
    made = []
    for day in days:
        with on(day):
            made.append(desk.referred())
    return made


def lines(client: Client, address: str) -> list[list[str]]:
    answer: Any = client.get(address)
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.reader(io.StringIO(text.decode())))


def test_each_week_has_its_steps_and_never_rises(desk: Desk) -> None:
    sunday, later = MONDAY + timedelta(days=6), MONDAY + timedelta(days=14)
    made = came(desk, MONDAY, sunday, later)
    with on(later):
        desk.outcome(made[0], kind="convicted")
        desk.outcome(made[1], kind="charged", release="centre_only")
        found = funnel_by_week.weekly(desk.centre.analyst, desk.wanted)
    assert len(found.weeks) == funnel_by_week.WEEKS
    assert found.weeks[-1].monday == later, "the present week is there"
    last = {week.monday: {one.name: (one.reports, one.released) for one in week.steps} for week in found.weeks[-3:]}
    assert last[MONDAY] == {
        "report": (2, None),
        "referred": (2, None),
        "taken_up": (2, 1),
        "person_identified": (2, 1),
        "charged": (2, 1),
        "convicted": (1, 1),
        "victim_identified": (0, 0),
    }
    assert [last[MONDAY + timedelta(days=7)]["report"], last[later]["report"]] == [(0, None), (1, None)]
    for week in found.weeks:
        for branch in funnel.Funnel(week.steps).branches:
            assert all(earlier >= after for earlier, after in pairwise(branch.values)), week.monday


def test_a_week_is_cut_where_the_wanted_days_are(desk: Desk) -> None:
    days = [MONDAY + timedelta(days=n) for n in (0, 2, 6, 7, 9)]
    came(desk, *days)

    def figures(since: date, until: date) -> list[tuple[date, int]]:
        wanted = funnel.FunnelFilter(since, until, desk.provider.organisation_name)
        return [(week.monday, week.of("report")) for week in funnel_by_week.weekly(desk.centre.analyst, wanted).weeks]

    following = MONDAY + timedelta(days=7)
    assert figures(days[1], days[3]) == [(MONDAY, 2), (following, 1)]
    assert figures(days[1], days[1]) == [(MONDAY, 1)]
    assert figures(days[0], days[4]) == [(MONDAY, 3), (following, 2)]
    assert figures(days[4], days[0]) == []
    assert figures(date(2190, 1, 1), date(2190, 1, 2)) == []
    assert [n for _week, n in figures(date(1, 1, 1), date(1, 1, 9))] == [0, 0]
    wanted = funnel.FunnelFilter(date(2020, 1, 1), MONDAY, desk.provider.organisation_name)
    found = funnel_by_week.weekly(desk.centre.analyst, wanted)
    assert (len(found.weeks), found.cut, found.weeks[-1].of("report")) == (funnel_by_week.MOST, True, 1)


def test_a_child_counts_in_the_week_of_its_first_report_alone(cast: Cast, desk: Desk) -> None:
    following = MONDAY + timedelta(days=7)
    made = came(desk, MONDAY, following, following)
    desk.outcome(made[0], 0, "AZ 1-1")
    desk.outcome(made[1], 0, "AZ 1-1")
    desk.outcome(made[2], 0, "AZ 1-2", release="centre_only")
    wanted = funnel.FunnelFilter(MONDAY, following + timedelta(days=6), desk.provider.organisation_name)
    with on(following):
        weeks = funnel_by_week.weekly(desk.centre.analyst, wanted).weeks
    assert [(week.children, week.released) for week in weeks] == [(1, 1), (1, 0)]
    assert sum(week.children for week in weeks) == safeguarded_children.count(desk.centre.analyst, wanted).children
    client = cast.client(cast.centre, "analyst")
    asked = f"/desk/reports/funnel.csv?provider={desk.provider.organisation_name}&step=children&week="
    (first,), (second,) = (lines(client, f"{asked}{week.monday}")[1:] for week in weeks)
    assert set(first[4].split()) == {str(made[0]), str(made[1])}, "all of its reports, of whatever week"
    assert second[4] == str(made[2])


def test_each_figure_leads_to_its_reports_and_the_weeks_leave_as_a_file(cast: Cast, desk: Desk) -> None:
    made = came(desk, MONDAY, MONDAY + timedelta(days=6), MONDAY + timedelta(days=7))
    client = cast.client(cast.centre, "analyst")
    asked = f"provider={desk.provider.organisation_name}&since={MONDAY}&until={MONDAY + timedelta(days=13)}"
    page = client.get(f"{ADDRESS}?{asked}&sort=-week").content.decode()
    assert page.count('class="card chart-figure"') == 2, "received and referred; nothing came further"
    assert f"step=referred&amp;week={MONDAY}" in page
    listed = lines(client, f"/desk/reports/funnel.csv?{asked}&step=referred&week={MONDAY}")
    assert [line[0] for line in listed[1:]] == [str(one) for one in made[:2]]
    head, *rows = lines(client, f"{ADDRESS}?{asked}&format=csv")
    assert head == ["week", "step", "branch", "count", "released_for_statistics"]
    assert [str(MONDAY), "referred", "", "2", ""] in rows
    assert len(rows) == 2 * (len(funnel.STEPS) + 1)
    assert 'name="kind"' in page


def test_strangers_see_no_week(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        funnel_by_week.weekly(desk.people[0], desk.wanted)
