"""Two authorities and a Centre: each learns that the other has the same identifier, and nobody learns anything else."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.cast import Cast
from tests.support.post import SigningClient as Client
from tests.support.post import introduce
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.models import Event, EventFacts
from tutela.events.transaction import acting
from tutela.exchange.referral.deconfliction import (
    FILLED_TO,
    POINTS_A_DAY,
    ContactReply,
    ContactRequest,
    HolderSet,
    Question,
    proof_of,
)
from tutela.investigations.deconfliction import contacts, messages, page_data, query
from tutela.investigations.deconfliction.query import SEALED_HIT, SEALED_QUESTION
from tutela.investigations.errors import AlreadyAsked, AlreadyDecided, NobodyToAsk, NotTakingPart
from tutela.investigations.models import AskedQuestion, ContactAnswer, ContactWanted, HeldIdentifier, Hit
from tutela.law import retention
from tutela.organisations.keys.envelope_encryption import unwrap
from tutela.organisations.messages import delivery
from tutela.organisations.models import OutboxMessage, ReceivedMessage
from tutela.reports.deconfliction import relay
from tutela.reports.models import BlindAlert, BlindContact, BlindContactEnd, BlindRelay, BlindSet, BlindUse
from tutela.tlog import voprf
from tutela.tlog.vrf import Secret

MAIL, OTHER = "somebody-unlikely@mail.example", "another-unlikely@mail.example"


class Authority:
    """An authority with an investigator, connected to the Centre both ways."""

    def __init__(self, world: World) -> None:
        cast = world.cast
        self.world, self.machine = world, cast.organisation("Kriminalamt", "authority", "DE")
        self.person = cast.actor(self.machine, "investigator")
        introduce(cast, cast.centre, self.machine, "referrals:submit")
        introduce(cast, self.machine, cast.centre, "outcomes:submit")

    @property
    def id(self) -> UUID:
        return self.machine.organisation_id

    def join(self, *mails: str) -> Authority:
        query.take_part(self.person, wanted=True)
        for mail in mails:
            query.hold(self.person, "email", mail, "AZ 1")
        self.world.post()
        return self

    def hits(self) -> list[Hit]:
        with acting(self.person):
            return list(Hit.objects.select_related("identifier").order_by("created_at"))

    def desk(self) -> page_data.Desk:
        return page_data.page_data(self.person)

    def events(self) -> str:
        """Everything that the log says of this authority, facts too."""
        with acting(self.person):
            rows = EventFacts.objects.filter(organisation_id=self.id)
            return json.dumps([str(row.facts) for row in rows])


class World:
    """A Centre, and as many authorities as a test makes; only their messages are delivered."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.centre, self.authorities = cast, cast.centre, list[Authority]()

    def authority(self, *mails: str) -> Authority:
        self.authorities.append(Authority(self))
        return self.authorities[-1].join(*mails)

    def post(self) -> None:
        """Deliver what waits between the Centre and these authorities, until nothing does."""
        while waiting := [*self._waiting()]:
            with httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application())) as client:
                for organisation, message in waiting:
                    assert delivery.deliver_now(organisation, message, client) is None

    def _waiting(self) -> Any:
        ours = [one.id for one in self.authorities]
        for machine in (self.centre, *(one.machine for one in self.authorities)):
            with acting(machine):
                rows = OutboxMessage.objects.filter(organisation_id=machine.organisation_id, answered_at=None)
                if machine is self.centre:
                    rows = rows.filter(recipient_id__in=ours)
                found = list(rows.order_by("created_at").values_list("pk", flat=True))
            yield from ((machine.organisation_id, pk) for pk in found)

    def use(self, authority: Authority) -> BlindUse | None:
        with acting(self.centre):
            return BlindUse.objects.filter(asker_id=authority.id).first()

    def alerts(self, authority: Authority) -> list[str]:
        with acting(self.centre):
            return list(BlindAlert.objects.filter(asker_id=authority.id).values_list("code", flat=True))

    def call(self, sender: Actor, path: str, body: Any, *scopes: str, key: str = "") -> Any:
        """Something that a machine with a key of `sender` posts."""
        headers = {**self.cast.key(sender, *scopes), "Idempotency-Key": key or str(uuid4())}
        data = body if isinstance(body, bytes | str) else body.to_bytes()
        return Client().post(f"/api/v1{path}", data, content_type="application/json", headers=headers)


