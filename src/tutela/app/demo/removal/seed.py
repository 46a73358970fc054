"""Removal requests in the demonstration, in every stage. No picture exists: every fingerprint is random.

Two hosts accepted the scheme. One request went all the way: removed, verified absent, come back, and its letter. One is
under way through a lawyer, one is held by a rule, one was withdrawn, and one waits. An item waits for its reviewer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.app.demo.organisations import SERVICE, actor
from tutela.app.demo.removal.edge_messages import entry_of, matched_item
from tutela.app.demo.world import World
from tutela.casework.anonymous import conversations, inbox, ticket
from tutela.detection.candidates import intake as candidates
from tutela.events.transaction import acting
from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.report.candidate import Candidate
from tutela.exchange.takedown.look import Answer
from tutela.takedown.assessment import assess
from tutela.takedown.case_work import work_queue as cases
from tutela.takedown.rechecks import check
from tutela.victims import public_form
from tutela.victims.case_work import closing_letter, end_mandates, withdraw, work_queue
from tutela.victims.host_desk import membership, requested_items, review
from tutela.victims.host_desk import work_queue as items
from tutela.victims.host_desk.membership import TermsInput
from tutela.victims.host_desk.review import FoundJudgement
from tutela.victims.hosts import send
from tutela.victims.hotlines import hand_over
from tutela.victims.public_form import FingerprintValue, SentFingerprints, StoredRequest
from tutela.victims.removal import intake
from tutela.victims.removal.intake import EnterInput
from tutela.victims.removal.mandates import RemovalMandateInput

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOSTS = (("pixelpost", "priya", ("pdq", "sha256")), ("chatterbox", "hugo", ("pdq",)))
EVERYBODY = ("support", "pixelpost", "chatterbox", "hotline-ie", "centre")
ADDRESS = "https://lake.example.org/removal/"


def play(world: World) -> None:
    """Play every story."""
    now = clock.now()
    with clock.simulate(now - 12 * DAY):
        for _code, lead, types in HOSTS:
            given = TermsInput(actor("support").organisation_id, "take_it_down", types, 365)
            membership.accept(world.people[lead], given)
        _deliver(world)
    _finished(world, now - 9 * DAY)
    _by_lawyer(world, now - 5 * DAY)
    _withdrawn(world, now - 4 * DAY)
    _campaign(world, now - 30 * HOUR)
    with clock.simulate(now - 3 * HOUR):
        _asks(world, _hashes(world))


def _finished(world: World, begun: Any) -> None:
    """Two pictures: removed at a host, verified absent at an address, and both came back."""
    ines, first, second = world.people["ines"], _hashes(world), _hashes(world)
    with clock.simulate(begun):
        request = _request(world, _asks(world, first, second))
    with clock.simulate(begun + 2 * HOUR):
        intake.add_text(ines, request, f"{ADDRESS}1\n{ADDRESS}2")
        send.send(ines, request, _hosts(world))
        hand_over.hand_over(ines, request, actor("hotline-ie").organisation_id)
        _deliver(world)
    with clock.simulate(begun + 8 * HOUR):
        _decided(world, 0, "album/lake-1")
        for case in _cases(world):
            _verified_absent(world, case)
        _deliver(world)
    with clock.simulate(begun + 3 * DAY):
        _decided(world, 0, "album/lake-2")
        check.store(actor("hotline-ie"), _cases(world, stage="closed")[0], [Answer(200, "")])
        _deliver(world)
    with clock.simulate(begun + 4 * DAY):
        closing_letter.close(ines, request)


def _by_lawyer(world: World, begun: Any) -> None:
    ines = world.people["ines"]
    with clock.simulate(begun):
        given = EnterInput("lawyer", "en", "\n".join(f"{one.type} {one.hash}" for one in _hashes(world)))
        request = intake.enter(ines, given)
        last_day = (begun + 90 * DAY).date()
        end_mandates.add(ines, request, RemovalMandateInput("lawyer", last_day, "Power of attorney of 3 November"))
    with clock.simulate(begun + HOUR):
        send.send(ines, request, _hosts(world))
        _deliver(world)
        # It waits for a reviewer in the morning.
        _matched(world, "album/bridge-1")


def _withdrawn(world: World, begun: Any) -> None:
    ines = world.people["ines"]
    with clock.simulate(begun):
        request = _request(world, _asks(world, _hashes(world)))
        send.send(ines, request, _hosts(world))
        _deliver(world)
    with clock.simulate(begun + 5 * HOUR):
        withdraw.by_staff(ines, request, "The person asked for it by telephone.")
        _deliver(world)


def _campaign(world: World, begun: Any) -> None:
    """Three people name one picture within a day: the rule holds it until somebody decides."""
    same = _hashes(world)
    for number in range(3):
        with clock.simulate(begun + number * HOUR):
            _asks(world, same)


def _asks(world: World, *files: list[FingerprintValue]) -> StoredRequest:
    """Somebody sends fingerprints by the public page, without a script's proof of work; returns what they were told."""
    told: StoredRequest | None = None
    for hashes in files:
        given = ticket.issue(public_form.FORM)
        file = f"{world.random.getrandbits(64):016x}"
        reader = told.reader if told else ""
        with clock.simulate(clock.now() + ticket.MATURE):
            sent = SentFingerprints(ticket=given.text, proof="", reader=reader, file=file, fingerprints=hashes)
            said = public_form.take(sent)
        told = told or said
    intake.read_messages(actor("support"))
    assert told is not None
    return told


