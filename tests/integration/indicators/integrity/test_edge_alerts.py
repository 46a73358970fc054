"""Alerts of Edges: from a recipient's key to the Centre's desk."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.support.cast import Cast
from tutela import clock
from tutela.exchange.message.identifiers import uuid7
from tutela.exchange.register.edge_alert import EdgeAlert
from tutela.indicators.integrity import edge_alerts

PATH = "/api/v1/releases/eu-register/alerts"


def _alert(**change: Any) -> EdgeAlert:
    values = {"alert_id": uuid7(), "list_id": "eu-register", "code": "forked_log", "detail": "Two.", "at": clock.now()}
    return EdgeAlert.model_validate({**values, "evidence": ("ours", "theirs"), **change})


def _post(client: Client, alert: EdgeAlert, headers: dict[str, str] | None) -> int:
    return client.post(PATH, alert.to_bytes(), "application/json", headers=headers).status_code


def test_nobody_sounds_an_alert_without_a_key_for_releases(cast: Cast, client: Client) -> None:
    assert _post(client, _alert(), None) == 401
    assert _post(client, _alert(), cast.key(cast.pixelpost, "reports:submit")) == 403


def test_an_alert_stands_on_the_desk_once_until_somebody_has_answered_it(cast: Cast, client: Client) -> None:
    centre, alert = cast.centre, _alert()
    before = edge_alerts.open_count(centre)
    headers = cast.key(cast.pixelpost, "releases:read")
    assert [_post(client, alert, headers) for _ in range(2)] == [202, 202]
    assert edge_alerts.open_count(centre) == before + 1
    lead = cast.client(centre, "lead")
    page = lead.get("/desk/indicators/alerts/").content.decode()
    assert cast.pixelpost.organisation_name in page
    assert "theirs" in page
    row = next(r.alert for r in edge_alerts.list_edge_alerts(centre)[0] if r.alert.alert_id == alert.alert_id)
    address = f"/desk/indicators/alerts/{row.id}/"
    assert cast.client(centre, "analyst").post(address, {"note": "x"}).status_code == 404
    assert lead.post(address, {"note": " "}).status_code == 302
    assert edge_alerts.open_count(centre) == before + 1, "an answer says something"
    assert lead.post(address, {"note": "A mirror was broken"}).status_code == 302
    assert edge_alerts.open_count(centre) == before
    assert lead.post(address, {"note": "again"}).status_code == 404
    read = cast.client(cast.auditor, "auditor").get("/desk/indicators/alerts/")
    assert "A mirror was broken" in read.content.decode()


def test_an_alert_about_another_list_or_that_fits_no_schema_is_refused(cast: Cast, client: Client) -> None:
    headers = cast.key(cast.pixelpost, "releases:read")
    assert _post(client, _alert(list_id="another"), headers) == 422
    answer = client.post(PATH, b'{"code": "x"}', "application/json", headers=headers)
    assert answer.status_code == 422
    assert client.post(PATH, b"\xff", "application/json", headers=headers).status_code == 422


def test_a_recipient_that_fills_the_desk_is_stopped(cast: Cast, client: Client) -> None:
    headers = cast.key(cast.other_provider, "releases:read")
    alerts_before, most = edge_alerts.MOST_OPEN, 3
    edge_alerts.MOST_OPEN = most
    try:
        assert [_post(client, _alert(), headers) for _ in range(most + 1)] == [202] * most + [409]
    finally:
        edge_alerts.MOST_OPEN = alerts_before
    assert _post(client, _alert(), cast.key(cast.pixelpost, "releases:read")) == 202