@pytest.fixture
def world(cast: Cast) -> World:
    return World(cast)


def _question(number: int = 1) -> Question:
    return Question(
        question_id=uuid7(), points=tuple(voprf.blind(f"guess {n}".encode()).point.hex() for n in range(number))
    )


def test_strangers_and_wrong_organisations_get_nowhere(cast: Cast, world: World) -> None:
    mine = world.authority(MAIL)
    assert Client().get("/desk/deconfliction/").status_code == 302
    assert cast.client(cast.pixelpost, "lead").get("/desk/deconfliction/").status_code == 404
    assert cast.client(mine.machine, "investigator").get("/desk/oversight/deconfliction/").status_code == 404
    assert Client().post("/api/v1/deconfliction/questions", "{}", content_type="application/json").status_code == 401
    for path, message in (("questions", _question()), ("sets", _set())):
        found = world.call(cast.pixelpost, f"/deconfliction/{path}", message, "outcomes:submit")
        assert found.status_code == 403
        assert world.call(mine.machine, f"/deconfliction/{path}", message, "releases:read").status_code == 403
    address = f"/organisations/{mine.id}/deconfliction-questions"
    other = world.authority()
    assert world.call(other.machine, address, _question(), "referrals:submit").status_code == 403
    identifier = mine.desk().identifiers[0].row.pk
    with pytest.raises(NotFound):
        query.remove(other.person, identifier)
    with pytest.raises(Forbidden):
        query.ask(cast.actor(mine.machine, "analyst"))


def _set(**changes: Any) -> HolderSet:
    values = tuple(f"{n:032x}" for n in range(FILLED_TO))
    return HolderSet(**{"set_id": uuid7(), "public": "ab" * 32, "values": values, "at": clock.now(), **changes})


def test_two_that_have_the_same_learn_it_and_nothing_else(world: World) -> None:
    first, second, third = world.authority(MAIL, "only@first.example"), world.authority(MAIL), world.authority()
    assert query.ask(first.person) == 2
    world.post()
    (hit,) = first.hits()
    assert query.text_of(hit.identifier) == MAIL
    assert (second.hits(), third.hits()) == ([], [])
    # The finding names nobody.
    page = json.dumps([str(vars(one)) for one in first.desk().identifiers[0].hits])
    assert second.machine.organisation_name not in page
    assert str(second.id) not in page
    # Whom it is about, the holder learns with the request alone.
    assert first.machine.organisation_name not in json.dumps(second.desk().wanted)


def test_no_message_event_or_row_of_the_centre_holds_an_identifier_or_what_leads_to_one(world: World) -> None:
    first, second = world.authority(MAIL), world.authority(MAIL)
    query.ask(first.person)
    world.post()
    contacts.ask_contact(first.person, first.hits()[0].pk, "hello")
    world.post()
    with acting(world.centre):
        facts = [str(row.facts) for row in EventFacts.objects.filter(organisation_id=world.centre.organisation_id)]
        answers = [row.answer for row in OutboxMessage.objects.all()]
        sets = list(BlindSet.objects.filter(holder_id=second.id).order_by("-at")[0].values)
        received = [row.answer for row in ReceivedMessage.objects.filter(sender_id=first.id)]
    everything = " ".join([*facts, *answers, *sets, *received, first.events(), second.events()])
    assert MAIL not in everything
    with acting(second.person):
        row = HeldIdentifier.objects.get(removed_at=None)
        value = bytes(row.value)
        secret = query.secret_of(second.person)
    assert value[:16].hex() in sets
    assert value[16:].hex() not in everything
    # Nobody without the secret can compute what stands in the set.
    item = b"tutela-identifier/1\0email\0" + MAIL.encode()
    assert voprf.value(secret, item) == value
    assert voprf.value(Secret.generate(), item)[:16].hex() not in sets


