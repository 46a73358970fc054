"""Messages between organisations: nothing that a stranger answers ends one, and a refusal can be mended."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, NotFound
from tutela.events.transaction import acting
from tutela.law import retention
from tutela.organisations.messages import delivery, outbox, outbox_status
from tutela.organisations.people import directory

PROBLEM = {"content-type": "application/problem+json"}


def _sent(sender: Actor, recipient: Actor) -> UUID:
    with acting(sender):
        return outbox.send(
            sender, recipient.organisation_id, "outcome", "/outcomes", "{}", key="one case", subject_id="case"
        )


def _deliver(sender: Actor, message: UUID, answer: httpx.Response) -> None:
    client = httpx.Client(transport=httpx.MockTransport(lambda _: answer))
    delivery.deliver_now(sender.organisation_id, message, client)


def _state(sender: Actor) -> outbox_status.MessageState:
    return outbox_status.states(sender, "case")[0]


@pytest.fixture
def pair(cast: Cast) -> tuple[Actor, Actor]:
    return cast.authority, cast.centre


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, text="<h1>Not found</h1>", headers={"content-type": "text/html"}),
        httpx.Response(200, text="<p>Welcome to the wireless</p>", headers={"content-type": "text/html"}),
        httpx.Response(400, json={"error": "gateway"}),
        httpx.Response(502, text="bad gateway"),
        httpx.Response(301),
    ],
)
def test_what_a_stranger_answers_ends_no_message(pair: tuple[Actor, Actor], answer: httpx.Response) -> None:
    sender, recipient = pair
    message = _sent(sender, recipient)
    _deliver(sender, message, answer)
    assert (_state(sender).state, _state(sender).attempts) == ("waiting", 1)
    _deliver(sender, message, httpx.Response(201, json={}))
    assert _state(sender).state == "sent"


def test_a_refused_message_is_kept_and_sent_again(cast: Cast, pair: tuple[Actor, Actor]) -> None:
    sender, recipient = pair
    message = _sent(sender, recipient)
    _deliver(sender, message, httpx.Response(422, json={"detail": "The field x is missing."}, headers=PROBLEM))
    assert _state(sender).state == "refused"
    person = cast.actor(sender, "investigator")
    client = cast.client(sender, "investigator")
    assert "The field x is missing." in client.get("/desk/messages/").content.decode()
    with pytest.raises(Forbidden):
        outbox.send_again(cast.actor(sender, "administrator"), message)
    with pytest.raises(NotFound):
        outbox.send_again(cast.actor(cast.centre, "lead"), message)
    outbox.send_again(person, message)
    assert _state(sender).state == "waiting"
    _deliver(sender, message, httpx.Response(201, json={}))
    assert _state(sender).state == "sent"
    with pytest.raises(NotFound):
        outbox.send_again(person, message)


def test_nothing_more_is_sent_to_a_suspended_recipient(cast: Cast) -> None:
    sender, recipient = cast.centre, cast.authority
    with acting(sender):
        message = outbox.send(
            sender, recipient.organisation_id, "referral", "/referrals", "{}", key="a second case", subject_id="case 2"
        )
    directory.set_status(cast.actor(cast.centre, "administrator"), recipient.organisation_id, "suspended", "a test")
    _deliver(sender, message, httpx.Response(201, json={}))
    found = outbox_status.states(sender, "case 2")[-1]
    assert found.state == "waiting"
    assert found.last_error == "delivery.not_verified"


def test_refused_messages_are_erased_after_their_days(pair: tuple[Actor, Actor]) -> None:
    sender, recipient = pair
    message = _sent(sender, recipient)
    _deliver(sender, message, httpx.Response(422, json={}, headers=PROBLEM))
    with clock.simulate(clock.now() + timedelta(days=31)):
        retention.run(sender)
    assert outbox_status.refused(sender) == 0


def test_what_came_another_way_settles_what_it_carried_and_nothing_else(pair: tuple[Actor, Actor]) -> None:
    sender, recipient = pair
    there, about = recipient.organisation_id, uuid4()
    with acting(sender):
        for ending in ("1", "10", "1:again"):
            key = f"{about}:{ending}"
            outbox.send(sender, there, "outcome", "/outcomes", "{}", key=key, subject_id=about)
        assert outbox.settle(sender, there, "hold", [f"{about}:1"]) == 0
        assert outbox.settle(sender, there, "outcome", [f"{about}:1"]) == 1
        assert outbox.settle_copies(sender, there, "outcome", f"{about}:1") == 1, "the copy alone"
        assert outbox.settle_about(sender, there, "outcome", about) == 1, "and at last the one that ends in 10"
