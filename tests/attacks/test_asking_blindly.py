"""A member, or the Centre that passes questions on, tries a dictionary of identifiers on the others' cases."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.integration.investigations.deconfliction.test_query import MAIL, Authority, World, _question
from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.referral.deconfliction import POINTS_A_DAY, ContactRequest, Question, proof_of
from tutela.investigations.deconfliction import messages, query
from tutela.investigations.deconfliction.identifiers import item_of
from tutela.investigations.models import EvaluatedDay
from tutela.reports.deconfliction import relay
from tutela.reports.models import BlindRelay, BlindSet
from tutela.tlog import voprf
from tutela.tlog.vrf import Secret

EVENING = datetime(2027, 3, 2, 23, 59, tzinfo=UTC)
NUMBERS = [f"+4930{number:07}" for number in range(200)]
HELD = NUMBERS[77]


@pytest.fixture
def world(cast: Cast) -> World:
    return World(cast)


def test_midnight_gives_nobody_a_second_budget_at_once(world: World) -> None:
    with clock.simulate(EVENING):
        member, _other = world.authority(MAIL), world.authority(MAIL)
        for _ in range(POINTS_A_DAY // 64):
            assert _asks(world, member, _question(64)) == 201
    for minutes in (2, 60 * 11):
        with clock.simulate(EVENING + timedelta(minutes=minutes)):
            assert _asks(world, member, _question()) == 409
            assert member.desk().left == POINTS_A_DAY, "the member's own desk asked nothing"
    with clock.simulate(EVENING + timedelta(hours=13)):
        assert _asks(world, member, _question()) == 201


def test_what_is_refused_counts_in_no_budget(world: World) -> None:
    with clock.simulate(EVENING):
        member, _other = world.authority(MAIL), world.authority(MAIL)
        for _ in range(3):
            assert _asks(world, member, _question(64)) == 201
        assert [_asks(world, member, _question(60)), _asks(world, member, _question(60))] == [201, 409]
        assert _asks(world, member, _question(4)) == 201
        assert _asks(world, member, _question(1)) == 409
    use = world.use(member)
    assert use is not None
    assert (use.points, use.refused) == (POINTS_A_DAY, 2)


def test_the_centre_has_no_second_budget_at_a_holder_after_midnight(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "POINTS_A_DAY", 64)
    with clock.simulate(EVENING):
        holder = world.authority(MAIL)
        assert _relayed(world, holder, _question(64)) == 200
        assert _relayed(world, holder, _question(1)) == 409
    with clock.simulate(EVENING + timedelta(minutes=2)):
        assert _relayed(world, holder, _question(1)) == 409
        with acting(holder.person):
            days = list(EvaluatedDay.objects.order_by("day").values_list("points", "refused"))
    assert days == [(64, 1), (0, 1)], "both are shown to the holder"


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[UUID, str, str]]:
    """What the Centre passes on: to whom, of which kind, and the body."""
    seen, before = list[tuple[UUID, str, str]](), relay._pass_on

    def pass_on(centre: Actor, to: UUID, kind: str, path: str, body: bytes, about: object) -> None:
        seen.append((to, kind, body.decode()))
        before(centre, to, kind, path, body, about)

    monkeypatch.setattr(relay, "_pass_on", pass_on)
    return seen


def test_asked_about_what_another_has_and_what_nobody_has_all_looks_alike(
    world: World, passed: list[tuple[UUID, str, str]]
) -> None:
    """The asker alone finds out, by a look into a set that it gets either way."""
    seen, hits = [], []
    holder = world.authority(MAIL)
    for mail in (MAIL, "nobody-has-this@mail.example"):
        asker = world.authority(mail)
        passed.clear()
        query.ask(asker.person)
        world.post()
        seen.append([(kind, _shape(body)) for to, kind, body in passed if to in (holder.id, asker.id)])
        hits.append(len(asker.hits()))
        query.take_part(asker.person, wanted=False)
        world.post()
    assert {kind for kind, _ in seen[0]} >= {"deconfliction-question", "deconfliction-answer"}
    assert seen[0] == seen[1]
    assert hits == [1, 0]


def test_a_holder_does_the_same_work_for_a_hit_and_for_none(world: World) -> None:
    holder, asked = world.authority(MAIL), []
    for mail in (MAIL, "nobody-has-this@mail.example"):
        point = voprf.blind(item_of("email", mail)).point.hex()
        with (
            acting(holder.person),
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            found = messages.evaluate(holder.person, Question(question_id=uuid7(), points=(point,)))
        assert found is not None
        asked.append((len(queries), len(found.to_bytes())))
        assert not any("heldidentifier" in one["sql"] for one in queries), "it does not look"
    assert asked[0] == asked[1]


def test_contact_is_answered_alike_for_a_value_that_is_there_and_one_that_is_not(
    world: World, passed: list[tuple[UUID, str, str]]
) -> None:
    """Whoever read a set and knows no value learns nothing of it by asking for contact."""
    holder, member = world.authority(MAIL), world.authority("another@mail.example")
    query.ask(member.person)
    world.post()
    with acting(world.centre):
        answered = BlindRelay.objects.get(question__asker_id=member.id, holder_id=holder.id)
        values = list(answered.set.values)
    with acting(holder.person):
        mine = voprf.value(query.secret_of(holder.person), item_of("email", MAIL))[:16].hex()
    filling = next(one for one in values if one != mine)
    told = []
    for tag in (mine, filling, "00" * 16):
        request = uuid7()
        wire = ContactRequest(
            request_id=request,
            relay_id=answered.pk,
            tag=tag,
            authority="x",
            proof=proof_of(bytes(64), request, answered.pk),
        )
        status = world.call(member.machine, "/deconfliction/contacts", wire, "outcomes:submit").status_code
        world.post()
        (reply,) = [body for to, _kind, body in passed if to == member.id and str(request) in body]
        told.append((status, _shape(reply), json.loads(reply)["accepted"]))
    assert told[0] == told[1] == told[2]
    assert holder.desk().wanted == []


def test_a_dictionary_reads_nothing_out_of_sets_and_points(world: World) -> None:
    """All that a member and the Centre see, against every number of the dictionary, under the keys that they have."""
    member, holder = world.authority(), Authority(world)
    world.authorities.append(holder)
    query.take_part(holder.person, wanted=True)
    query.hold(holder.person, "phone", HELD, "AZ 1")
    world.post()
    with acting(world.centre):
        shown = BlindSet.objects.filter(holder_id=holder.id).exclude(values=[]).get()
    items = [item_of("phone", one) for one in NUMBERS]
    with acting(member.person):
        theirs = query.secret_of(member.person)
    keys = [b"", bytes.fromhex(shown.public), theirs.scalar, bytes(shown.set_id.bytes)]
    made = {hmac.digest(key, item, hashlib.sha256)[:16].hex() for key in keys for item in items}
    made |= {voprf.value(secret, item)[:16].hex() for secret in (theirs, Secret.generate()) for item in items}
    made |= {hashlib.sha256(item).hexdigest()[:32] for item in items}
    assert not made & set(shown.values)
    # Asked twice about the same, no point comes twice: what the Centre passed on is no dictionary of its own.
    assert len({voprf.blind(items[77]).point for _ in range(20)}) == 20
    with acting(holder.person):
        true = voprf.value(query.secret_of(holder.person), items[77])[:16].hex()
    assert true in shown.values, "the holder's secret alone makes it"


def _asks(world: World, member: Authority, question: Question) -> int:
    return int(world.call(member.machine, "/deconfliction/questions", question, "outcomes:submit").status_code)


def _relayed(world: World, holder: Authority, question: Question) -> int:
    address = f"/organisations/{holder.id}/deconfliction-questions"
    return int(world.call(world.centre, address, question, "referrals:submit").status_code)


def _shape(body: str) -> Any:
    """A message without what is random in it: its fields, how long each is, and how many there are of lists."""

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shape(one) for name, one in value.items()}
        if isinstance(value, list):
            return [shape(one) for one in value]
        return len(value) if isinstance(value, str) else value

    return len(body), shape(json.loads(body))