def test_a_set_hides_how_many_identifiers_there_are_and_its_filling_stays(world: World) -> None:
    mine = world.authority(MAIL)
    with acting(world.centre):
        one = BlindSet.objects.filter(holder_id=mine.id).order_by("-at")[0].values
    made = query.hold(mine.person, "email", "another@mail.example", "AZ 2")
    world.post()
    with acting(mine.person):
        assert HeldIdentifier.objects.get(pk=made).file_reference.startswith("sealed:")
        assert {one.row.file_reference for one in query.shown(mine.person)} == {"AZ 1", "AZ 2"}
    with acting(world.centre):
        two = BlindSet.objects.filter(holder_id=mine.id).order_by("-at")[0].values
    assert (len(one), len(two)) == (FILLED_TO, FILLED_TO)
    assert len(set(one) & set(two)) == FILLED_TO - 1


def test_contact_is_given_only_by_the_holders_own_decision(world: World) -> None:
    first, second = world.authority(MAIL), world.authority(MAIL)
    query.ask(first.person)
    world.post()
    hit = first.hits()[0]
    contacts.ask_contact(first.person, hit.pk, "same series?")
    with pytest.raises(AlreadyAsked):
        contacts.ask_contact(first.person, hit.pk)
    world.post()
    (wanted,) = second.desk().wanted
    assert (wanted.row.authority, wanted.text, wanted.row.message) == (
        first.machine.organisation_name,
        MAIL,
        "same series?",
    )
    shown = first.desk().identifiers[0].hits[0]
    assert not hasattr(shown.asked, "answer")
    with pytest.raises(Invalid):
        contacts.decide(second.person, wanted.row.pk, accepted=True, contact=" ")
    with pytest.raises(NotFound):
        contacts.decide(first.person, wanted.row.pk, accepted=True, contact="x")
    contacts.decide(second.person, wanted.row.pk, accepted=True, contact="Unit 7, +49 30 1")
    with pytest.raises(AlreadyDecided):
        contacts.decide(second.person, wanted.row.pk, accepted=False)
    world.post()
    answer = first.desk().identifiers[0].hits[0].asked.answer  # type: ignore[attr-defined]
    assert (answer.accepted, answer.authority, answer.contact) == (
        True,
        second.machine.organisation_name,
        "Unit 7, +49 30 1",
    )


def test_who_declines_stays_unknown(world: World) -> None:
    first, second = world.authority(MAIL), world.authority(MAIL)
    query.ask(first.person)
    world.post()
    contacts.ask_contact(first.person, first.hits()[0].pk)
    world.post()
    contacts.decide(second.person, second.desk().wanted[0].row.pk, accepted=False)
    world.post()
    answer = first.desk().identifiers[0].hits[0].asked.answer  # type: ignore[attr-defined]
    assert (answer.accepted, answer.authority, answer.contact) == (False, "", "")
    assert second.machine.organisation_name not in first.events()


def test_who_does_not_take_part_neither_asks_nor_is_asked(world: World) -> None:
    first, outside = world.authority(MAIL), Authority(world)
    world.authorities.append(outside)
    with pytest.raises(NotTakingPart):
        query.hold(outside.person, "email", MAIL, "AZ")
    with pytest.raises(NotTakingPart):
        query.ask(outside.person)
    found = world.call(outside.machine, "/deconfliction/questions", _question(), "outcomes:submit")
    assert found.status_code == 409
    assert world.use(outside) is None
    address = f"/organisations/{outside.id}/deconfliction-questions"
    assert world.call(world.centre, address, _question(), "referrals:submit").status_code == 409
    second = world.authority(MAIL)
    query.take_part(second.person, wanted=False)
    world.post()
    query.ask(first.person)
    world.post()
    assert first.hits() == []
    with acting(world.centre):
        assert not BlindRelay.objects.filter(holder_id__in=[second.id, outside.id]).exists()


