"""A requested hash at a host: a candidate for its reviewer, and never an indicator, a report, or anything by itself."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.detection_world import body, read
from tests.support.removal_world import LIST_ID, Person, Removal, digests, forget_limits, match
from tutela import clock
from tutela.detection.candidates import intake as candidates
from tutela.detection.models import Candidate, Draft
from tutela.detection.settings import services
from tutela.detection.settings.services import ServiceInput
from tutela.edge.active_lists.hash_files import records
from tutela.edge.errors import SourceError
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.exchange.removal.requested_hashes import Shape
from tutela.indicators.models import Indicator
from tutela.matching.files.snapshot_writer import snapshot_bytes
from tutela.organisations.models import OutboxMessage
from tutela.reports.models import Report
from tutela.victims import retention
from tutela.victims.errors import AdultsOnly, ItemDecided, ItemGone, NothingToSend, NotLookedAt, UnknownHost
from tutela.victims.host_desk import membership, requested_items, review, work_queue
from tutela.victims.host_desk.membership import TermsInput
from tutela.victims.host_desk.review import FoundJudgement
from tutela.victims.host_desk.work_queue import FoundFilter


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def asked(world: Removal, *types: str, host: int = 0) -> tuple[UUID, UUID]:
    """A request that a host has, and an item that matched it."""
    world.accept(*types, host=host)
    request = world.request(world.asks())
    world.send(request)
    found = world.uploaded(world.requested(host)[-1], f"album/{secrets.token_hex(4)}", host)
    assert found
    return request, found


def everything(world: Removal) -> tuple[int, ...]:
    """How many indicators, reports, candidates and drafts there are, and messages to others than in the scheme."""
    with acting(world.cast.centre):
        counted = [Indicator.objects.count(), Report.objects.count()]
    for host in world.hosts:
        with acting(host.provider):
            counted += [Candidate.objects.count(), Draft.objects.count()]
            foreign = OutboxMessage.objects.exclude(kind__in=("removal-scheme", "removal-answer"))
            counted.append(foreign.count())
    return tuple(counted)


def test_a_requested_hash_becomes_no_indicator_no_candidate_and_no_report(world: Removal) -> None:
    before = everything(world)
    request, found = asked(world)
    world.decided(found, "removed")
    assert [state for *_rest, state in world.states(request)] == ["removed"]
    assert everything(world) == before


def test_other_matches_of_the_same_item_become_a_candidate_without_the_requested_hash(world: Removal) -> None:
    world.accept("pdq")
    world.send(world.request(world.asks()))
    (item,) = world.requested()
    message = body()
    message["matches"] = [match(item.pk), *message["matches"]]
    taken = candidates.receive(world.hosts[0].machine, read(message))
    with acting(world.hosts[0].provider):
        row = Candidate.objects.get(pk=taken.id)
        lists = set(row.matches.values_list("list_id", flat=True))
        inside = {one.list_id for one in candidates.opened(row).matches}
    assert LIST_ID not in lists | inside
    assert len(world.found()) == 1


def test_a_reviewer_opens_before_deciding_and_decides_once(world: Removal) -> None:
    _request, found = asked(world)
    reviewer = world.hosts[0].reviewer
    with pytest.raises(NotLookedAt):
        review.decide(reviewer, found, FoundJudgement("removed"))
    assert review.shown(reviewer, found) is None
    for wrong in (FoundJudgement("gone"), FoundJudgement("kept"), FoundJudgement("removed", "lawful")):
        with pytest.raises(Invalid):
            review.decide(reviewer, found, wrong)
    review.open_item(reviewer, found)
    shown = review.shown(reviewer, found)
    assert shown
    assert shown.item.startswith("album/")
    review.decide(reviewer, found, FoundJudgement("kept", "other_picture", "Another lake."))
    with pytest.raises(ItemDecided, match=f"{reviewer.name} has already decided"):
        review.decide(reviewer, found, FoundJudgement("removed"))
    assert work_queue.load(reviewer, found).decision
    with pytest.raises(Forbidden):
        review.open_item(world.analyst, found)


def test_a_strangers_request_for_a_lawful_picture_goes_nowhere(world: Removal) -> None:
    """A picture of the news is asked for: the reviewer leaves it, every host deletes the hash, later ones are held."""
    world.accept("pdq", host=0)
    world.accept("pdq", host=1)
    news = digests()
    request = world.request(world.asks(news))
    world.send(request)
    (item,) = world.requested(0)
    found = world.uploaded(item, "news/1")
    assert found
    world.decided(found, "kept", "lawful")
    assert {(host, state) for _n, host, state in world.states(request)} == {
        (world.hosts[0].provider.organisation_name, "kept"),
        (world.hosts[1].provider.organisation_name, "paused"),
    }
    assert [one.state for one in world.requested(1)] == ["withdrawn"]
    assert world.uploaded(item, "news/2") is None, "it is not looked for here any more"
    assert world.row(request).flagged
    again = world.request(world.asks(news))
    assert world.row(again).flagged, "a later request for the same picture is held"


def test_a_withdrawn_request_leaves_nothing_to_decide(world: Removal) -> None:
    world.accept("pdq")
    person = world.asks()
    world.send(world.request(person))
    found = world.uploaded(world.requested()[0], "album/1")
    assert found
    person.submit("withdraw")
    world.post()
    with pytest.raises(ItemGone):
        review.open_item(world.hosts[0].reviewer, found)


@pytest.mark.parametrize("changed", [{"shadow": True}, {"channel": "private"}])
def test_private_communication_and_shadow_mode_are_never_matched(world: Removal, changed: dict[str, object]) -> None:
    world.accept("pdq")
    world.send(world.request(world.asks()))
    assert world.uploaded(world.requested()[0], "album/1", **changed) is None
    assert world.found() == []


@pytest.mark.parametrize("terms", [{"mode": "shadow"}, {"kind": "interpersonal", "channel": "private", "mode": "on"}])
def test_the_terms_of_the_service_count_if_the_edge_names_no_channel(world: Removal, terms: dict[str, str]) -> None:
    world.accept("pdq")
    world.send(world.request(world.asks()))
    host = world.hosts[0]
    services.change(host.lead, host.service, ServiceInput(**{"kind": "hosting"} | terms))
    assert world.uploaded(world.requested()[0], "album/1", channel=None) is None
    assert world.found() == []


def test_the_shape_for_adults_is_refused_at_the_host_and_at_victim_support(world: Removal) -> None:
    lead, support = world.hosts[0].lead, world.support.organisation_id
    with pytest.raises(AdultsOnly):
        membership.accept(lead, TermsInput(support, Shape.STOPNCII, ["pdq"], 30))
    good = {"support": support, "shape": "report_remove", "types": ["pdq"], "most_days": 9}
    for wrong in ({"types": []}, {"types": ["sha1"]}, {"most_days": 0}, {"shape": "other"}):
        with pytest.raises(Invalid):
            membership.accept(lead, TermsInput(**good | wrong))  # type: ignore[arg-type]
    with pytest.raises(UnknownHost):
        membership.accept(lead, TermsInput(world.cast.centre.organisation_id, "take_it_down", ["pdq"], 30))
    with pytest.raises(Forbidden):
        membership.accept(world.hosts[0].reviewer, TermsInput(support, "take_it_down", ["pdq"], 30))


def test_a_host_that_leaves_deletes_everything_and_gets_nothing_more(world: Removal) -> None:
    terms = world.accept("pdq")
    request = world.request(world.asks())
    world.send(request)
    assert requested_items.leave(world.hosts[0].lead, terms) == 1
    world.post()
    (item,) = world.requested()
    assert item.sealed == b""
    assert [state for *_rest, state in world.states(request)] == ["deleted"]
    other = world.request(world.asks())
    with pytest.raises(NothingToSend):
        world.send(other)


def test_the_hosts_edge_builds_its_list_from_the_api(world: Removal, tmp_path: Path) -> None:
    world.accept("sha256", "md5", "pdq")
    framed = [{"type": "pdq", "hash": secrets.token_hex(32)} for _ in range(3)]
    said = world.sends({}, fingerprints=framed)
    world.read()
    world.send(world.request(Person(said["number"], "", "", "")))
    world.send(world.request(world.asks(digests())))
    headers = world.cast.key(world.hosts[0].provider, "candidates:submit")
    assert Client().get("/api/v1/removal/requested-hashes").status_code == 401
    answer = Client().get("/api/v1/removal/requested-hashes", headers=headers)
    assert answer.status_code == 200
    text = b"".join(answer).decode()  # type: ignore[arg-type]
    listed = {json.loads(line)["entry_id"] for line in text.splitlines()}
    assert listed == {str(entry) for one in world.requested() for entry in one.entry_ids}
    file = tmp_path / "requested.jsonl"
    file.write_text(text)
    with pytest.raises(SourceError, match="Name the file"):
        list(records(file, "our-list"))
    _data, report = snapshot_bytes(records(file, LIST_ID), hasher="")
    assert (report.entries, report.quarantined) == (4, [])
    other = world.cast.key(world.hosts[1].provider, "candidates:submit")
    assert b"".join(Client().get("/api/v1/removal/requested-hashes", headers=other)) == b""  # type: ignore[arg-type]


def test_lists_and_retention_of_items(world: Removal) -> None:
    _request, found = asked(world)
    reviewer = world.hosts[0].reviewer
    rows, more = work_queue.list_items(reviewer, FoundFilter())
    assert ([one.pk for one in rows], more) == ([found], False)
    later = clock.now() + timedelta(hours=25)
    with clock.simulate(later):
        assert [one.pk for one in work_queue.list_items(reviewer, FoundFilter("late"))[0]] == [found]
    world.decided(found, "removed")
    assert work_queue.list_items(reviewer, FoundFilter())[0] == []
    later = clock.now() + timedelta(days=200)
    with clock.simulate(later), acting(world.hosts[0].provider):
        assert list(retention.erase_found(world.hosts[0].provider, later)) == [("found_item", str(found))]
    assert work_queue.load(reviewer, found).facts is None
