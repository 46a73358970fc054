"""The way of a report from the upload to the outcome, as each desk shows it; and that no look at a list goes unseen."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.models import Event, EventFacts
from tutela.events.record import EventFilter, Recorded, search
from tutela.events.transaction import acting
from tutela.investigations.referral_work import answers
from tutela.investigations.referral_work import work_queue as authority_desk
from tutela.law.timeline import Stop
from tutela.reports.intake.submit import status_of
from tutela.reports.report_detail import report_detail
from tutela.reports.triage import work_queue

START = clock.now() - timedelta(hours=3)
STEPS = [
    {"kind": "upload_seen", "at": START.isoformat(), "by": "Albums"},
    {"kind": "list_matched", "at": (START + timedelta(minutes=1)).isoformat(), "by": "public-register"},
    {"kind": "reviewer_confirmed", "at": (START + timedelta(minutes=30)).isoformat(), "by": "reviewer-00000001"},
    {"kind": "reviewer_confirmed", "at": (START + timedelta(minutes=40)).isoformat(), "by": "reviewer-00000002"},
]


def _names(stops: list[Stop]) -> list[str]:
    return [stop.event.kind if stop.event else stop.code for stop in stops]


def _in_order(stops: list[Stop], *wanted: str) -> None:
    names = _names(stops)
    assert [stop.at for stop in stops] == sorted(stop.at for stop in stops)
    places = [names.index(name) for name in wanted]
    assert places == sorted(places), names
    assert all(stop.by for stop in stops)


def test_the_centre_sees_the_way_from_the_upload_to_the_outcome_with_its_clocks(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "JP")
    filed = centre.file(authority.report(steps=STEPS))
    referral = authority.referred(filed)
    answers.acknowledge(authority.investigator, referral, file_reference="A-1")
    authority.answer()
    stops = report_detail.open_report(centre.analyst, filed).journey.stops
    _in_order(
        stops,
        "upload_seen",
        "list_matched",
        "reviewer_confirmed",
        "report_issued",
        "report.received",
        "report.forward",
        "report.referred",
        "referral.acknowledged",
    )
    by_name = dict(zip(_names(stops), stops, strict=True))
    assert by_name["report_issued"].place == "Pixelpost"
    assert {spec.kind for spec, _standing in by_name["report.received"].clocks} == {"relevance"}
    assert {spec.kind for spec, _standing in by_name["report.referred"].clocks} == {"acknowledgement"}
    assert not by_name["referral.acknowledged"].clocks
    page = cast.client(centre.machine, "analyst").get(f"/desk/reports/{filed}/").content.decode()
    assert "Item seen on the service" in page
    assert "reviewer-00000002" in page


def test_the_authority_sees_what_was_done_before_it(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "IN")
    referral = authority.referred(centre.file(authority.report(steps=STEPS)))
    stops = authority_desk.open_referral(authority.investigator, referral).journey.stops
    _in_order(
        stops,
        "upload_seen",
        "list_matched",
        "reviewer_confirmed",
        "report_issued",
        "assessed_relevant",
        "referral_made",
        "referral.received",
    )


def test_looks_stand_apart_from_steps(cast: Cast) -> None:
    centre = Centre(cast)
    filed = centre.file(report())
    for _ in range(3):
        journey = report_detail.open_report(centre.analyst, filed).journey
    assert len(journey.looks) == 3
    assert not [name for name in _names(journey.stops) if name.endswith(".viewed")]


def test_a_report_that_tells_no_steps_shows_its_confirmation(cast: Cast) -> None:
    centre = Centre(cast)
    names = _names(report_detail.open_report(centre.analyst, centre.file(report())).journey.stops)
    assert {"reviewer_confirmed", "report_issued"} <= set(names)


LISTS: dict[str, tuple[str, str, Callable[[Cast], Actor]]] = {
    "/desk/reports/": ("report.listed", "analyst", lambda cast: cast.centre),
    "/desk/inbox/": ("referral.listed", "investigator", lambda cast: cast.authority),
    "/desk/indicators/": ("indicator.listed", "analyst", lambda cast: cast.hotline_ie),
    "/desk/candidates/": ("candidate.listed", "reviewer", lambda cast: cast.pixelpost),
    "/desk/drafts/": ("report.listed", "lead", lambda cast: cast.pixelpost),
}


def _events(actor: Actor, kind: str) -> list[Recorded]:
    with acting(actor):
        return search(actor, EventFilter(kind=kind, subject="list"), limit=5)


@pytest.mark.parametrize("address", LISTS)
def test_a_look_at_a_list_is_recorded_with_its_purpose(cast: Cast, address: str) -> None:
    kind, role, of = LISTS[address]
    who = of(cast)
    client: Client = cast.client(who, role)
    assert client.get(address + "?text=abc&state=all").status_code == 200
    found = _events(who, kind)[0]
    assert found.purpose
    assert found.facts is not None
    assert found.facts["page"] == 1
    assert "abc" not in str(found.facts)


def test_what_was_shown_is_in_the_event(cast: Cast) -> None:
    centre = Centre(cast)
    filed = centre.file(report(urgency={"urgent": True, "reason": "token"}))
    someone = cast.actor(cast.centre, "analyst")
    rows, _more = work_queue.lines(someone, work_queue.ReportFilter())
    with acting(centre.machine):
        looked = Event.objects.get(kind="report.listed", actor=someone.reference)
        facts = json.loads(EventFacts.objects.get(event_id=looked.pk).facts)
    assert facts["shown"] == [str(row.report_id) for row in rows]
    assert isinstance(filed, UUID)


def test_a_provider_that_asks_how_its_report_stands_leaves_an_event(cast: Cast) -> None:
    centre = Centre(cast)
    filed = centre.file(report())
    assert status_of(cast.pixelpost, centre.entry, filed)
    with acting(centre.machine):
        assert search(centre.machine, EventFilter(kind="report.status", subject=f"report:{filed}"))
