"""What an authority answers, as people type it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from uuid import uuid4

from django.test import Client

from tests.cast import Cast
from tests.integration.reports.world import Authority, Centre
from tutela import clock
from tutela.events.acting import acting
from tutela.investigations import answering, desk
from tutela.investigations.models import HoldRequest
from tutela.reports import desk as centre_desk
from tutela.reports.models import Acknowledgement


def test_an_outcome_of_two_lines_reaches_the_centre(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LT")
    made = centre.file(authority.report())
    referral = authority.referred(made)
    client, address = cast.client(authority.machine, "investigator"), f"/desk/inbox/{referral}/"
    assert client.post(f"{address}acknowledge/", {"file_reference": "A-1"}).status_code == 302
    fields = {"kind": "no_action", "reason": "First line.\r\nSecond line.", "release": "provider"}
    assert client.post(f"{address}outcome/", fields).status_code == 302
    authority.answer()
    (sent,) = centre_desk.open_report(centre.analyst, made).referrals
    assert [one.reason for one in sent.outcomes.all()] == ["First line.\nSecond line."]


def test_a_file_reference_that_is_too_long_is_named(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LV")
    referral = authority.referred(centre.file(authority.report()))
    client = cast.client(authority.machine, "investigator")
    answer = client.post(f"/desk/inbox/{referral}/acknowledge/", {"file_reference": "x" * 301}, follow=True)
    assert answer.status_code == 200
    assert "300" in answer.content.decode()
    assert desk.open_referral(authority.investigator, referral).acknowledgement is None


def test_the_same_form_sent_twice_is_one_outcome(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "IT")
    referral = authority.referred(centre.file(authority.report()))
    client, address = cast.client(authority.machine, "investigator"), f"/desk/inbox/{referral}/"
    client.post(f"{address}acknowledge/", {"file_reference": "A-1"})
    found = re.search(r'name="token" value="([0-9a-f-]{36})"', client.get(address).content.decode())
    assert found
    fields = {"kind": "taken_up", "reason": "", "release": "provider", "token": found[1]}
    for _ in range(2):
        assert client.post(f"{address}outcome/", fields).status_code == 302
    again = client.post(f"{address}outcome/", {**fields, "kind": "no_action", "reason": "x"}, follow=True)
    assert "said something else" in again.content.decode()
    client.post(f"{address}outcome/", {**fields, "token": str(uuid4())})
    assert len(desk.open_referral(authority.investigator, referral).outcomes) == 2


def test_an_investigator_asks_for_a_hold_once_and_ends_it(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "ES")
    referral = authority.referred(centre.file(authority.report()))
    client, address = cast.client(authority.machine, "investigator"), f"/desk/inbox/{referral}/"
    client.post(f"{address}acknowledge/", {})
    until = (clock.now() + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M")
    for _ in range(2):
        client.post(f"{address}hold/", {"reason": "x", "until": until, "token": str(referral)})
    with acting(authority.machine):
        assert HoldRequest.objects.filter(referral__referral_id=referral).count() == 1
    assert "hold/end/" in client.get(address).content.decode()
    client.post(f"{address}hold/end/")
    assert desk.open_referral(authority.investigator, referral).hold is None
    assert "hold/end/" not in client.get(address).content.decode()


def test_the_time_of_the_acknowledgement_is_not_that_of_the_arrival(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "CZ")
    referral = authority.referred(centre.file(authority.report()))
    with clock.simulate(clock.now() + timedelta(hours=5)):
        answering.acknowledge(authority.investigator, referral)
        authority.answer()
    with acting(centre.machine):
        row = Acknowledgement.objects.get(referral__referral_id=referral)
    assert row.acknowledged_at
    assert timedelta(hours=4) < row.acknowledged_at - row.received_at < timedelta(hours=6)


def test_an_acknowledgement_of_other_bytes_is_refused(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "NL")
    referral = authority.referred(centre.file(authority.report()))
    body = {"referral_id": str(referral), "received_at": "2026-11-25T00:00:00Z", "referral_sha256": "0" * 64,
            "authority": "K"}  # fmt: skip
    headers = {**cast.key(authority.machine, "outcomes:submit"), "Idempotency-Key": "k"}
    answer = Client().post("/api/v1/acknowledgements", json.dumps(body), "application/json", headers=headers)
    assert answer.status_code == 422
    assert "referral_sha256" in answer.content.decode()
