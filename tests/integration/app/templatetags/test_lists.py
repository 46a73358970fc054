"""Every list of every desk: order, words to find, a file, views. A list that is offered is in here by that."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support.access import Houses, may
from tests.support.cast import Cast
from tests.support.detection_world import receipt
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.app.website import urls as _urls  # noqa: F401 - the pages that offer their lists
from tutela.detection.drafts import send
from tutela.events import list_access
from tutela.events.models import Event, EventFacts
from tutela.events.transaction import acting
from tutela.exchange.message.identifiers import uuid7
from tutela.exchange.register.edge_alert import EdgeAlert
from tutela.indicators.audits import sample_selection
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.integrity import edge_alerts
from tutela.indicators.register import dispute, propose
from tutela.investigations.models import Referral
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, arranged
from tutela.reports.models import BlindUse
from tutela.reports.triage import work_queue as reports_queue

LISTS = sorted(saved_views.LISTINGS)
# What is no order of any list.
NO_ORDER = ("x'; --", "-", "%00", "--received", "x" * 300)
# Who looks at a list: the first of them who may.
LOOKING = (
    ("centre", "lead"),
    ("authority", "investigator"),
    ("provider", "lead"),
    ("hotline", "analyst"),
    ("auditor", "auditor"),
    ("centre", "administrator"),
    ("victim_support", "analyst"),
)
STRANGERS = (("provider", "reviewer"), ("hotline", "analyst"), ("victim_support", "administrator"))


@pytest.fixture(scope="module")
def houses() -> Houses:
    made = Houses()
    assert made.ids
    return made


def address(name: str) -> str:
    return reverse(saved_views.LISTINGS[name].page)


def prefix(name: str) -> str:
    """What the list's words begin with in an address."""
    return next((one[: -len("sort")] for one in saved_views.LISTINGS[name].fields if one.endswith("-sort")), "")


def browser(houses: Houses, name: str) -> Client:
    permission = saved_views.LISTINGS[name].permission
    return houses.of_owner(next(part for part in LOOKING if may(part, permission)))


def lines_of(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode())))


def _rows(answer: Any) -> bool:
    return "data-queue" in answer.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_ordered_found_in_and_handed_out(houses: Houses, name: str) -> None:
    visitor, begins = browser(houses, name), prefix(name)
    page = visitor.get(address(name)).content.decode()
    lines = lines_of(visitor.get(address(name), {"format": f"{begins}csv"}, follow=True))
    assert f"format={begins}csv" in page or len(lines) == 1, "only what is empty has no bar"
    # Of everything: what is open alone may have headings of its own.
    everything = visitor.get(address(name), {"state": "all"}).content.decode()
    heads = set(re.findall(rf"[?&;]{begins}sort=-?([a-z0-9_]+)", everything))
    for sort in (*(sign + head for head in heads for sign in ("", "-")), *NO_ORDER):
        answer = visitor.get(address(name), {f"{begins}sort": sort, "state": "all"})
        assert answer.status_code == 200, sort
        ordered = re.search(r'aria-sort="(?:as|des)cending"', answer.content.decode())
        assert bool(ordered) == (sort not in NO_ORDER) or not _rows(answer), sort
    nothing = {f"{begins}find": "nothing-like-this", f"{begins}state": "all"}
    assert visitor.get(address(name), nothing).status_code == 200
    if f"{begins}find" in saved_views.LISTINGS[name].fields:
        assert len(lines_of(visitor.get(address(name), nothing | {"format": f"{begins}csv"}, follow=True))) == 1
    lines = lines_of(visitor.get(address(name), {"format": f"{begins}csv", "state": "all"}, follow=True))
    assert lines
    assert {len(line) for line in lines} == {len(lines[0])}


