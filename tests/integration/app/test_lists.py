"""Every list of the reports' and the authority's desk: order, words to find, a file, views."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.access import Houses
from tests.cast import Cast
from tests.integration.reports.world import Authority, Centre
from tests.reporting import report
from tutela import clock
from tutela.app import urls as _urls  # noqa: F401 - the pages that offer their lists
from tutela.events.acting import acting
from tutela.events.models import Event, EventFacts
from tutela.organisations import saved_views
from tutela.reports import desk

LISTS = ("reports", "report_bundles", "report_alarms", "report_surges", "report_draws", "report_volumes",
         "report_providers", "report_funnel", "inbox", "deconfliction")  # fmt: skip
ORDERS = ("received", "-received", "look_by", "-look_by", "perishes", "-perishes", "report", "-report", "day", "-times",
          "provider", "-reports", "relevant", "value", "-sum", "cases", "-distance", "identifier", "-hits", "asked",
          "x'; --", "-", "%00")  # fmt: skip


@pytest.fixture(scope="module")
def houses() -> Houses:
    made = Houses()
    assert made.ids
    return made


def browser(houses: Houses, name: str) -> Client:
    kind = "centre" if saved_views.LISTINGS[name].permission == "reports.read" else "authority"
    return houses.of_owner((kind, "lead" if kind == "centre" else "investigator"))


def test_every_list_is_offered() -> None:
    assert set(LISTS) <= set(saved_views.LISTINGS)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_ordered_found_in_and_handed_out(houses: Houses, name: str) -> None:
    visitor, address = browser(houses, name), reverse(name)
    page = visitor.get(address)
    assert page.status_code == 200
    assert "format=csv" in page.content.decode()
    for sort in ORDERS:
        for find in ("", "nothing-like-this"):
            answer = visitor.get(address, {"sort": sort, "find": find, "state": "all"})
            assert answer.status_code == 200, sort
    file = visitor.get(address, {"format": "csv", "state": "all"}, follow=True)
    assert file.headers["Content-Type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(file.content.decode())))
    assert lines
    assert {len(line) for line in lines} == {len(lines[0])}


@pytest.mark.parametrize("name", LISTS)
def test_a_view_of_it_is_kept_and_opens_it_again(houses: Houses, name: str) -> None:
    visitor, address = browser(houses, name), reverse(name)
    field = sorted(saved_views.LISTINGS[name].fields)[0]
    done = visitor.post("/desk/views/save/", {"listing": name, "name": "Mine", "query": f"{field}=a&x=b"})
    assert done["Location"] == f"{address}?{field}=a"
    page = visitor.get(done["Location"]).content.decode()
    assert f'<a href="?{field}=a" aria-current="true">Mine</a>' in page


def test_nobody_gets_a_file_of_what_they_may_not_see(houses: Houses) -> None:
    for name in LISTS:
        address = f"{reverse(name)}?format=csv"
        assert Client().get(address).status_code == 302
        wrong = houses.of_owner(("provider", "reviewer"))
        assert wrong.get(address).status_code == 404


class Queue:
    """Reports of one provider, whose name nobody else has."""

    def __init__(self, cast: Cast) -> None:
        self.centre = Centre(cast)
        self.provider = cast.organisation("Quayside", "provider", "IE")
        self.browser = cast.client(cast.centre, "analyst")
        now = clock.now()
        self.ids = []
        for hours, urgent in ((5, False), (4, True), (3, False)):
            with clock.simulate(now - timedelta(hours=hours)):
                said = {"urgency": {"urgent": True, "reason": "He wrote so"}} if urgent else {}
                self.ids.append(self.centre.file(report(**said), self.provider))
        self.numbers = [self.centre.row(one).number for one in self.ids]

    def order(self, **asked: str) -> list[str]:
        wanted = {"provider": self.provider.organisation_name, **asked}
        page = self.browser.get("/desk/reports/", wanted).content.decode()
        return sorted((n for n in self.numbers if n in page), key=page.index)

    def file(self, **asked: str) -> list[list[str]]:
        wanted = {"provider": self.provider.organisation_name, "format": "csv", **asked}
        return list(csv.reader(io.StringIO(self.browser.get("/desk/reports/", wanted).content.decode())))


def test_the_queue_s_orders(cast: Cast) -> None:
    queue = Queue(cast)
    first, urgent, last = queue.numbers
    assert queue.order()[0] == urgent
    assert queue.order(sort="received") == [first, urgent, last]
    assert queue.order(sort="-received") == [last, urgent, first]
    assert queue.order(sort="look_by")[0] == urgent
    assert queue.order(sort="nothing")[0] == urgent


def _shown(event: Event) -> list[str]:
    return list(json.loads(EventFacts.objects.get(event=event).facts)["shown"])


def test_a_file_of_the_queue_is_a_look_at_each_report(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(cast)
    monkeypatch.setattr(desk, "CHUNK", 2)
    head, *lines = queue.file(sort="received")
    assert [line[head.index("report")] for line in lines] == queue.numbers
    with acting(queue.centre.machine):
        events = Event.objects.filter(kind="report.listed").order_by("-id")[:2]
        shown = {one for event in events for one in _shown(event)}
    assert shown == {str(one) for one in queue.ids}
    monkeypatch.setattr(desk, "MOST_EXPORTED", 1)
    assert len(queue.file()) == 2


def test_a_page_asks_for_its_views_once(cast: Cast) -> None:
    queue = Queue(cast)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        queue.order()
    assert sum("savedview" in one["sql"] for one in asked.captured_queries) == 1


def test_the_inbox_s_orders_and_file(cast: Cast) -> None:
    authority = Authority(Centre(cast), "IS")
    for _ in range(3):
        authority.referred(authority.centre.file(authority.report()))
    visitor = cast.client(authority.machine, "investigator")

    def order(**asked: str) -> list[str]:
        body = visitor.get("/desk/inbox/", {"format": "csv", "state": "all", **asked}).content.decode()
        head, *lines = csv.reader(io.StringIO(body))
        return [line[head.index("referral")] for line in lines]

    oldest: Any = order(sort="received")
    assert len(oldest) == 3
    assert order(sort="-received") == oldest[::-1]
    assert set(order(sort="perishes")) <= set(oldest)
    page = visitor.get("/desk/inbox/", {"sort": "-received", "state": "all"}).content.decode()
    assert sorted(oldest, key=page.index) == oldest[::-1]
    assert 'aria-sort="descending"' in page
