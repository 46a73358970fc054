"""One complaint: heard, decided, and the mistake corrected at every recipient, each acknowledging."""

from __future__ import annotations

import secrets
from uuid import UUID, uuid4

import pytest

from tests.support.cast import Cast
from tests.support.redress_world import WORDS, Redress
from tests.support.register import release
from tests.support.reporting import item
from tests.support.reporting import report as make_report
from tests.support.reports_world import state_of_entry
from tutela import clock
from tutela.detection.candidates import local_stops
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.exchange.redress.reversal import Reversal as Wire
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import downloads, head
from tutela.organisations.people import directory
from tutela.redress.complaints import work_queue
from tutela.redress.complaints.decide import Judgement
from tutela.redress.errors import HopAnswered, ReversalEnded
from tutela.redress.models import ErrorEntry, Hop, HopStep
from tutela.redress.reversals import accept, messages
from tutela.redress.reversals.accept import OwnAnswer
from tutela.reports.models import State


@pytest.fixture
def world(cast: Cast) -> Redress:
    return Redress(cast)


def test_the_mistake_is_corrected_everywhere_and_the_person_is_told(world: Redress) -> None:
    report, entry = world.flagged()
    complaint = world.complained()
    full = work_queue.load(world.judge, complaint)
    assert full.text == WORDS
    world.measured(complaint, report)
    row = world.reversed(complaint)
    with acting(world.provider):
        assert local_stops.stopped([entry]) == {entry}
    assert world.hops(world.provider, row.root_id) == {
        "measure": "waiting",
        "own_list": "corrected",
        "centre": "sent",
        "statistics": "corrected",
    }
    world.post()
    assert world.hops(world.provider, row.root_id)["centre"] == "received"
    there = world.at(world.centre.machine, row.root_id)
    assert there.accepted is None
    accept.accept(world.centre.lead, there.pk)
    assert world.centre.row(report).state == State.ERRONEOUS
    assert state_of_entry(world.cast, entry) == "suspended"
    world.post()
    hops = world.hops(world.centre.machine, row.root_id)
    assert {hops[one] for one in ("report", "register", "statistics")} == {"corrected"}
    assert {hops["authority"], hops["hotline"]} == {"received"}
    world.answered(world.authority.investigator, row.root_id, "erased", consequences=("police_contact",))
    for hotline in world.hotlines:
        world.answered(world.cast.actor(hotline, "analyst"), row.root_id)
    world.answered(world.judge, row.root_id)
    world.post()
    assert set(world.hops(world.centre.machine, row.root_id).values()) <= {"corrected", "erased"}
    assert world.hops(world.provider, row.root_id)["centre"] == "corrected"
    assert world.at(world.provider, row.root_id).outcome == "corrected"
    said = "\n".join(world.read(complaint)[1:])
    assert "the account is open again" in said
    for forbidden in ("list", "hash", "police", "authority", "Centre", "report", str(entry)):
        assert forbidden not in said
    assert work_queue.load(world.judge, complaint).row.stage == "closed"
    with acting(world.centre.machine):
        assert ErrorEntry.objects.filter(reversal__root_id=row.root_id).count() == 1


