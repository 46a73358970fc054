"""Reports are drafted, sent, answered, refused and proven."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.utils import ProgrammingError

from tests.support.cast import Cast
from tests.support.detection_world import World, body, receipt
from tutela.detection.drafts import drafts, dsa_notification, send
from tutela.detection.drafts.drafts import Unusable
from tutela.detection.errors import Alone, AlreadySent, DraftChanged
from tutela.detection.models import Receipt, Revision, Sending
from tutela.detection.notices import schedule
from tutela.detection.outcomes import report_list
from tutela.events.errors import NotFound
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report
from tutela.law import clocks
from tutela.organisations.keys import signing
from tutela.organisations.models import OutboxMessage

LOCATION = {"ip": "192.0.2.7", "port": 4711, "at": "2026-03-01T10:00:00+01:00", "time_zone": "Europe/Dublin"}


def state(world: World, report_id: UUID) -> str:
    return report_list.load_report(world.lead, report_id).line.state


def test_a_confirmed_candidate_is_a_report_with_digests_and_no_media(cast: Cast) -> None:
    world, message = World(cast), body()
    found = report_list.load_report(world.lead, world.draft(message))
    assert found.report
    text = found.report.to_bytes().decode()
    assert found.report.report_id == found.line.id
    assert found.report.report_id.version == 7
    assert message["sha256"] in text
    assert found.report.users[0].identifiers == ("acc-1",)
    assert not any(word in text for word in ('"content"', '"image_data"', '"base64"'))
    assert {m.path for m in found.missing} >= {"locations", "geography"}
    assert 0 < found.quality < 1


def test_a_draft_is_completed_by_sections(cast: Cast) -> None:
    world = World(cast)
    made = world.draft()
    changes = {"locations": [LOCATION], "urgency": {"urgent": True, "reason": "token"}, "report_id": str(uuid7())}
    drafts.edit(world.lead, made, 1, changes)
    report = report_list.load_report(world.lead, made).report
    assert report
    assert (str(report.locations[0].ip), report.urgency.reason, report.report_id) == ("192.0.2.7", "token", made)
    with pytest.raises(DraftChanged):
        drafts.edit(world.lead, made, 1, {"locations": []})
    with pytest.raises(Unusable) as caught:
        drafts.edit(world.lead, made, 2, {"locations": [{**LOCATION, "port": 0}]})
    assert caught.value.errors[0].field.startswith("locations.0.port")


def test_what_a_draft_said_is_never_changed(cast: Cast) -> None:
    world = World(cast)
    world.draft()
    with pytest.raises(ProgrammingError, match="refused"), acting(world.lead):
        Revision.objects.update(number=9)


def test_alone_nothing_is_sent(cast: Cast) -> None:
    world = World(cast)
    with pytest.raises(Alone):
        send.send(world.lead, world.draft())


def test_a_report_is_received_when_the_receipt_proves_it(cast: Cast) -> None:
    world = World(cast)
    centre, made = world.join(), world.draft()
    send.send(world.lead, made)
    assert state(world, made) == "waiting"
    with pytest.raises(AlreadySent):
        send.send(world.lead, made)
    with pytest.raises(AlreadySent):
        drafts.edit(world.lead, made, 1, {})
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return receipt(centre)(request)

    world.deliver(made, answer)
    assert state(world, made) == "received"
    assert requests[0].url.path == "/api/v1/reports"
    assert requests[0].headers["Idempotency-Key"] == f"report:{made}"
    with acting(world.lead):
        assert send.sent_report(Sending.objects.get(draft_id=made)).to_bytes() == requests[0].content
        running = {spec.kind for spec, standing in clocks.of_subject("report", made) if standing.state == "running"}
    assert running == {"preservation", "user_information"}
    schedule.tell(world.lead, made, audience="adult", language="en")
    stops = report_list.load_report(world.lead, made).journey.stops
    kinds = [stop.event.kind if stop.event else stop.code for stop in stops]
    expected = ["upload_seen", "candidate.received", "report.drafted", "report.received"]
    assert sorted(expected, key=kinds.index) == expected
    sent = stops[kinds.index("report.sent")]
    assert {spec.kind for spec, standing in sent.clocks if standing.state == "running"} == running


@pytest.mark.parametrize(
    ("said", "urgent"),
    [
        ({"urgent": False}, False),
        ({"urgent": True, "reason": "token"}, True),
        ({"urgent": False, "dangers": ["imminent"]}, True),
        ({"urgent": False, "dangers": ["access", "travel"]}, True),
        ({"urgent": False, "dangers": ["travel"]}, False),
    ],
    ids=["calm", "by its sender's word", "by a danger alone", "by two together", "by too little"],
)
def test_what_is_urgent_at_the_centre_leaves_before_other_reports(
    cast: Cast, said: dict[str, Any], *, urgent: bool
) -> None:
    world = World(cast)
    world.join()
    made = world.draft()
    drafts.edit(world.lead, made, 1, {"urgency": said})
    send.send(world.lead, made)
    with acting(world.lead):
        assert OutboxMessage.objects.get(subject_id=str(made)).urgent is urgent


def test_a_silent_centre_leaves_the_report_waiting(cast: Cast) -> None:
    world = World(cast)
    world.join()
    made = world.draft()
    send.send(world.lead, made)
    world.deliver(made, lambda request: httpx.Response(503))
    found = report_list.load_report(world.lead, made)
    assert (found.line.state, found.messages[0].attempts, found.messages[0].last_error) == ("waiting", 1, "HTTP 503")


def _other_report(centre: Any) -> Any:
    def answer(request: httpx.Request) -> httpx.Response:
        report = Report.from_bytes(request.content).model_copy(update={"language": "fr"})
        return receipt(centre)(httpx.Request("POST", request.url, content=report.to_bytes()))

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        lambda centre: receipt(centre, key=Ed25519PrivateKey.generate()),
        _other_report,
        lambda centre: lambda request: httpx.Response(200, json={}),
        lambda centre: lambda request: httpx.Response(200, json={"receipt": "yes"}),
        lambda centre: lambda request: httpx.Response(200, json=[1]),
    ],
    ids=["a forged key", "other bytes", "nothing", "a word", "a list"],
)
def test_a_receipt_that_does_not_hold_proves_nothing(cast: Cast, answer: Any) -> None:
    world = World(cast)
    centre, made = world.join(), world.draft()
    send.send(world.lead, made)
    world.deliver(made, answer(centre))
    assert state(world, made) == "unproven"
    with acting(world.lead):
        assert not Receipt.objects.exists()
    send.send(world.lead, made)
    world.deliver(made, receipt(centre))
    assert state(world, made) == "received"


def test_a_refused_report_comes_back_with_the_fields_and_is_sent_again(cast: Cast) -> None:
    world = World(cast)
    centre, made = world.join(), world.draft()
    send.send(world.lead, made)
    errors = [{"field": "locations", "reason": "token"}]
    problem = {"content-type": "application/problem+json"}
    refusal = {"detail": "Mend it.", "errors": errors}
    world.deliver(made, lambda request: httpx.Response(422, json=refusal, headers=problem))
    found = report_list.load_report(world.lead, made)
    assert found.answer
    assert (found.line.state, found.answer.errors, found.open) == ("refused", errors, True)
    client = cast.client(world.provider, "lead")
    assert b"<code>locations</code>: token" in client.get(f"/desk/drafts/{made}/").content
    drafts.edit(world.lead, made, 1, {"locations": [LOCATION]})
    send.send(world.lead, made)
    assert state(world, made) == "waiting"
    world.deliver(made, receipt(centre))
    assert state(world, made) == "received"


def test_another_provider_sees_no_report(cast: Cast) -> None:
    world = World(cast)
    made = world.draft()
    stranger = cast.actor(cast.other_provider, "lead")
    for capability in (
        lambda: report_list.load_report(stranger, made),
        lambda: drafts.edit(stranger, made, 1, {}),
        lambda: dsa_notification.as_json(stranger, made),
        lambda: drafts.discard(stranger, made, "token"),
    ):
        with pytest.raises(NotFound):
            capability()
    assert cast.client(cast.other_provider, "lead").get(f"/desk/drafts/{made}/").status_code == 404


def test_a_receipt_of_a_revoked_key_proves_nothing(cast: Cast) -> None:
    world = World(cast)
    centre, made = world.join(), world.draft()
    stolen = signing.current_private(centre.organisation_id, "receipt")
    signing.revoke_key(centre, signing.key_id_of(stolen.public_key().public_bytes_raw()))
    signing.create_key(centre, "receipt")
    send.send(world.lead, made)
    world.deliver(made, receipt(centre, key=stolen))
    assert state(world, made) == "unproven"


def test_a_section_of_two_lines_is_taken_as_browsers_send_it(cast: Cast) -> None:
    world = World(cast)
    made = world.draft()
    drafts.edit(world.lead, made, 1, {"other": {"text": "First line.\r\nSecond line."}})
    report = report_list.load_report(world.lead, made).report
    assert report
    assert report.other
    assert report.other.text == "First line.\nSecond line."