def test_what_is_taken_back_while_a_question_is_under_way_takes_no_other_hit_with_it(world: World) -> None:
    first, second = world.authority(MAIL, OTHER), world.authority(MAIL, OTHER)
    assert query.ask(first.person) == 2
    gone = next(one.row.pk for one in first.desk().identifiers if one.text == OTHER)
    query.remove(first.person, gone)
    world.post()
    (hit,) = first.hits()
    assert query.text_of(hit.identifier) == MAIL
    assert second.hits() == []
    with acting(first.person):
        (asked,) = AskedQuestion.objects.all()
        sealed = unwrap(bytes(asked.sealed), SEALED_QUESTION)
    kept = {pk: scalar for pk, scalar, _point in json.loads(sealed)}
    assert kept.pop(str(gone)) == "", "nothing leads from its point to it"
    assert all(kept.values())


def test_an_identifier_that_was_taken_back_is_found_no_more_and_forgotten(world: World) -> None:
    first, second = world.authority(MAIL), world.authority(MAIL)
    (held,) = second.desk().identifiers
    query.remove(second.person, held.row.pk)
    with pytest.raises(NotFound):
        query.remove(second.person, held.row.pk)
    world.post()
    with acting(second.person):
        row = HeldIdentifier.objects.get(pk=held.row.pk)
        assert (bytes(row.sealed), bytes(row.value)) == (b"", b"")
    query.ask(first.person)
    world.post()
    assert first.hits() == []
    with pytest.raises(NobodyToAsk):
        query.ask(second.person)


