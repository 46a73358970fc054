"""What comes back: feedback, and word that an indicator was wrong."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from tests.support.cast import Cast
from tests.support.detection_world import CONFIRM, World, body, receipt
from tests.support.post import SigningClient as Client
from tutela import clock
from tutela.detection.candidates import withdrawn_indicators
from tutela.detection.drafts import drafts, send
from tutela.detection.errors import RestsOnNothing
from tutela.detection.outcomes import report_list
from tutela.detection.review import review, work_queue
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.referral.withdrawal import Withdrawal


def state(world: World, report_id: UUID) -> str:
    return report_list.load_report(world.lead, report_id).line.state


def _tell(world: World, kind: str, message: dict[str, Any], **headers: str) -> Any:
    address = f"/api/v1/organisations/{world.provider.organisation_id}/{kind}"
    return Client().post(address, json.dumps(message), "application/json", headers=headers)


def _feedback(report_id: UUID, kind: str = "relevant", **fields: Any) -> dict[str, Any]:
    return {
        "feedback_id": str(uuid7()),
        "report_id": str(report_id),
        "kind": kind,
        "at": clock.now().isoformat(),
        "centre": "EU Centre",
        **fields,
    }


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
    send.send(world.lead, made)
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
    assert [f.kind for f in report_list.load_report(world.lead, made).feedback] == ["relevant", "closed"]
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
    states = {line.id: line.state for line in work_queue.list_candidates(world.lead, work_queue.CandidateFilter())[0]}
    assert states == {carried: "open", untouched: "open"}
    seen = work_queue.load_candidate(world.lead, alone)
    assert (seen.line.state, [w.reason for w in seen.gone]) == ("withdrawn", ["token"])
    late = world.candidate(body(entry=entry))
    assert work_queue.load_candidate(world.lead, late).line.state == "withdrawn"
    assert entry not in {m.entry_id for m in _item(world, carried).matches}


def _item(world: World, candidate: UUID) -> Any:
    report_id = review.decide(world.reviewer, candidate, CONFIRM).report_id
    assert report_id
    report = report_list.load_report(world.lead, report_id).report
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
    assert [w.reason for w in report_list.load_report(world.lead, unseen).gone] == ["token"]
    with pytest.raises(RestsOnNothing):
        send.send(world.lead, unseen)
    send.send(world.lead, seen)
    drafts.discard(world.lead, unseen, "token")
    assert state(world, unseen) == "discarded"


def test_a_candidate_that_comes_while_its_indicator_is_withdrawn_is_not_missed(cast: Cast) -> None:
    world, entry = World(cast), uuid4()
    message = Withdrawal.from_bytes(json.dumps(_withdrawal(entry)).encode())

    def submit() -> UUID:
        try:
            return world.candidate(body(entry=entry))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with acting(world.lead):
            withdrawn_indicators.receive(world.lead, message, cast.centre.organisation_id)
            coming = pool.submit(submit)
            while not coming.done() and not _somebody_waits():
                pass
        made = coming.result()
    assert work_queue.load_candidate(world.lead, made).line.state == "withdrawn"


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])