@pytest.mark.parametrize("name", LISTS)
def test_a_view_of_it_is_kept_and_opens_it_again(houses: Houses, name: str) -> None:
    visitor = browser(houses, name)
    field = sorted(saved_views.LISTINGS[name].fields)[0]
    done = visitor.post("/desk/views/save/", {"listing": name, "name": "Mine", "query": f"{field}=a&x=b"})
    assert done["Location"] == f"{address(name)}?{field}=a"
    page = visitor.get(done["Location"]).content.decode()
    assert f'<a href="?{field}=a" aria-current="true">Mine</a>' in page


@pytest.mark.parametrize("name", LISTS)
def test_nobody_gets_a_file_of_what_they_may_not_see(houses: Houses, name: str) -> None:
    there = f"{address(name)}?format={prefix(name)}csv"
    assert Client().get(there).status_code == 302
    permission = saved_views.LISTINGS[name].permission
    stranger = next((part for part in STRANGERS if not may(part, permission)), None)
    assert stranger or permission == "organisation.read"
    if stranger:
        assert houses.of_owner(stranger).get(there).status_code == 404


def column(visitor: Client, name: str, key: str, head: str = "", **asked: str) -> list[str]:
    there = visitor.get(address(name), {"format": "csv", "sort": key, **asked}, follow=True)
    first, *lines = lines_of(there)
    return [line[first.index(head or key.removeprefix("-"))] for line in lines]


ORDERED = (
    ("candidates", "received", ""),
    ("drafts", "since", ""),
    ("informing", "report", ""),
    ("filed_elsewhere", "told", ""),
    ("disputes", "since", ""),
    ("edge_alerts", "received", ""),
    ("import_runs", "when", ""),
    ("import_runs", "source", ""),
    ("audit_samples", "sample", ""),
    ("deconfliction_uses", "day", ""),
)


def _sent(houses: Houses) -> None:
    centre, made = houses.world.join(), houses.world.draft()
    send.send(houses.world.lead, made)
    houses.world.deliver(made, receipt(centre))


def _disputed(houses: Houses) -> None:
    given = [HashValue("sha256", secrets.token_hex(32))]
    made = propose.propose(
        houses.cast.hotline_ie, given=given, media_type="image", classification="eu-2011-93:known-material", reason="x"
    )
    dispute.dispute(houses.cast.hotline_de, made, "It shows something else")


def _sounded(houses: Houses) -> None:
    alert = EdgeAlert(alert_id=uuid7(), list_id="eu-register", code="stale", detail="Old.", at=clock.now())
    edge_alerts.receive(houses.centre, houses.cast.pixelpost, "eu-register", alert)


def _imported(houses: Houses) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.csv"
        file.write_text(f"sha256\n{secrets.token_hex(32)}\n", encoding="utf-8")
        defaults = Defaults(classification="eu-2011-93:known-material", reason="Assessed")
        runner.run(houses.cast.hotline_de, file, source=f"Source {secrets.token_hex(4)}", defaults=defaults)


def _sampled(houses: Houses) -> None:
    with clock.simulate(clock.now() + timedelta(minutes=2)):
        sample_selection.draw(houses.cast.actor(houses.centre, "lead"), 1, "Quarterly")


def _asked_blindly(houses: Houses) -> None:
    with acting(houses.centre):
        earlier = BlindUse.objects.count()
        BlindUse.objects.create(
            organisation_id=houses.centre.organisation_id,
            asker_id=houses.authority.organisation_id,
            day=date(2024, 1, 1) + timedelta(days=earlier),
            points=7,
        )


MORE = {
    "candidates": lambda houses: houses.world.candidate(),
    "drafts": lambda houses: houses.world.draft(),
    "filed_elsewhere": lambda houses: houses.filed(houses.cast.pixelpost),
    "informing": _sent,
    "disputes": _disputed,
    "edge_alerts": _sounded,
    "import_runs": _imported,
    "audit_samples": _sampled,
    "deconfliction_uses": _asked_blindly,
}