def test_trying_identifiers_is_refused_an_alert_and_shown_to_auditors(cast: Cast, world: World) -> None:
    first, _second = world.authority(MAIL), world.authority(MAIL)
    for _ in range(POINTS_A_DAY // 64):
        found = world.call(first.machine, "/deconfliction/questions", _question(64), "outcomes:submit")
        assert found.status_code == 201
    late = _question()
    found = world.call(first.machine, "/deconfliction/questions", late, "outcomes:submit", key="late")
    assert (found.status_code, found["Content-Type"]) == (409, "application/problem+json")
    again = world.call(first.machine, "/deconfliction/questions", late, "outcomes:submit", key="late")
    assert again.status_code == 409
    use = world.use(first)
    assert use is not None
    assert (use.points, use.refused) == (POINTS_A_DAY, 1), "a repetition is not counted again"
    assert world.alerts(first) == ["budget"]
    query.ask(first.person)
    world.post()
    assert "daily limit" in first.desk().questions[0].refused
    for client in (cast.client(cast.auditor, "auditor"), cast.client(world.centre, "lead")):
        page = client.get("/desk/oversight/deconfliction/").content.decode()
        assert first.machine.organisation_name in page
        assert "daily limit exceeded" in page
    assert cast.client(world.centre, "analyst").get("/desk/oversight/deconfliction/").status_code == 404
    with clock.simulate(clock.now() + timedelta(days=1)):
        found = world.call(first.machine, "/deconfliction/questions", _question(), "outcomes:submit")
        assert found.status_code == 201


def test_a_holder_has_a_budget_of_its_own_whatever_the_centre_lets_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = world.authority(MAIL)
    monkeypatch.setattr(messages, "POINTS_A_DAY", 3)
    address = f"/organisations/{mine.id}/deconfliction-questions"
    assert world.call(world.centre, address, _question(3), "referrals:submit").status_code == 200
    assert world.call(world.centre, address, _question(1), "referrals:submit").status_code == 409
    (day,) = mine.desk().evaluated
    assert (day.points, day.refused) == (3, 1)


def test_the_same_question_under_another_key_is_refused(world: World) -> None:
    mine = world.authority(MAIL)
    asked = _question()
    assert world.call(mine.machine, "/deconfliction/questions", asked, "outcomes:submit").status_code == 201
    assert world.call(mine.machine, "/deconfliction/questions", asked, "outcomes:submit").status_code == 409


def test_contact_is_not_had_by_reading_the_set(world: World) -> None:
    """A set's values are known to every asker; without the whole value no request gets through, and it is an alert."""
    first, second = world.authority("other@first.example"), world.authority(MAIL)
    query.ask(first.person)
    world.post()
    with acting(world.centre):
        passed = BlindRelay.objects.get(question__asker_id=first.id, holder_id=second.id)
        values = passed.set.values
    with acting(second.person):
        tag = bytes(HeldIdentifier.objects.get().value)[:16].hex()
    assert tag in values
    request = uuid7()
    wire = ContactRequest(
        request_id=request,
        relay_id=passed.pk,
        tag=tag,
        authority="Another's name",
        proof=proof_of(bytes(64), request, passed.pk),
    )
    found = world.call(first.machine, "/deconfliction/contacts", wire, "outcomes:submit")
    assert found.status_code == 201
    world.post()
    assert second.desk().wanted == []
    assert world.alerts(first) == ["proof"]
    with acting(world.centre):
        assert BlindContactEnd.objects.get(contact__request_id=request).how == "refused"


def test_a_true_proof_of_one_request_serves_no_other(world: World) -> None:
    first, second = world.authority(MAIL), world.authority(MAIL)
    query.ask(first.person)
    world.post()
    hit = first.hits()[0]
    with acting(first.person):
        whole = unwrap(bytes(hit.sealed), SEALED_HIT)
    stolen = proof_of(whole, uuid7(), hit.relay_id)
    wire = ContactRequest(request_id=uuid7(), relay_id=hit.relay_id, tag=hit.tag, proof=stolen, authority="x")
    assert world.call(first.machine, "/deconfliction/contacts", wire, "outcomes:submit").status_code == 201
    world.post()
    with acting(second.person):
        assert not ContactWanted.objects.exists()


def test_nobody_uses_anothers_answer_or_replies_for_another(world: World) -> None:
    first, second, third = world.authority(MAIL), world.authority(MAIL), world.authority(MAIL)
    query.ask(first.person)
    world.post()
    hit = first.hits()[0]
    request = uuid7()
    with acting(first.person):
        proof = proof_of(unwrap(bytes(hit.sealed), SEALED_HIT), request, hit.relay_id)
    wire = ContactRequest(request_id=request, relay_id=hit.relay_id, tag=hit.tag, proof=proof, authority="x")
    assert world.call(third.machine, "/deconfliction/contacts", wire, "outcomes:submit").status_code == 404
    contacts.ask_contact(first.person, hit.pk)
    world.post()
    holder = next(one for one in (second, third) if one.desk().wanted)
    other = third if holder is second else second
    reply = ContactReply(request_id=holder.desk().wanted[0].row.request_id, accepted=True, authority="x", contact="y")
    assert world.call(other.machine, "/deconfliction/replies", reply, "outcomes:submit").status_code == 404
    assert world.call(first.machine, "/deconfliction/replies", reply, "outcomes:submit").status_code == 404
    for _ in range(2):
        assert (
            world.call(holder.machine, "/deconfliction/replies", reply, "outcomes:submit", key="r").status_code == 201
        )
    assert world.call(holder.machine, "/deconfliction/replies", reply, "outcomes:submit").status_code == 409
    world.post()
    answer = next(h.asked.answer for h in first.desk().identifiers[0].hits if hasattr(h, "asked"))  # type: ignore[attr-defined]
    assert answer.authority == holder.machine.organisation_name, "the name is the directory's, not the sender's"


def test_requests_for_contact_have_a_budget_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "CONTACTS_A_DAY", 1)
    first, _second, _third = world.authority(MAIL), world.authority(MAIL), world.authority(MAIL)
    query.ask(first.person)
    world.post()
    one, two = first.hits()[:2]
    contacts.ask_contact(first.person, one.pk)
    contacts.ask_contact(first.person, two.pk)
    world.post()
    with acting(world.centre):
        assert BlindContact.objects.filter(relay__question__asker_id=first.id).count() == 1
    assert world.alerts(first) == ["budget"]


def test_a_holder_that_multiplies_by_another_secret_is_not_believed(world: World) -> None:
    first, second = world.authority(MAIL), world.authority(MAIL)
    query.ask(first.person)
    (asked,) = first.desk().questions
    with acting(world.centre):
        before = BlindRelay.objects.filter(question__question_id=asked.question_id).count()
    assert before == 0
    wrong, true = Secret.generate(), query.secret_of

    def liar(actor: Actor) -> Secret:
        mine = true(actor)
        return Secret(wrong.scalar, mine.public) if actor.organisation_id == second.id else mine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages, "secret_of", liar)
        for _ in range(3):  # to the Centre, to the holder, and back to the asker, which refuses it
            for organisation, message in [*world._waiting()]:
                with httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application())) as client:
                    delivery.deliver_now(organisation, message, client)
    with acting(world.centre):
        said = OutboxMessage.objects.filter(recipient_id=first.id, kind="deconfliction-answer")
        assert [row.answer_status for row in said] == [422]
    assert first.hits() == []


