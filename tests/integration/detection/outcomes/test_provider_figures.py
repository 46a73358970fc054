"""What became of the reports that were sent: over time, by reason, by what they lacked."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.detection_world import World, receipt
from tutela import clock
from tutela.detection.drafts import drafts, send
from tutela.detection.models import Draft
from tutela.detection.outcomes import centre_feedback, provider_figures
from tutela.detection.outcomes.provider_figures import FigureFilter, ProviderFigures
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.report.feedback import Feedback

ADDRESS = "/desk/drafts/outcomes/"


@pytest.fixture
def world(cast: Cast) -> World:
    """A provider of its own: figures count everything of an organisation."""
    cast.pixelpost = cast.organisation("Counting", "provider", "IE")
    world = World(cast)
    world.join()
    return world


def sent(world: World, *words: tuple[str, dict[str, Any]]) -> UUID:
    """A report that went to the Centre, and what the Centre said of it then."""
    made = world.draft()
    send.send(world.lead, made)
    world.deliver(made, receipt(world.cast.centre))
    for kind, fields in words:
        tell(world, made, kind, **fields)
    return made


def tell(world: World, made: UUID, kind: str, **fields: Any) -> None:
    body = {
        "feedback_id": str(uuid7()),
        "report_id": str(made),
        "kind": kind,
        "at": clock.now().isoformat(),
        "centre": "EU Centre",
        **fields,
    }
    with acting(world.lead):
        centre_feedback.receive(
            world.lead, Feedback.from_bytes(json.dumps(body).encode()), world.cast.centre.organisation_id
        )


def unfounded(code: str) -> tuple[str, dict[str, Any]]:
    return "not_relevant", {"reason_code": code}


def found(world: World, **wanted: str) -> ProviderFigures:
    return provider_figures.became(world.lead, FigureFilter(**wanted))


def test_each_report_counts_once_where_it_stands(world: World) -> None:
    sent(world)
    sent(world, ("relevant", {}))
    sent(world, ("relevant", {}), ("closed", {}))
    sent(world, ("received", {"reason": "Which account?"}), ("relevant", {}))
    sent(world, ("received", {"reason": "Which port?"}))
    sent(world, unfounded("adults"))
    sent(world, unfounded("adults"))
    sent(world, ("relevant", {}), unfounded("centre_error"))
    sent(world, ("not_relevant", {"reason": "From an older node."}))
    world.draft()  # was never sent
    total = found(world).total
    assert (total.sent, total.forwarded, total.unfounded, total.open, total.back) == (9, 3, 4, 2, 0)
    assert total.asked == 2
    assert (total.forwarded_share, total.unfounded_share) == (3 / 7, 4 / 7)
    assert [(one.code, one.reports) for one in found(world).reasons] == [
        ("adults", 2),
        ("none", 1),
        ("centre_error", 1),
    ]
    assert found(world).periods[-1] == provider_figures.Period(
        **{**vars(total), "begins": found(world).periods[-1].begins}
    )


def test_a_later_word_takes_the_place_of_an_earlier_one(world: World) -> None:
    made = sent(world, unfounded("adults"))
    tell(world, made, "relevant")
    assert (found(world).total.unfounded, found(world).total.forwarded, found(world).reasons) == (0, 1, [])


def test_a_hold_says_nothing_of_where_a_report_stands(world: World) -> None:
    made = sent(world)
    before = found(world)
    tell(world, made, "hold", until=(clock.now() + timedelta(days=3)).isoformat())
    assert found(world) == before


def test_periods_are_weeks_and_months_of_the_first_sending(world: World) -> None:
    now = clock.now()
    for days in (0, 8, 40, 200, 500):
        with clock.simulate(now - timedelta(days=days)):
            made = world.draft()
            with acting(world.lead):
                Draft.objects.filter(pk=made).update(
                    sent_at=clock.now(), sent_to=world.cast.centre.organisation_id, state="received", lacking=["users"]
                )
    weeks, months = found(world, by="week"), found(world, by="month")
    assert (len(weeks.periods), len(months.periods)) == (13, 12)
    assert (weeks.total.sent, months.total.sent) == (3, 4)
    assert all(one.begins.weekday() == 0 for one in weeks.periods)
    assert all(one.begins.day == 1 for one in months.periods)
    assert months.periods[-1].begins == now.astimezone(UTC).date().replace(day=1)
    assert sum(one.sent for one in months.periods) == 4


def test_the_first_days_of_a_year_have_twelve_months_before_them(world: World) -> None:
    with clock.simulate(datetime(2027, 1, 1, 0, 30, tzinfo=UTC)):
        begins = [one.begins.isoformat() for one in found(world, by="month").periods]
    assert (begins[0], begins[-1], len(set(begins))) == ("2026-02-01", "2027-01-01", 12)


def test_what_a_report_lacked_is_counted_as_it_was_sent(world: World) -> None:
    bare = world.draft()
    full = world.draft()
    place = [{"ip": "192.0.2.7", "port": 4000, "at": clock.now().isoformat(), "time_zone": "UTC"}]
    drafts.edit(world.lead, full, 1, {"locations": place, "geography": [{"country": "DE"}]})
    for made in (bare, full):
        send.send(world.lead, made)
    lacked = {one.code: (one.reports, one.share) for one in found(world).lacking}
    assert lacked["locations"] == (1, 0.5)
    assert lacked["victims"] == (2, 1.0)
    assert "locations.port" not in lacked
    total = found(world).total
    assert total.known == 2
    assert total.completeness is not None
    assert 0 < total.completeness < 1


def test_a_service_and_a_recipient_restrict(world: World) -> None:
    sent(world, ("relevant", {}))
    centre = str(world.cast.centre.organisation_id)
    assert found(world, service="Pixelpost Albums", recipient=centre).total.sent == 1
    assert found(world, service="Another").total.sent == 0
    assert found(world, recipient=str(world.provider.organisation_id)).total.sent == 0
    assert [one[0] for one in found(world, service="Another").recipients] == [centre], "what can be chosen stays"


def test_the_page_shows_it_and_hands_it_out(world: World, client: Client) -> None:
    browser = world.cast.client(world.provider, "reviewer")
    assert client.get(ADDRESS).status_code == 302
    assert world.cast.client(world.cast.centre, "analyst").get(ADDRESS).status_code == 404
    empty = browser.get(ADDRESS).content.decode()
    assert "No report was sent in this period." in empty
    sent(world, unfounded("family_or_medical"))
    text = browser.get(ADDRESS).content.decode()
    assert "an everyday family picture" in text
    assert "<code>victims</code>" in text
    rows = list(csv.reader(io.StringIO(browser.get(ADDRESS, {"format": "csv"}).content.decode())))
    assert rows[0][:5] == ["from", "sent", "forwarded", "unfounded", "open"]
    assert (len(rows), rows[1][1:5]) == (14, ["1", "0", "1", "0"])
    why = browser.get(ADDRESS, {"format": "why-csv", "by": "month"}).content.decode().splitlines()
    assert why == ["reason,reports,share", "family_or_medical,1,1.0"]
    assert "victims,1,1.0" in browser.get(ADDRESS, {"format": "lacking-csv"}).content.decode()
    for nonsense in ({"by": "year"}, {"service": "x" * 500}, {"recipient": "'"}):
        assert browser.get(ADDRESS, nonsense).status_code == 200


def test_another_providers_reports_are_not_counted(world: World) -> None:
    sent(world, ("relevant", {}))
    other = world.cast.actor(world.cast.other_provider, "lead")
    assert all(
        one[0] != str(world.cast.centre.organisation_id)
        for one in provider_figures.became(other, FigureFilter()).recipients
    )
