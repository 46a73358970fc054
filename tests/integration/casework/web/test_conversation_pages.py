"""Inbox of anonymous conversations: read, answered, closed by people of the organisation alone."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.test import Client

from tests.support.anonymous import Visitor, told
from tests.support.cast import Cast
from tutela.casework.anonymous import inbox, kinds, work
from tutela.events.actor import Actor
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.organisations.people import directory


@pytest.fixture
def founder(cast: Cast) -> Actor:
    """The organisation with which the node began, as its machine."""
    assert cast.centre
    found = directory.founder()
    assert found is not None
    work.ADMITTED.forget(f"{kinds.NODE_MESSAGE.code}.write")
    return directory.acting_for(found, "system:test", "test", frozenset({inbox.READ, inbox.ANSWER}))


@pytest.fixture
def role(founder: Actor) -> str:
    return {"centre": "lead", "provider": "lead", "authority": "investigator", "hotline": "analyst"}[
        founder.organisation_kind
    ]


def message(founder: Actor, text: str) -> tuple[UUID, str, str]:
    number, words = told(Visitor().writes(text))
    rows, _more = inbox.list_conversations(founder, "waiting")
    return next(one.id for one in rows if one.number == number), number, words


def test_a_message_is_listed_read_answered_and_closed(cast: Cast, founder: Actor, role: str) -> None:
    pk, number, words = message(founder, "Is anybody there?")
    client = cast.client(founder, role)
    assert number in client.get("/desk/conversations/").content.decode()
    assert "Anonymous messages to answer" in client.get("/desk/").content.decode()
    page = client.get(f"/desk/conversations/{pk}/").content.decode()
    assert "Is anybody there?" in page
    assert ":00 UTC" in page, "times are hours"
    sent = client.post(f"/desk/conversations/{pk}/answer/", {"text": "Yes", "seen": "1"})
    assert sent.status_code == 302
    again = client.post(f"/desk/conversations/{pk}/answer/", {"text": "Yes, twice", "seen": "1"})
    assert again.status_code == 409
    assert "Yes, twice" in again.content.decode(), "what was typed is kept"
    assert number in client.get("/desk/conversations/?state=answered").content.decode()
    assert client.post(f"/desk/conversations/{pk}/close/", {"seen": "2"}).status_code == 302
    assert number in client.get("/desk/conversations/?state=closed").content.decode()
    assert "Send answer" not in client.get(f"/desk/conversations/{pk}/").content.decode()
    assert Visitor().enters(number, words).status_code == 422
    with acting(founder):
        kinds = set(Event.objects.filter(subject_id=str(pk)).values_list("kind", flat=True))
    assert kinds == {f"conversation.{one}" for one in ("opened", "viewed", "answered", "closed")}


@pytest.mark.parametrize("given", [{}, {"text": ""}, {"text": "x", "seen": "-1"}, {"text": "x" * 10_001, "seen": "1"}])
def test_mistakes_are_said_and_nothing_is_sent(cast: Cast, founder: Actor, role: str, given: dict[str, str]) -> None:
    pk, _number, _words = message(founder, "A message")
    answer = cast.client(founder, role).post(f"/desk/conversations/{pk}/answer/", given)
    assert answer.status_code in (409, 422)
    assert inbox.read(founder, pk).seen == 1


def test_a_page_after_the_last_and_an_unknown_state_are_harmless(cast: Cast, founder: Actor, role: str) -> None:
    client = cast.client(founder, role)
    assert client.get("/desk/conversations/?page=999").status_code == 404
    assert client.get("/desk/conversations/?state=%00x").status_code == 400
    assert client.get("/desk/conversations/?state=nothing").status_code == 200


def test_a_stranger_and_another_organisation_find_nothing(cast: Cast, founder: Actor, client: Client) -> None:
    pk, number, _words = message(founder, "A message")
    assert client.get(f"/desk/conversations/{pk}/")["Location"].startswith("/account/login/")
    other = cast.client(cast.hotline_de, "analyst")
    assert number not in other.get("/desk/conversations/").content.decode()
    assert other.get(f"/desk/conversations/{pk}/").status_code == 404
    for act in ("answer", "close"):
        assert other.post(f"/desk/conversations/{pk}/{act}/", {"text": "x", "seen": "1"}).status_code == 404
        assert other.post(f"/desk/conversations/{uuid4()}/{act}/", {"text": "", "seen": "1"}).status_code == 404