def test_an_old_set_that_comes_late_changes_nothing(world: World) -> None:
    mine = world.authority(MAIL)
    old = _set(at=clock.now() - timedelta(hours=1))
    assert world.call(mine.machine, "/deconfliction/sets", old, "outcomes:submit").status_code == 201
    other = world.authority(MAIL)
    query.ask(other.person)
    world.post()
    assert len(other.hits()) >= 1


def test_the_centre_keeps_no_value_of_an_earlier_set(world: World) -> None:
    mine = world.authority(MAIL, "another@mail.example")
    with acting(world.centre):
        sets = list(BlindSet.objects.filter(holder_id=mine.id).order_by("at"))
    assert [len(one.values) for one in sets] == [0, 0, FILLED_TO]
    query.take_part(mine.person, wanted=False)
    world.post()
    with acting(world.centre):
        assert not BlindSet.objects.filter(holder_id=mine.id).exclude(values=[]).exists()


def test_identifiers_and_blindings_are_erased_when_their_time_is_over(world: World) -> None:
    mine, other = world.authority(MAIL), world.authority(MAIL)
    query.ask(mine.person)
    with clock.simulate(clock.now() + timedelta(days=31)):
        retention.run(mine.machine)
        with acting(mine.person):
            assert [bytes(row.sealed) for row in AskedQuestion.objects.all()] == [b""]
        assert len(mine.desk().identifiers) == 1
    for organisation, message in 3 * [*world._waiting()]:
        with httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application())) as client:
            delivery.deliver_now(organisation, message, client)
    assert mine.hits() == []
    with clock.simulate(clock.now() + timedelta(days=1100)):
        retention.run(mine.machine)
        assert mine.desk().identifiers == []
        world.post()
        query.ask(other.person)
        world.post()
    assert other.hits() == []


def test_the_page_does_what_it_says(cast: Cast, world: World) -> None:
    first, second = Authority(world), world.authority(MAIL)
    world.authorities.append(first)
    client = cast.client(first.machine, "investigator")
    assert "You do not take part" in client.get("/desk/deconfliction/").content.decode()
    client.post("/desk/deconfliction/part/", {"wanted": "yes"})
    fields = {"kind": "email", "value": MAIL, "file_reference": "AZ 9"}
    client.post("/desk/deconfliction/identifiers/", {**fields, "file_reference": ""})
    client.post("/desk/deconfliction/identifiers/", {**fields, "value": "nothing"})
    assert first.desk().identifiers == []
    for _ in range(2):
        client.post("/desk/deconfliction/identifiers/", fields)
    assert len(first.desk().identifiers) == 1
    client.post("/desk/deconfliction/ask/")
    world.post()
    page = client.get("/desk/deconfliction/").content.decode()
    assert "another authority" in page
    assert second.machine.organisation_name not in page
    client.post(f"/desk/deconfliction/hits/{first.hits()[0].pk}/contact/", {"message": "please"})
    world.post()
    other = cast.client(second.machine, "investigator")
    assert first.machine.organisation_name in other.get("/desk/deconfliction/").content.decode()
    wanted = second.desk().wanted[0].row.pk
    other.post(f"/desk/deconfliction/requests/{wanted}/", {"decision": "accept", "contact": "Unit 7"})
    world.post()
    assert "Unit 7" in client.get("/desk/deconfliction/").content.decode()
    analyst = cast.client(first.machine, "analyst")
    assert "Stop taking part" not in analyst.get("/desk/deconfliction/").content.decode()
    assert analyst.post("/desk/deconfliction/part/", {"wanted": "no"}).status_code == 404
    client.post("/desk/deconfliction/part/", {"wanted": "no"})
    assert not first.desk().joined
    with acting(first.person):
        kinds = set(Event.objects.filter(organisation_id=first.id).values_list("kind", flat=True))
        assert AskedQuestion.objects.count() == 1
    assert {"deconfliction.joined", "deconfliction.held", "deconfliction.asked", "deconfliction.left"} <= kinds