@pytest.mark.parametrize(("name", "key", "head"), ORDERED)
def test_what_the_database_orders_is_in_order_both_ways(houses: Houses, name: str, key: str, head: str) -> None:
    for _ in range(3):
        MORE[name](houses)
    visitor = browser(houses, name)
    up, down = column(visitor, name, key, head), column(visitor, name, f"-{key}", head)
    assert len(set(up)) > 2
    assert up == sorted(up)
    assert down == sorted(up, reverse=True)


def test_the_files_of_a_referral_are_ordered_found_in_and_handed_out(houses: Houses) -> None:
    visitor = houses.of_owner(("authority", "investigator"))
    there = reverse("referral_files", args=[houses.ids["referral"]])
    assert visitor.get(there, {"sort": "-size", "find": "x"}).status_code == 200
    assert lines_of(visitor.get(there, {"format": "csv"}))[0][0] == "file"


def test_what_a_list_of_others_was_read_told_and_given_is_handed_out(houses: Houses) -> None:
    visitor = houses.of_owner(("provider", "lead"))
    there = reverse("partner_list", args=[houses.ids["partner_list"]])
    assert visitor.get(there, {"pulls-sort": "-when", "told-find": "x", "given-sort": "until"}).status_code == 200
    heads = [lines_of(visitor.get(there, {"format": f"{one}-csv"}))[0][0] for one in ("pulls", "told", "given")]
    assert heads == ["when", "when", "organisation"]


def test_what_a_closed_sample_found_is_handed_out(houses: Houses) -> None:
    visitor = houses.of_owner(("centre", "lead"))
    there = reverse("audit_sample", args=[houses.ids["sample"]])
    assert visitor.get(there, {"sort": "-place", "find": "x"}).status_code == 200
    assert [line[0] for line in lines_of(visitor.get(there, {"format": "csv"}))] == ["place", "1"]


