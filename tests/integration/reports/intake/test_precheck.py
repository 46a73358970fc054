"""A report that is only checked: what the provider learns, and that nothing is stored."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from tests.support.cast import Cast
from tests.support.reporting import account, item, report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report as Wire
from tutela.reports.models import Report
from tutela.reports.scoring import scores


def ask(cast: Cast, body: bytes, **headers: str) -> Any:
    sent = headers or cast.key(cast.pixelpost, "reports:submit")
    return Client().post("/api/v1/reports/check", body, content_type="application/json", headers=sent)


def checked(cast: Cast, sent: Wire) -> dict[str, Any]:
    answer = ask(cast, sent.to_bytes())
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)  # type: ignore[no-any-return]


def test_it_says_what_is_missing_where_it_would_go_and_stores_nothing(cast: Cast) -> None:
    Centre(cast)
    sent = report(geography=[{"country": "FR", "derived_from": "ip"}], locations=[], users=[])
    found = checked(cast, sent)
    assert {one["field"] for one in found["missing"]} >= {"locations", "users"}
    assert all(one["points"] > 0 for one in found["missing"])
    assert found["jurisdiction"]["country"] == "FR"
    assert not found["urgent"]
    with acting(cast.centre):
        assert not Report.objects.filter(report_id=sent.report_id).exists()


def test_a_repetition_and_a_widely_circulated_item_are_said(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setitem(scores.RULES["relevance"], "accounts_from", 2)
    centre, shared = Centre(cast), item()
    place = [{"ip": "192.0.2.7", "at": clock.now().isoformat()}]
    first = report(items=[shared], users=[account()], locations=place)
    centre.file(first)
    again = first.model_copy(update={"report_id": type(first.report_id)(int=first.report_id.int ^ 1)})
    assert "repeats" in [h["code"] for h in checked(cast, again)["hints"]]
    assert "repeats" not in [h["code"] for h in checked(cast, first)["hints"]]
    centre.file(report(items=[shared], users=[account()]))
    other = checked(cast, report(items=[shared], users=[account()]))["hints"]
    assert ("items.0", "widely_circulated") in [(h["field"], h["code"]) for h in other]


def test_a_report_that_could_not_be_filed_names_every_field(cast: Cast) -> None:
    Centre(cast)
    answer = ask(cast, b'{"schema_version": "1"}')
    assert answer.status_code == 422
    assert {"provider", "kinds"} <= {one["field"] for one in json.loads(answer.content)["errors"]}
    assert ask(cast, b"{}", **cast.key(cast.hotline_ie, "releases:read")).status_code in (403, 404)
