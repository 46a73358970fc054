"""What the Centre says of a draft before it is sent: by its own interface, kept nowhere, and clear where it is away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from tests.support.cast import API_URL, Cast
from tests.support.detection_world import World, receipt
from tests.support.markup import flat
from tests.support.post import introduce
from tutela import clock
from tutela.detection.drafts import drafts, precheck, send
from tutela.detection.errors import Alone, AlreadySent, CentreAway, CentreRefuses
from tutela.detection.outcomes import report_list
from tutela.events.errors import Forbidden, NotFound
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.report.precheck_answer import Checked
from tutela.organisations.messages import delivery
from tutela.organisations.models import Organisation, OutboxMessage
from tutela.organisations.people import directory
from tutela.reports.models import Report

GOOD = {
    "report_id": "x",
    "completeness": 40,
    "urgent": False,
    "jurisdiction": {"country": "DE", "countries": ["DE"]},
}


@pytest.fixture
def world(cast: Cast) -> World:
    world = World(cast)
    centre = world.join()
    Organisation.objects.filter(pk=centre.organisation_id).update(api_url=API_URL)
    introduce(cast, world.provider, cast.centre, "reports:submit")
    return world


@pytest.fixture
def node() -> Iterator[httpx.Client]:
    """The real Centre: the node's own interface, called in process."""
    with httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application())) as client:
        yield client


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer))


def says(status: int, body: Any, kind: str = "application/json") -> httpx.Client:
    text = body if isinstance(body, str) else json.dumps(body)
    return answering(lambda _request: httpx.Response(status, text=text, headers={"Content-Type": kind}))


def untouched(world: World, made: UUID) -> None:
    """Nothing is at the Centre, nothing waits, and the draft is as it was."""
    with acting(world.cast.centre):
        assert not Report.objects.filter(report_id=made).exists()
    with acting(world.lead):
        assert not OutboxMessage.objects.filter(subject_id=str(made)).exists()
    assert report_list.load_report(world.lead, made).line.state == "drafted"


def test_the_centre_says_what_is_missing_and_stores_nothing(world: World, node: httpx.Client) -> None:
    made = world.draft()
    geography = [{"country": "FR", "derived_from": "ip"}]
    drafts.edit(world.lead, made, 1, {"geography": geography, "spread": ["meme"]})
    before = clock.now()
    said = precheck.ask(world.lead, made, node)
    assert (said.centre, said.answer.report_id) == (world.cast.centre.organisation_name, str(made))
    assert before <= said.at <= clock.now()
    assert {"locations", "victims"} <= {one.field for one in said.answer.missing}
    assert any(one.points for one in said.answer.missing)
    assert ("items.0.spread", "meme") in [(one.field, one.code) for one in said.answer.hints]
    assert said.answer.jurisdiction.country == "FR"
    untouched(world, made)


def test_that_it_was_shown_to_the_centre_is_an_event_of_both(world: World, node: httpx.Client) -> None:
    made = world.draft()
    precheck.ask(world.lead, made, node)
    for actor in (world.lead, world.cast.centre):
        with acting(actor):
            rows = Event.objects.filter(organisation_id=actor.organisation_id, subject_id=str(made))
            assert rows.filter(kind="report.checked").count() == 1


@pytest.mark.parametrize(
    ("client", "why"),
    [
        (says(503, {}, "application/problem+json"), "HTTP 503"),
        (says(200, "<html>captive</html>", "text/html"), "not from a Tutela node"),
        (says(422, "<html>proxy</html>", "text/html"), "not from a Tutela node"),
        (says(200, {"completeness": "much"}), "is not readable"),
        (says(200, "[1.5]"), "is not readable"),
        (says(200, {**GOOD, "completeness": 400}), "is not readable"),
        (says(401, {}), "HTTP 401"),
    ],
)
def test_whoever_answers_otherwise_is_away_and_changes_nothing(world: World, client: httpx.Client, why: str) -> None:
    made = world.draft()
    with pytest.raises(CentreAway) as refused, client:
        precheck.ask(world.lead, made, client)
    assert why in str(refused.value)
    untouched(world, made)


