"""Whose turn it is to be asked about, what asks by itself, and requests for contact however many there are."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.investigations.deconfliction.test_query import MAIL, OTHER, Authority, World
from tests.support.cast import Cast
from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.referral.deconfliction import POINTS_A_DAY
from tutela.investigations import jobs
from tutela.investigations.deconfliction import contacts, daily_run, page_data, query
from tutela.investigations.models import ContactWanted, HeldIdentifier
from tutela.organisations.people import clock_monitor, directory
from tutela.reports.deconfliction import relay
from tutela.reports.models import BlindQuestion

NOON = datetime(2027, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def world(cast: Cast) -> World:
    return World(cast)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One point a question, and a day's budget of two."""
    monkeypatch.setattr(query, "MOST_POINTS", 1)
    for module in (relay, daily_run):
        monkeypatch.setattr(module, "POINTS_A_DAY", 2)


def asked(authority: Authority) -> set[str]:
    """About what the Centre has passed a question on."""
    return {one.text for one in authority.desk().identifiers if one.row.asked_at}


def by_itself(monkeypatch: pytest.MonkeyPatch, *authorities: Authority) -> None:
    """The evening's job, on a node that has these authorities alone: other tests' take part too."""
    monkeypatch.setattr(clock_monitor, "steady", lambda: True)
    entries = [directory.entry(one.id) for one in authorities]
    with monkeypatch.context() as patch:
        patch.setattr(jobs.directory, "list_organisations", lambda: entries)
        jobs.ask_others(0)


@pytest.mark.usefixtures("small")
def test_what_the_centre_refuses_is_first_in_line_the_next_day(world: World) -> None:
    mails = [f"m{n}@mail.example" for n in range(3)]
    with clock.simulate(NOON):
        mine = world.authority(*mails)
        for _ in mails:
            query.ask(mine.person)
            world.post()
        assert asked(mine) == {*mails[:2]}
        assert sum("daily limit" in one.refused for one in mine.desk().questions) == 1
    with clock.simulate(NOON + timedelta(days=1)):
        query.ask(mine.person)
        world.post()
        assert asked(mine) == {*mails}


@pytest.mark.usefixtures("small")
def test_two_refusals_under_way_at_once_give_back_what_they_took(world: World) -> None:
    with clock.simulate(NOON):
        mine = world.authority(MAIL)
        query.ask(mine.person)
        world.post()
        (before,) = mine.desk().identifiers
    with clock.simulate(NOON + timedelta(hours=1)):
        for _ in range(3):
            query.ask(mine.person)
        assert mine.desk().identifiers[0].row.under_way_id is not None
        world.post()
    (row,) = [one.row for one in mine.desk().identifiers]
    assert row.under_way_id is None
    assert before.row.asked_at is not None
    assert row.asked_at == before.row.asked_at + timedelta(hours=1), "one was passed on, two were not"


def test_what_another_enters_later_is_found_by_both_without_anybody_pressing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.simulate(NOON):
        first = world.authority(MAIL)
        query.ask(first.person)
        world.post()
        second = world.authority(MAIL)
        by_itself(monkeypatch, first, second)
        world.post()
        assert (len(first.hits()), len(second.hits())) == (0, 1), "the first one has asked today"
    with clock.simulate(NOON + timedelta(days=1)):
        by_itself(monkeypatch, first, second)
        by_itself(monkeypatch, first, second)
        world.post()
    assert (len(first.hits()), len(second.hits())) == (1, 1)
    with acting(second.person):
        events = Event.objects.filter(organisation_id=second.id, kind="deconfliction.asked").order_by("at")
        assert [one.actor for one in events] == 2 * ["system:deconfliction"], "one a day, and none twice"


def test_who_does_not_take_part_or_has_left_asks_nothing_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, outside = world.authority(MAIL), Authority(world)
    world.authorities.append(outside)
    query.take_part(left.person, wanted=False)
    world.post()
    by_itself(monkeypatch, left, outside)
    assert left.desk().questions == outside.desk().questions == []