def test_a_file_of_candidates_is_a_look_at_each(houses: Houses, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {str(houses.world.candidate()) for _ in range(3)}
    monkeypatch.setattr(list_access, "CHUNK", 2)
    visitor = houses.of_owner(("provider", "lead"))
    assert len(column(visitor, "candidates", "-received")) >= len(made)
    with acting(houses.cast.pixelpost):
        events = Event.objects.filter(kind="candidate.listed").order_by("-id")[:20]
        assert made <= {one for event in events for one in _shown(event)}
    monkeypatch.setattr(list_access, "MOST_EXPORTED", 2)
    assert len(column(visitor, "candidates", "-received")) == 2


LOOKS = {
    "candidates": "candidate",
    "disputes": "indicator",
    "drafts": "report",
    "filed_elsewhere": "report",
    "holds": "indicator",
    "indicators": "indicator",
    "informing": "report",
    "inbox": "referral",
    "report_alerts": "report",
    "report_undelivered": "report",
    "report_draws": "report",
    "report_queue": "report",
    "withdrawals": "indicator",
}


@pytest.mark.parametrize("form", ["", "csv"])
@pytest.mark.parametrize("name", sorted(set(LOOKS) & set(LISTS)))
def test_whoever_looks_at_reports_or_indicators_leaves_a_trace(houses: Houses, name: str, form: str) -> None:
    visitor, kind = browser(houses, name), f"{LOOKS[name]}.listed"
    owner = next(part[0] for part in LOOKING if may(part, saved_views.LISTINGS[name].permission))
    log = houses.log(owner)
    assert visitor.get(address(name), {"format": f"{prefix(name)}csv"} if form else {}).status_code == 200
    assert kind in log.said()


def test_two_lists_of_a_page_keep_their_words_apart(houses: Houses) -> None:
    visitor = houses.of_owner(("centre", "lead"))
    page = visitor.get("/desk/indicators/releases/", {"grants-find": "nothing-like-this"}).content.decode()
    assert 'id="grants-find"' in page
    assert page.count("nothing-like-this") > 1, "the other lists of the page keep it"
    assert 'name="to-find" value=""' in " ".join(page.split())
    name = houses.cast.pixelpost.organisation_name
    first, *lines = lines_of(visitor.get("/desk/indicators/releases/", {"format": "grants-csv", "grants-find": name}))
    assert {line[first.index("organisation")] for line in lines} == {name}


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
    assert queue.order(sort="received") == [urgent, first, last], "urgent comes first in every order"
    assert queue.order(sort="-received") == [urgent, last, first]
    assert queue.order(sort="received", state="all") == [urgent, first, last]
    assert queue.order(sort="-look_by") == [urgent, last, first]
    page = queue.browser.get("/desk/reports/", {"sort": "received"}).content.decode()
    assert "Urgent reports always come first" in page
    assert "Urgent reports always come first" not in queue.browser.get("/desk/reports/").content.decode()
    assert queue.order(sort="look_by")[0] == urgent
    assert queue.order(sort="nothing")[0] == urgent


def test_a_page_of_the_queue_goes_on_where_the_urgent_ones_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(cast)
    first, urgent, last = queue.numbers
    monkeypatch.setattr(reports_queue, "PER_PAGE", 1)
    for state in ("open", "all"):
        pages = [queue.order(sort="-received", state=state, page=str(number)) for number in (1, 2, 3, 4)]
        assert pages == [[urgent], [last], [first], []]


def test_the_bundles_of_urgent_reports_come_first_in_every_order() -> None:
    class Line(NamedTuple):
        name: str
        urgent: bool
        cases: int | None

    lines = [Line("a", False, 9), Line("b", True, None), Line("c", True, 2), Line("d", False, 3)]
    columns = (Column[Line]("cases", "Cases", lambda one: one.cases),)
    for sort, wanted in (("", "bcad"), ("cases", "cbda"), ("-cases", "cbad")):
        found = arranged({"sort": sort}, lines, columns, first=lambda one: one.urgent)
        assert "".join(one.name for one in found.rows) == wanted


def _shown(event: Event) -> list[str]:
    return list(json.loads(EventFacts.objects.get(event=event).facts)["shown"])


def test_a_file_of_the_queue_is_a_look_at_each_report(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(cast)
    monkeypatch.setattr(list_access, "CHUNK", 2)
    head, *lines = queue.file(sort="received")
    first, urgent, last = queue.numbers
    assert [line[head.index("report")] for line in lines] == [urgent, first, last]
    with acting(queue.centre.machine):
        events = Event.objects.filter(kind="report.listed").order_by("-id")[:2]
        shown = {one for event in events for one in _shown(event)}
    assert shown == {str(one) for one in queue.ids}
    monkeypatch.setattr(reports_queue, "MOST_EXPORTED", 1)
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
    said = {"urgency": {"urgent": True, "reason": "He wrote so"}, "locations": []}
    authority.referred(authority.centre.file(authority.report(**said)))
    with acting(authority.machine):
        urgent = Referral.objects.get(urgent=True).number
        Referral.objects.filter(number=urgent).update(expires_at=None)
    visitor = cast.client(authority.machine, "investigator")

    def order(**asked: str) -> list[str]:
        body = visitor.get("/desk/inbox/", {"format": "csv", "state": "all", **asked}).content.decode()
        head, *lines = csv.reader(io.StringIO(body))
        return [line[head.index("referral")] for line in lines]

    first, *oldest = order(sort="received")
    assert first == urgent, "urgent comes first in every order"
    assert len(oldest) == 3
    assert order(sort="-received") == [urgent, *oldest[::-1]]
    for sort in ("expires", "-expires"):
        assert order(sort=sort)[0] == urgent, "also where nothing of it expires"
        assert set(order(sort=sort)) == {urgent, *oldest}
    page = visitor.get("/desk/inbox/", {"sort": "-received", "state": "all"}).content.decode()
    assert sorted([urgent, *oldest], key=page.index) == [urgent, *oldest[::-1]]
    assert "Urgent referrals come first in every order" in page
    assert 'aria-sort="descending"' in page