def test_a_centre_that_does_not_answer_is_said_to_be_away(world: World) -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    made = world.draft()
    with pytest.raises(CentreAway, match="did not answer"), answering(gone) as client:
        precheck.ask(world.lead, made, client)
    untouched(world, made)


def test_a_suspended_recipient_is_asked_nothing(world: World) -> None:
    def never(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("it was asked")

    recipient = world.cast.organisation("Suspended", "authority", "FR")
    administrator = world.cast.actor(world.cast.centre, "administrator")
    directory.set_status(administrator, recipient.organisation_id, "suspended", "a test")
    with answering(never) as client:
        said = delivery.ask(world.lead, recipient.organisation_id, precheck.PATH, b"{}", client)
    assert (said.status, said.error) == (0, "delivery.not_verified")


def test_what_the_centre_would_refuse_is_named_by_field(world: World) -> None:
    problem = {"detail": "No.", "errors": [{"field": "kinds", "reason": "is empty"}, "x", {"field": 7}]}
    made = world.draft()
    with pytest.raises(CentreRefuses) as refused, says(422, problem, "application/problem+json") as client:
        precheck.ask(world.lead, made, client)
    assert [(one.field, one.reason) for one in refused.value.errors] == [("kinds", "is empty"), ("7", "")]
    assert refused.value.detail == "No."


def test_who_may_ask_and_about_what(world: World, node: httpx.Client) -> None:
    made = world.draft()
    with pytest.raises(Forbidden):
        precheck.ask(world.reviewer, made, node)
    with pytest.raises((NotFound, Alone)):
        precheck.ask(world.cast.actor(world.cast.other_provider, "lead"), made, node)
    send.send(world.lead, made)
    world.deliver(made, receipt(world.cast.centre))
    with pytest.raises(AlreadySent):
        precheck.ask(world.lead, made, node)


def test_a_later_centre_may_say_more() -> None:
    found = Checked.read(json.dumps({**GOOD, "weather": 1, "jurisdiction": {"code": "r", "certainty": 3}}))
    assert (found.completeness, found.jurisdiction.code) == (40, "r")


def test_the_page_shows_it_or_why_not(world: World, node: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.draft()
    lead, address = world.cast.client(world.provider, "lead"), f"/desk/drafts/{made}/"
    real, answer = delivery.ask, {"client": node}
    monkeypatch.setattr(delivery, "ask", lambda *given: real(*given[:4], answer["client"]))
    assert "Ask the Centre for a check" in lead.get(address).content.decode()
    assert world.cast.client(world.provider, "reviewer").post(f"{address}check/").status_code == 404
    shown = lead.post(f"{address}check/")
    assert shown.status_code == 200
    for words in (
        "Additions that would make the report useful:",
        "Expected recipient",
        "not stored by this node or by the Centre",
    ):
        assert words in shown.content.decode()
    assert "Additions that would make the report useful:" not in lead.get(address).content.decode(), (
        "it is kept nowhere"
    )
    problem = {"errors": [{"field": "kinds", "reason": "<b>empty</b>"}]}
    answer["client"] = says(422, problem, "application/problem+json")
    refused = lead.post(f"{address}check/")
    assert refused.status_code == 422
    assert "<code>kinds</code>: &lt;b&gt;empty" in flat(refused.content.decode())
    answer["client"] = says(503, {}, "application/problem+json")
    away = lead.post(f"{address}check/")
    assert (away.status_code, "The Centre did not answer (HTTP 503)." in away.content.decode()) == (503, True)
    send.send(world.lead, made)
    assert "Ask the Centre for a check" not in lead.get(address).content.decode()
    assert lead.post(f"{address}check/").status_code == 302
