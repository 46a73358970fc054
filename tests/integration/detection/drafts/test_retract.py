"""A provider says at its desk that a report was filed in error: the Centre is told, and nothing changes here by it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.support.cast import Cast
from tests.support.detection_world import World, receipt
from tutela import clock
from tutela.detection.drafts import drafts, retract, send
from tutela.detection.errors import NotReceivedYet, Retracted
from tutela.detection.models import Draft, FiledElsewhere, Retraction
from tutela.detection.outcomes import centre_feedback, report_list
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.report.feedback import Feedback
from tutela.exchange.report.retraction import Retraction as Wire
from tutela.organisations.keys import subject_keys
from tutela.organisations.models import OutboxMessage

PROBLEM = {"Content-Type": "application/problem+json"}
WORDS = "It was the wrong account."


@pytest.fixture
def world(cast: Cast) -> World:
    cast.pixelpost = cast.organisation("Retracting", "provider", "IE")
    world = World(cast)
    world.join()
    return world


def received(world: World) -> UUID:
    made = world.draft()
    send.send(world.lead, made)
    world.deliver(made, receipt(world.cast.centre))
    return made


def test_the_centre_is_told_and_nothing_changes_here(world: World) -> None:
    made = received(world)
    before = report_list.load_report(world.lead, made)
    client = world.cast.client(world.provider, "lead")
    path = f"/desk/drafts/{made}/"
    assert "Retract this report" in client.get(path).content.decode()
    client.post(f"{path}retract/", {"reason": f" {WORDS} "})
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(201, json={})

    world.deliver(made, answer)
    (request,) = asked
    assert (request.url.path, request.headers["Idempotency-Key"]) == ("/api/v1/retractions", f"retraction:{made}")
    said = Wire.from_bytes(request.content)
    assert (said.report_id, said.reason) == (made, WORDS)
    after = report_list.load_report(world.lead, made)
    assert after.retraction
    assert after.retraction.reason == WORDS
    assert after.line.state == before.line.state
    assert [(spec, one.state) for spec, one in after.clocks] == [(spec, one.state) for spec, one in before.clocks]
    page = client.get(path).content.decode()
    assert WORDS in page
    assert "Retract this report" not in page
    with acting(world.lead):
        assert [one.kind for one in timeline("report", made)].count("report.retraction_sent") == 1


def test_it_is_said_once_and_with_a_reason(world: World) -> None:
    made = received(world)
    for reason in ("", "  \n"):
        with pytest.raises(Invalid):
            retract.retract(world.lead, made, reason)
    retract.retract(world.lead, made, "x" * 900)
    with pytest.raises(Retracted):
        retract.retract(world.lead, made, WORDS)
    with acting(world.lead):
        (row,) = OutboxMessage.objects.filter(subject_id=str(made), kind="retraction")
        assert row.answered_at is None


def test_what_no_centre_has_is_mended_or_discarded(world: World) -> None:
    made = world.draft()
    with pytest.raises(NotReceivedYet):
        retract.retract(world.lead, made, WORDS)
    send.send(world.lead, made)
    with pytest.raises(NotReceivedYet):
        retract.retract(world.lead, made, WORDS)
    client = world.cast.client(world.provider, "lead")
    assert "Retract this report" not in client.get(f"/desk/drafts/{made}/").content.decode()
    other = world.draft()
    drafts.discard(world.lead, other, "Not ours")
    with pytest.raises(NotReceivedYet):
        retract.retract(world.lead, other, WORDS)


def test_a_refusal_is_shown_at_the_report(world: World) -> None:
    made = received(world)
    retract.retract(world.lead, made, WORDS)
    body: dict[str, Any] = {"detail": "There is nothing left to retract.", "status": 409}
    world.deliver(made, lambda _: httpx.Response(409, json=body, headers=PROBLEM))
    states = [one.state for one in report_list.load_report(world.lead, made).messages]
    assert states == ["sent", "refused"]
    assert (
        "There is nothing left to retract."
        in world.cast.client(world.provider, "lead").get(f"/desk/drafts/{made}/").content.decode()
    )


def test_nobody_else_retracts(world: World) -> None:
    made = received(world)
    with pytest.raises(NotFound):
        retract.retract(world.lead, uuid7(), WORDS)
    with pytest.raises(Forbidden):
        retract.retract(world.cast.actor(world.provider, "auditor"), made, WORDS)
    other = world.cast.client(world.cast.organisation("A stranger", "provider", "FR"), "lead")
    assert other.post(f"/desk/drafts/{made}/retract/", {"reason": WORDS}).status_code == 404


def test_its_words_go_with_the_report(world: World) -> None:
    made = received(world)
    retract.retract(world.lead, made, WORDS)
    with acting(world.lead):
        assert WORDS not in Retraction.objects.get(report_id=made).reason
        subject_keys.erase("report", made)
    found = report_list.load_report(world.lead, made).retraction
    assert found
    assert found.reason == ""


def test_what_was_filed_another_way_is_retracted_too(world: World) -> None:
    made, centre = uuid7(), world.cast.centre
    body = {
        "feedback_id": str(uuid7()),
        "report_id": str(made),
        "kind": "relevant",
        "at": clock.now().isoformat(),
        "centre": "EU Centre",
        "filed_as": "4711",
    }
    with acting(world.lead):
        centre_feedback.receive(world.lead, Feedback.from_bytes(json.dumps(body).encode()), centre.organisation_id)
    client = world.cast.client(world.provider, "lead")
    path = f"/desk/drafts/filed-elsewhere/{made}/"
    assert "Retract this report" in client.get(path).content.decode()
    client.post(f"{path}retract/", {"reason": WORDS})
    page = client.get(path).content.decode()
    assert WORDS in page
    assert "Retract this report" not in page
    world.deliver(made, lambda _: httpx.Response(409, json={"detail": "Nothing is left."}, headers=PROBLEM))
    assert "Nothing is left." in client.get(path).content.decode()
    other = world.cast.client(world.cast.organisation("A stranger", "provider", "FR"), "lead")
    assert other.post(f"{path}retract/", {"reason": WORDS}).status_code == 404


@pytest.mark.parametrize("elsewhere", [False, True])
def test_that_it_stands_changes_no_state(world: World, elsewhere: bool) -> None:
    made = uuid7() if elsewhere else received(world)
    for kind, more in (("relevant", {}), ("stands", {"reason": "The account is theirs."})):
        body = {
            "feedback_id": str(uuid7()),
            "report_id": str(made),
            "kind": kind,
            "at": clock.now().isoformat(),
            "centre": "EU Centre",
            **more,
        }
        message = Feedback.from_bytes(json.dumps(body).encode())
        with acting(world.lead):
            centre_feedback.receive(world.lead, message, world.cast.centre.organisation_id)
    client = world.cast.client(world.provider, "lead")
    page = client.get(f"/desk/drafts/{'filed-elsewhere/' if elsewhere else ''}{made}/").content.decode()
    assert "The account is theirs." in page
    assert "remains valid despite the retraction" in page
    with acting(world.lead):
        state = FiledElsewhere.objects.get(report_id=made).state if elsewhere else Draft.objects.get(pk=made).state
    assert state == "relevant"
