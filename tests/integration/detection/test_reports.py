"""Reports leave, are answered, refused, proven, withdrawn, handed over and forgotten."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.utils import ProgrammingError
from django.test import Client

from tests.cast import Cast
from tests.integration.detection.world import CONFIRM, World, body, receipt
from tutela import clock
from tutela.detection import authorities, dossier, drafting, exposure, notification, pdf, review, sending, waiting
from tutela.detection.drafting import Unusable
from tutela.detection.errors import Alone, AlreadySent, DraftChanged, RestsOnNothing
from tutela.detection.models import Candidate, Receipt, Revision, Sending
from tutela.events.acting import acting
from tutela.events.errors import NotFound
from tutela.events.ids import uuid7
from tutela.exchange.canonical import parse
from tutela.exchange.report import Report
from tutela.law import clocks, holds, retention
from tutela.law.models import Tombstone

LOCATION = {"ip": "192.0.2.7", "port": 4711, "at": "2026-03-01T10:00:00+01:00", "time_zone": "Europe/Dublin"}


def state(world: World, report_id: UUID) -> str:
    return dossier.of(world.lead, report_id).line.state


def test_a_confirmed_candidate_is_a_report_with_digests_and_no_media(cast: Cast) -> None:
    world, message = World(cast), body()
    found = dossier.of(world.lead, world.draft(message))
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
    drafting.edit(world.lead, made, 1, changes)
    report = dossier.of(world.lead, made).report
    assert report
    assert (str(report.locations[0].ip), report.urgency.reason, report.report_id) == ("192.0.2.7", "token", made)
    with pytest.raises(DraftChanged):
        drafting.edit(world.lead, made, 1, {"locations": []})
    with pytest.raises(Unusable) as caught:
        drafting.edit(world.lead, made, 2, {"locations": [{**LOCATION, "port": 0}]})
    assert caught.value.errors[0].field.startswith("locations.0.port")


def test_what_a_draft_said_is_never_changed(cast: Cast) -> None:
    world = World(cast)
    world.draft()
    with pytest.raises(ProgrammingError, match="refused"), acting(world.lead):
        Revision.objects.update(number=9)


def test_alone_nothing_is_sent(cast: Cast) -> None:
    world = World(cast)
    with pytest.raises(Alone):
        sending.send(world.lead, world.draft())


def test_a_report_is_received_when_the_receipt_proves_it(cast: Cast) -> None:
    world = World(cast)
    centre, made = world.join(), world.draft()
    sending.send(world.lead, made)
    assert state(world, made) == "waiting"
    with pytest.raises(AlreadySent):
        sending.send(world.lead, made)
    with pytest.raises(AlreadySent):
        drafting.edit(world.lead, made, 1, {})
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return receipt(centre)(request)

    world.deliver(made, answer)
    assert state(world, made) == "received"
    assert requests[0].url.path == "/api/v1/reports"
    assert requests[0].headers["Idempotency-Key"] == f"report:{made}"
    with acting(world.lead):
        assert sending.sent_report(Sending.objects.get(draft_id=made)).to_bytes() == requests[0].content
        running = {spec.kind for spec, standing in clocks.of_subject("report", made) if standing.state == "running"}
    assert running == {"preservation", "user_information"}
    sending.user_informed(world.lead, made)
    kinds = [e.kind for e in dossier.of(world.lead, made).events]
    assert kinds.index("candidate.received") < kinds.index("report.drafted") < kinds.index("report.received")


def test_a_silent_centre_leaves_the_report_waiting(cast: Cast) -> None:
    world = World(cast)
    world.join()
    made = world.draft()
    sending.send(world.lead, made)
    world.deliver(made, lambda request: httpx.Response(503))
    found = dossier.of(world.lead, made)
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
        lambda centre: lambda request: httpx.Response(200, text="<p>fine</p>"),
    ],
    ids=["a forged key", "other bytes", "nothing", "a word", "a list", "a page"],
)
def test_a_receipt_that_does_not_hold_proves_nothing(cast: Cast, answer: Any) -> None:
    world = World(cast)
    centre, made = world.join(), world.draft()
    sending.send(world.lead, made)
    world.deliver(made, answer(centre))
    assert state(world, made) == "unproven"
    with acting(world.lead):
        assert not Receipt.objects.exists()
    sending.send(world.lead, made)
    world.deliver(made, receipt(centre))
    assert state(world, made) == "received"


def test_a_refused_report_comes_back_with_the_fields_and_is_sent_again(cast: Cast) -> None:
    world = World(cast)
    centre, made = world.join(), world.draft()
    sending.send(world.lead, made)
    errors = [{"field": "locations", "reason": "token"}]
    world.deliver(made, lambda request: httpx.Response(422, json={"detail": "Mend it.", "errors": errors}))
    found = dossier.of(world.lead, made)
    assert found.answer
    assert (found.line.state, found.answer.errors, found.open) == ("refused", errors, True)
    client = cast.client(world.provider, "lead")
    assert b"<code>locations</code>: token" in client.get(f"/desk/drafts/{made}/").content
    drafting.edit(world.lead, made, 1, {"locations": [LOCATION]})
    sending.send(world.lead, made)
    assert state(world, made) == "waiting"
    world.deliver(made, receipt(centre))
    assert state(world, made) == "received"


def _tell(world: World, kind: str, message: dict[str, Any], **headers: str) -> Any:
    address = f"/api/v1/organisations/{world.provider.organisation_id}/{kind}"
    return Client().post(address, json.dumps(message), "application/json", headers=headers)


def _feedback(report_id: UUID, kind: str = "relevant", **fields: Any) -> dict[str, Any]:
    return {"feedback_id": str(uuid7()), "report_id": str(report_id), "kind": kind, "at": clock.now().isoformat(),
            "centre": "EU Centre", **fields}  # fmt: skip


def test_only_a_verified_centre_says_what_became_of_a_report(cast: Cast) -> None:
    world = World(cast)
    made = world.draft()
    key = {"Idempotency-Key": "k"}
    assert _tell(world, "feedback", _feedback(made)).status_code == 401
    for organisation in (cast.other_provider, cast.hotline_ie, world.provider):
        headers = {**cast.key(organisation, "feedback:submit"), **key}
        assert _tell(world, "feedback", _feedback(made), **headers).status_code == 403
        assert _tell(world, "withdrawals", _withdrawal(uuid4()), **headers).status_code == 403
    headers = {**cast.key(cast.centre, "feedback:submit"), **key}
    assert _tell(world, "feedback", _feedback(made), **headers).status_code == 404, "it never went to this Centre"
    assert state(world, made) == "drafted"


def test_feedback_is_the_reports_outcome(cast: Cast) -> None:
    world = World(cast)
    centre, made = world.join(), world.draft()
    sending.send(world.lead, made)
    world.deliver(made, receipt(centre))
    headers = cast.key(centre, "feedback:submit")
    message = _feedback(made)
    for _ in range(2):
        assert _tell(world, "feedback", message, **headers, **{"Idempotency-Key": "f-1"}).status_code == 200
    assert state(world, made) == "relevant"
    refused = _tell(world, "feedback", _feedback(made, "not_relevant"), **headers, **{"Idempotency-Key": "f-2"})
    assert refused.status_code == 422
    later = _feedback(made, "closed", reason="token")
    assert _tell(world, "feedback", later, **headers, **{"Idempotency-Key": "f-3"}).status_code == 200
    assert [f.kind for f in dossier.of(world.lead, made).feedback] == ["relevant", "closed"]
    assert state(world, made) == "closed"


def _withdrawal(indicator: UUID) -> dict[str, Any]:
    return {"indicator": str(indicator), "reason": "token", "at": clock.now().isoformat()}


def _withdraw(world: World, indicator: UUID, key: str = "w-1") -> int:
    headers = world.cast.key(world.cast.centre, "feedback:submit")
    answer = _tell(world, "withdrawals", _withdrawal(indicator), **headers, **{"Idempotency-Key": key})
    assert answer.status_code == 200, answer.content
    return int(answer.json()["marked"])


def test_a_withdrawn_indicator_closes_what_rests_on_it_alone(cast: Cast) -> None:
    world, entry = World(cast), uuid4()
    alone = world.candidate(body(entry=entry))
    both = body(entry=entry)
    both["matches"].append(body(entry=uuid4())["matches"][0])
    carried, untouched = world.candidate(both), world.candidate()
    assert _withdraw(world, entry) == 2
    assert _withdraw(world, entry, "w-2") == 2
    states = {line.id: line.state for line in waiting.listing(world.lead, waiting.Filter())[0]}
    assert states == {carried: "open", untouched: "open"}
    seen = waiting.of(world.lead, alone)
    assert (seen.line.state, [w.reason for w in seen.gone]) == ("withdrawn", ["token"])
    late = world.candidate(body(entry=entry))
    assert waiting.of(world.lead, late).line.state == "withdrawn"
    assert entry not in {m.entry_id for m in _item(world, carried).matches}


def _item(world: World, candidate: UUID) -> Any:
    report_id = review.decide(world.reviewer, candidate, CONFIRM).report_id
    assert report_id
    report = dossier.of(world.lead, report_id).report
    assert report
    return report.items[0]


def test_a_withdrawn_indicator_marks_reports_and_stops_what_nobody_saw(cast: Cast) -> None:
    world, entry, other = World(cast), uuid4(), uuid4()
    world.join()
    unseen, made = world.draft(body(entry=entry)), world.candidate(body(entry=other))
    seen = world.opened(world.reviewer, made).report_id
    assert seen
    _withdraw(world, entry)
    _withdraw(world, other, "w-2")
    assert [w.reason for w in dossier.of(world.lead, unseen).gone] == ["token"]
    with pytest.raises(RestsOnNothing):
        sending.send(world.lead, unseen)
    sending.send(world.lead, seen)
    drafting.discard(world.lead, unseen, "token")
    assert state(world, unseen) == "discarded"


def test_a_report_is_handed_over_on_paper_where_there_is_no_centre(cast: Cast) -> None:
    world = World(cast)
    made = world.draft()
    assert authorities.seed(world.lead) == 4
    assert authorities.seed(world.lead) == 0
    report = dossier.of(world.lead, made).report
    first = authorities.current(world.lead, report)[0]
    assert first.country == "IE", "its own Member State, where no other is known"
    assert first.checked_on is None
    paper = notification.as_pdf(world.lead, made, first.pk)
    assert paper.startswith(b"%PDF-")
    assert report
    printed = " ".join(f"{row.name} {row.text}" for row in pdf.rows(report))
    assert report.items[0].sha256
    assert all(
        word in printed for word in (str(made), report.items[0].sha256, "acc-1", world.provider.organisation_name)
    )
    data = notification.as_json(world.lead, made)
    assert Report.from_bytes(data).legal_basis.regime == "dsa_article_18"
    assert data == notification.as_json(world.lead, made)
    notification.mark_sent(world.lead, made, first.pk, sent_at=clock.now(), reference="AZ 1")
    found = dossier.of(world.lead, made)
    assert (found.line.state, found.dispatches[0].reference, len(found.clocks)) == ("notified", "AZ 1", 2)
    with pytest.raises(AlreadySent):
        drafting.edit(world.lead, made, 1, {})


def test_a_long_report_is_printed_to_its_end(cast: Cast) -> None:
    world = World(cast)
    made = world.draft()
    people = [{"usernames": [f"Ünïcødé-ж-{n}" * 20], "other": "x" * 3000} for n in range(30)]
    drafting.edit(world.lead, made, 1, {"users": people})
    authorities.seed(world.lead)
    paper = notification.as_pdf(world.lead, made, authorities.current(world.lead)[0].pk)
    assert paper.rstrip().endswith(b"%%EOF")
    assert paper.count(b"/Type /Page\n") > 3


def test_an_ended_address_no_longer_takes_anything(cast: Cast) -> None:
    world = World(cast)
    authorities.seed(world.lead)
    first = authorities.current(world.lead)[0]
    authorities.end(world.lead, first.pk)
    assert first.pk not in {row.pk for row in authorities.current(world.lead)}
    with pytest.raises(NotFound):
        notification.mark_sent(world.lead, world.draft(), first.pk, sent_at=clock.now(), reference="")


def test_a_spreadsheet_runs_nothing_of_the_export(cast: Cast) -> None:
    from tutela.detection import services

    world = World(cast)
    formula = services.create(world.lead, "=cmd|calc", services.Wanted("hosting", mode="on"))
    given = drafting.ByHand(formula, "new", True, "user_flag", sha256="b" * 64)
    drafting.by_hand(world.reviewer, given)
    assert ",'=cmd|calc," in dossier.as_csv(world.lead)


def test_another_provider_sees_no_report(cast: Cast) -> None:
    world = World(cast)
    made = world.draft()
    stranger = cast.actor(cast.other_provider, "lead")
    for capability in (
        lambda: dossier.of(stranger, made),
        lambda: drafting.edit(stranger, made, 1, {}),
        lambda: notification.as_json(stranger, made),
        lambda: drafting.discard(stranger, made, "token"),
    ):
        with pytest.raises(NotFound):
            capability()
    assert cast.client(cast.other_provider, "lead").get(f"/desk/drafts/{made}/").status_code == 404


def test_time_erases_what_a_report_said_and_not_that_it_was(cast: Cast) -> None:
    world = World(cast)
    centre, kept, held = world.join(), world.draft(), world.draft()
    for one in (kept, held):
        sending.send(world.lead, one)
        world.deliver(one, receipt(centre))
    holds.place(
        world.lead, "report", held, asked_by=centre.organisation_id, reason="token",
        until=clock.now() + timedelta(days=500),
    )  # fmt: skip
    machine = replace(world.lead, reference="system:retention")
    retention.run(machine)
    assert dossier.of(world.lead, kept).report
    with clock.simulate(clock.now() + timedelta(days=367)):
        retention.run(machine)
        gone = dossier.of(world.lead, kept)
        assert (gone.report, gone.line.state) == (None, "received")
        assert gone.receipt
        assert dossier.of(world.lead, held).report
    with acting(world.lead):
        assert Tombstone.objects.filter(subject_kind="report", subject_id=str(kept)).count() == 1


def test_an_undecided_candidate_expires(cast: Cast) -> None:
    world = World(cast)
    made = world.candidate()
    exposure.open_item(world.reviewer, made)
    with clock.simulate(clock.now() + timedelta(days=31)):
        retention.run(replace(world.lead, reference="system:retention"))
    with acting(world.lead):
        assert not Candidate.objects.exists()
        assert Tombstone.objects.get().rule == "candidate.expired"


def test_a_report_travels_in_its_one_canonical_form(cast: Cast) -> None:
    world = World(cast)
    data = notification.as_json(world.lead, world.draft())
    assert isinstance(parse(data), dict)
    assert Report.from_bytes(data).to_bytes() == data
