"""Answers of providers to notices: from the provider that got the notice alone, about its addresses, once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.hosting_world import REDRESS, HostDesk
from tests.support.post import SigningClient
from tutela import clock
from tutela.events.transaction import acting
from tutela.organisations.models import ApiKey
from tutela.takedown.models import Notice, NoticeStep, StepKind


@pytest.fixture
def desk(cast: Cast) -> HostDesk:
    assert cast.centre
    return HostDesk(cast)


def _decision(number: str, **changed: Any) -> dict[str, Any]:
    now = clock.now().isoformat()
    said = {"reference": number, "received_at": now, "decided_at": now, "action": "removed", "automated": False}
    return {"decision": {**said, "redress": REDRESS, **changed}}


def _answered(desk: HostDesk, said: dict[str, Any], sender: Any = None, key: str = "k", scope: str = "") -> Any:
    made = desk.cast.key(sender or desk.provider, scope or "notice-answers:submit")
    whom = desk.hotline.machine.organisation_id
    ApiKey.objects.filter(prefix=made["Authorization"].partition("tut_")[2][:10]).update(recipient_id=whom)
    client = SigningClient(raise_request_exception=False)
    path = f"/api/v1/organisations/{whom}/takedown/notice-answers"
    headers = {**made, "Idempotency-Key": key}
    return client.post(path, json.dumps(said), content_type="application/json", headers=headers)


def _notice(desk: HostDesk) -> Notice:
    _case, notice = desk.sent()
    with acting(desk.hotline.analyst):
        return Notice.objects.get(pk=notice)


def _steps(desk: HostDesk, row: Notice) -> list[str]:
    with acting(desk.hotline.analyst):
        return list(NoticeStep.objects.filter(notice=row).order_by("created_at").values_list("kind", flat=True))


def test_an_answer_is_recorded_once(desk: HostDesk) -> None:
    row = _notice(desk)
    said = _decision(row.number)
    assert [_answered(desk, said).status_code for _ in range(2)] == [201, 201]
    assert _steps(desk, row) == ["sent", "removed"]
    assert _answered(desk, _decision(row.number, action="disabled")).status_code == 409, "the same key"
    assert _answered(desk, said, key="k2").status_code == 409, "the notice is answered"
    assert _steps(desk, row) == ["sent", "removed"]


def test_other_providers_and_unknown_notices_are_refused(desk: HostDesk, cast: Cast) -> None:
    row = _notice(desk)
    assert _answered(desk, _decision(row.number), sender=cast.other_provider).status_code == 404
    assert _answered(desk, _decision("N-0000-0000-0")).status_code == 404
    assert _answered(desk, _decision(row.number), sender=cast.hotline_de).status_code == 404
    assert _answered(desk, _decision(row.number), scope="reports:submit").status_code == 403
    elsewhere = _decision(row.number, locations=[{"url": "https://other.example.org/", "action": "removed"}])
    assert _answered(desk, elsewhere).status_code == 422
    reversal = {"reference": row.number, "reversed_at": clock.now().isoformat(), "reason": "A complaint."}
    assert _answered(desk, {"reversal": reversal}).status_code == 409, "nothing was removed"
    assert _answered(desk, {}).status_code == 422
    assert _answered(desk, {**_decision(row.number), "reversal": reversal}).status_code == 422
    assert _steps(desk, row) == [StepKind.SENT]


def test_the_reversal_must_be_about_the_notice(desk: HostDesk) -> None:
    row = _notice(desk)
    _answered(desk, _decision(row.number))
    reversal = {"reference": row.number, "reversed_at": clock.now().isoformat(), "reason": "A complaint."}
    foreign = {**reversal, "locations": ["https://other.example.org/"]}
    assert _answered(desk, {"reversal": foreign}, key="k2").status_code == 422
    assert _answered(desk, {"reversal": reversal}, key="k3").status_code == 201
    assert _steps(desk, row) == ["sent", "removed", "restored"]