def _request(world: World, told: StoredRequest) -> UUID:
    """The request that a person opened."""
    reading = conversations.read(public_form.REMOVAL, told.reader)
    support = actor("support")
    with acting(support):
        request, _role = intake.request_of(support, reading.id)
        inbox.tell(support, reading.id, "We have read your request, and begin today.")
        return UUID(str(request.pk))


def _hashes(world: World) -> list[FingerprintValue]:
    made = {kind: f"{world.random.getrandbits(256):064x}" for kind in ("sha256", "md5", "pdq")}
    made["md5"] = made["md5"][:32]
    return [FingerprintValue.model_validate({"type": kind, "hash": digits}) for kind, digits in made.items()]


def _hosts(world: World) -> list[UUID]:
    rows, _more = work_queue.list_requests(world.people["ines"], work_queue.RequestFilter(work_queue.ALL))
    return [one.pk for one in work_queue.load(world.people["ines"], rows[0].pk).accepting]


def _matched(world: World, item: str, place: int = -1) -> UUID:
    """An item of Pixelpost that matches the hashes of a request, as its Edge reports it."""
    lines = list(requested_items.list_lines(actor("pixelpost")))
    digits = f"{world.random.getrandbits(256):064x}"
    said = matched_item(item, SERVICE, entry_of(lines[place]), digits=digits, at=clock.now())
    edge = replace(actor("pixelpost"), permissions=frozenset({"detection.submit"}))
    found = candidates.receive(edge, Candidate.from_bytes(canonical(said))).id
    if found is None:
        raise RuntimeError("No item was taken in.")
    return found


def _decided(world: World, place: int, item: str) -> None:
    tom = world.people["tom"]
    found = _matched(world, item, place)
    review.open_item(tom, found)
    review.decide(tom, found, FoundJudgement("removed"))
    if items.load(tom, found).open:
        raise RuntimeError("The item was not decided.")


def _cases(world: World, stage: str = "assess") -> list[UUID]:
    """Cases of the hotline that victim support handed over."""
    wanted = cases.CaseFilter(stage=stage, source="victims")
    rows, _more = cases.list_cases(world.people["aoife"], wanted)
    return [one.pk for one in rows]


def _verified_absent(world: World, case: UUID) -> None:
    aoife = world.people["aoife"]
    label = "eu-2011-93:known-material"
    given = assess.Judgement("illegal", label=label, reality="unclear", commerciality="not", viewed_seconds=10)
    assess.assess(aoife, case, given)
    check.seen(aoife, case, absent=True)


def _deliver(world: World) -> None:
    for _ in range(3):
        world.deliver(*(actor(one) for one in EVERYBODY))