def test_an_authority_keeps_evidence_and_nobody_else_learns_of_it(world: Redress) -> None:
    report, entry = world.flagged()
    complaint = world.complained()
    world.measured(complaint, report)
    row = world.reversed(complaint)
    world.post()
    accept.accept(world.centre.lead, world.at(world.centre.machine, row.root_id).pk)
    world.post()
    assert world.hops(world.provider, row.root_id)["centre"] == "corrected"
    for hotline in world.hotlines:
        world.answered(world.cast.actor(hotline, "analyst"), row.root_id)
    for state, because in (("kept", ""), ("kept", "because"), ("corrected", "evidence"), ("waiting", "")):
        with pytest.raises(Invalid):
            world.answered(world.authority.investigator, row.root_id, state, because=because)
    world.answered(world.authority.investigator, row.root_id, "kept", because="evidence", consequences=("search",))
    world.answered(world.judge, row.root_id)
    world.post()
    with acting(world.provider):
        steps = list(
            HopStep.objects.filter(hop__reversal=row, hop__kind="centre").values_list("because", "consequences")
        )
    assert all(one == ("", []) for one in steps)
    # The answer had left before the authority had said anything: neither words nor time tell of it.
    assert world.hops(world.provider, row.root_id)["centre"] == "corrected"
    # What the authority keeps stands on its hop. It is not the Centre's own answer.
    assert world.hops(world.centre.machine, row.root_id)["authority"] == "kept"
    assert world.at(world.centre.machine, row.root_id).outcome == "corrected"
    with acting(world.provider):
        assert local_stops.stopped([entry]) == {entry}
    assert "the account is open again" in world.read(complaint)[-1]
    with pytest.raises(HopAnswered):
        accept.answer(world.judge, _hop(world, row.root_id), OwnAnswer("corrected"))


def _hop(world: Redress, root: UUID) -> UUID:
    with acting(world.provider):
        return Hop.objects.get(reversal__root_id=root, kind="measure").pk


def test_the_centre_spares_a_right_entry(world: Redress) -> None:
    report, entry = world.flagged()
    complaint = world.complained()
    world.measured(complaint, report)
    row = world.reversed(complaint, Judgement("reverse", "wrong_account", "It was another account."))
    world.post()
    there = world.at(world.centre.machine, row.root_id).pk
    with pytest.raises(Forbidden):
        accept.accept(world.centre.analyst, there)
    accept.accept(world.centre.lead, there, spare=True)
    assert state_of_entry(world.cast, entry) == "active"
    assert set(world.hops(world.centre.machine, row.root_id)) == {"report", "authority", "statistics"}
    with pytest.raises(ReversalEnded):
        accept.accept(world.centre.lead, there)


def test_an_edge_that_has_the_old_list_keeps_the_reversal_open(world: Redress) -> None:
    report, _entry = world.flagged(referred=False)
    centre = world.centre.machine
    release(centre)
    with acting(centre):
        downloads.note(centre, world.provider.organisation_id, version_files.LIST_ID, "edge")
    complaint = world.complained()
    world.measured(complaint, report)
    row = world.reversed(complaint)
    world.post()
    accept.accept(world.centre.lead, world.at(centre, row.root_id).pk)
    with acting(centre):
        hop = Hop.objects.get(reversal__root_id=row.root_id, kind="edges").pk
    assert not accept.pass_edges(world.centre.lead, hop)
    head.refresh_head(centre)
    assert not accept.pass_edges(world.centre.lead, hop)
    with acting(centre):
        downloads.note(centre, world.provider.organisation_id, version_files.LIST_ID, "edge")
    # Edges of other tests are not connected any longer.
    with clock.simulate(clock.now() + accept.CONNECTED_FOR):
        assert accept.pass_edges(world.centre.lead, hop)
        assert not accept.pass_edges(world.centre.lead, hop)


def test_an_entry_stops_everywhere_on_two_independent_providers(world: Redress) -> None:
    digest = secrets.token_hex(32)
    report, entry = world.flagged(referred=False, digest=digest)
    other = world.cast.organisation("Chatterbox", "provider", "NL")
    second = world.centre.file(make_report(items=[item(digest, entry=entry)]), other)
    for who in (world.provider, other):
        world.grant(who)
    centre = directory.entry(world.centre.machine.organisation_id)
    for number, (who, one) in enumerate(((world.provider, report), (other, second))):
        said = {"reversal": uuid4(), "reference": "E-1", "error": "chance", "at": clock.now(), "report_ids": (one,)}
        body = Wire.model_validate({**said, "indicator": entry}).to_bytes()
        messages.receive(who, centre, str(uuid4()), body)
        assert state_of_entry(world.cast, entry) == ("suspended" if number else "active")