BAD = [
    b"",
    b"{}",
    b"[]",
    b"{" * 1000,
    b'{"question_id":"x","points":[]}',
    b"\xff\xfe",
    json.dumps({"question_id": str(uuid7()), "points": []}).encode(),
    json.dumps({"question_id": str(uuid7()), "points": ["00"]}).encode(),
    json.dumps({"question_id": str(uuid7()), "points": ["00" * 32] * 65}).encode(),
    json.dumps({"question_id": str(uuid7()), "points": ["ab" * 32], "more": 1}).encode(),
]


@pytest.mark.parametrize("body", BAD)
def test_what_cannot_be_read_is_refused_and_stores_nothing(world: World, body: bytes) -> None:
    mine = world.authority(MAIL)
    for path in ("questions", "contacts", "replies", "sets"):
        found = world.call(mine.machine, f"/deconfliction/{path}", body, "outcomes:submit")
        assert found.status_code == 422
    address = f"/organisations/{mine.id}/deconfliction-questions"
    assert world.call(world.centre, address, body, "referrals:submit").status_code == 422
    assert world.use(mine) is None


def test_points_that_are_none_of_the_group_are_refused_by_the_holder(world: World) -> None:
    mine = world.authority(MAIL)
    address = f"/organisations/{mine.id}/deconfliction-questions"
    for point in ("00" * 32, "ff" * 32):
        body = Question(question_id=uuid7(), points=(point,))
        found = world.call(world.centre, address, body, "referrals:submit")
        assert found.status_code == 422
        assert "points" in found.content.decode()
    assert mine.desk().evaluated == []


@given(st.lists(st.integers(0, 2**128 - 1), unique=True, max_size=70))
def test_a_set_whose_size_tells_is_refused(values: list[int]) -> None:
    given_values = tuple(f"{one:032x}" for one in values)
    fields: dict[str, Any] = {"set_id": uuid7(), "public": "ab" * 32, "values": given_values, "at": clock.now()}
    if len(values) % FILLED_TO:
        with pytest.raises(ValidationError):
            HolderSet(**fields)
    else:
        HolderSet(**fields)


def test_two_people_at_once_lose_no_identifier_and_the_same_twice_is_one(world: World) -> None:
    authority = world.authority()
    other = world.cast.actor(authority.machine, "investigator")
    mails = [f"{uuid4()}@mail.example" for _ in range(3)]
    start = Barrier(4)

    def enter(person: Actor, mail: str) -> UUID:
        start.wait()
        try:
            return query.hold(person, "email", mail, "AZ 1")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as at_once:
        people = [authority.person, other, authority.person, other]
        made = list(at_once.map(enter, people, [mails[0], mails[1], mails[2], mails[2]]))
    assert len(set(made)) == 3
    world.post()
    with acting(authority.person):
        values = {bytes(one)[:16].hex() for one in HeldIdentifier.objects.values_list("value", flat=True)}
    with acting(world.centre):
        published = set(BlindSet.objects.filter(holder_id=authority.id).exclude(values=[]).get().values)
    assert len(values) == 3
    assert {value for value in published if any(value.startswith(one[: len(value)]) for one in values)} == {
        one[: len(next(iter(published)))] for one in values
    }


def test_who_asks_for_what_was_taken_back_meanwhile_is_declined_without_an_alert(world: World) -> None:
    first, second = world.authority(MAIL), world.authority(MAIL)
    query.ask(first.person)
    world.post()
    (hit,) = first.hits()
    query.remove(second.person, second.desk().identifiers[0].row.pk)
    world.post()
    contacts.ask_contact(first.person, hit.pk)
    world.post()
    assert world.alerts(first) == []
    with acting(world.centre):
        (contact,) = BlindContact.objects.filter(relay__question__asker_id=first.id)
        assert contact.end.how == "declined"
        assert hit.tag not in (contact.tag, "")
    with acting(first.person):
        assert ContactAnswer.objects.get(asked__request_id=contact.request_id).accepted is False