def test_what_asks_by_itself_stops_at_the_budget_and_is_no_alert(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily_run, "MOST_POINTS", 2)
    monkeypatch.setattr(daily_run, "MOST_BY_ITSELF", 3)
    mails = [f"m{n}@mail.example" for n in range(5)]
    with clock.simulate(NOON):
        mine = world.authority(*mails)
        by_itself(monkeypatch, mine)
        assert sorted(one.points for one in mine.desk().questions) == [1, 2]
        world.post()
        assert asked(mine) == {*mails[:3]}
        assert mine.desk().left == POINTS_A_DAY - 3
    for module in (relay, daily_run):
        monkeypatch.setattr(module, "POINTS_A_DAY", 4)
    with clock.simulate(NOON + timedelta(hours=1)):
        by_itself(monkeypatch, mine)
        world.post()
        assert asked(mine) == {*mails[:4]}, "one was left"
        by_itself(monkeypatch, mine)
        world.post()
    use = world.use(mine)
    assert use is not None
    assert (use.points, use.refused, world.alerts(mine)) == (4, 0, [])


def test_nothing_is_heaped_up_for_a_centre_that_is_away_nor_asked_after_a_refusal(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.simulate(NOON):
        mine = world.authority(MAIL)
        by_itself(monkeypatch, mine)
    for days in (1, 2, 3):
        with clock.simulate(NOON + timedelta(days=days)):
            by_itself(monkeypatch, mine)
    assert len(mine.desk().questions) == 1
    with clock.simulate(NOON + timedelta(days=3)):
        world.post()
        # It counts for the day on which it came.
        assert mine.desk().left == POINTS_A_DAY - 1
        query.hold(mine.person, "email", OTHER, "AZ 2")
        world.post()
        monkeypatch.setattr(relay, "POINTS_A_DAY", 1)
        query.ask(mine.person)
        world.post()
        assert sum(bool(one.refused) for one in mine.desk().questions) == 1
        by_itself(monkeypatch, mine)
        assert len(mine.desk().questions) == 2
    with acting(world.centre):
        assert BlindQuestion.objects.filter(asker_id=mine.id).count() == 1


def test_one_authoritys_failure_keeps_no_other_from_asking(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = world.authority(MAIL), world.authority(OTHER)
    with acting(first.person):
        HeldIdentifier.objects.update(sealed=b"broken")
    by_itself(monkeypatch, first, second)
    with acting(second.person):
        assert HeldIdentifier.objects.exclude(under_way=None).count() == 1


def wants(authority: Authority, count: int) -> None:
    with acting(authority.person):
        held = HeldIdentifier.objects.get()
        for number in range(count):
            ContactWanted.objects.create(
                organisation_id=authority.id,
                request_id=uuid7(),
                identifier=held,
                authority=f"Kriminalamt {number:03}",
                created_at=NOON + timedelta(minutes=number),
            )


def test_every_request_is_reached_and_decided_those_to_decide_first(cast: Cast, world: World) -> None:
    mine = world.authority(MAIL)
    wants(mine, 120)
    with acting(mine.person):
        newest = list(ContactWanted.objects.order_by("-created_at")[:100])
    for one in newest:
        contacts.decide(mine.person, one.pk, accepted=False)
    waiting = {f"Kriminalamt {number:03}" for number in range(20)}
    desk = mine.desk()
    assert desk.more_wanted
    assert {one.row.authority for one in desk.wanted} < waiting
    client, there = cast.client(mine.machine, "investigator"), "/desk/deconfliction/requests/"
    for sort in ("", "-received", "authority", "-authority", "-decision"):
        rows = list(csv.DictReader(io.StringIO(client.get(there, {"format": "csv", "sort": sort}).content.decode())))
        assert len(rows) == 120
        assert {one["authority"] for one in rows[:20]} == waiting
    assert "Kriminalamt 019" not in client.get(there, {"page": "2", "sort": "received"}).content.decode()
    pages = [client.get(there, {"page": number}).content.decode() for number in (1, 2, 3)]
    assert all(f"Kriminalamt {number:03}" in "".join(pages) for number in range(120))
    last = client.get(there, {"state": "waiting", "sort": "-received"}).content.decode()
    assert ("Kriminalamt 019" in last, "Kriminalamt 020" in last) == (True, False)
    oldest = mine.desk().wanted[0].row
    done = client.post(f"{there}{oldest.pk}/", {"decision": "accept", "contact": "Unit 7", "from": "list"})
    assert done["Location"] == there
    assert "Unit 7" in client.get(there, {"state": "decided", "sort": "-decision"}).content.decode()
    with acting(mine.person):
        assert page_data.open_requests(mine.person) == 19
        assert Event.objects.filter(organisation_id=mine.id, kind="contact_request.listed").exists()
    assert cast.client(cast.pixelpost, "lead").get(there).status_code == 404
    other = cast.client(Authority(world).machine, "investigator")
    assert "Kriminalamt 0" not in other.get(there, {"state": "decided"}).content.decode()
