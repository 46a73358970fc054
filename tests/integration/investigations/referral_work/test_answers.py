"""What an authority answers, as people type it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.support.cast import Cast
from tests.support.post import SigningClient as Client
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.investigations.models import Acknowledgement as Ours
from tutela.investigations.models import HoldRequest
from tutela.investigations.referral_work import answers, work_queue
from tutela.law.clock_kinds import add_months
from tutela.law.models import Hold
from tutela.reports.models import Acknowledgement
from tutela.reports.report_detail import report_detail as centre_desk


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
    assert "A-1" in client.get(address).content.decode()
    assert sent.acknowledgement.file_reference == "A-1"
    for actor, model in ((authority.machine, Ours), (centre.analyst, Acknowledgement)):
        with acting(actor):
            kept = model.objects.get(referral__referral_id=referral).file_reference
        assert kept.startswith("sealed:"), "nobody reads it in the database"


def test_a_file_reference_that_is_too_long_is_named(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LV")
    referral = authority.referred(centre.file(authority.report()))
    client = cast.client(authority.machine, "investigator")
    answer = client.post(f"/desk/inbox/{referral}/acknowledge/", {"file_reference": "x" * 301}, follow=True)
    assert answer.status_code == 200
    assert "300" in answer.content.decode()
    assert work_queue.open_referral(authority.investigator, referral).acknowledgement is None


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
    assert "already sent with other content" in again.content.decode()
    client.post(f"{address}outcome/", {**fields, "token": str(uuid4())})
    assert len(work_queue.open_referral(authority.investigator, referral).outcomes) == 2


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
    assert work_queue.open_referral(authority.investigator, referral).holding.standing is None
    assert "hold/end/" not in client.get(address).content.decode()


def test_a_hold_form_that_comes_again_with_another_date_is_told_so(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "NO")
    referral = authority.referred(centre.file(authority.report()))
    client, address = cast.client(authority.machine, "investigator"), f"/desk/inbox/{referral}/"
    client.post(f"{address}acknowledge/", {})
    said = [
        client.post(f"{address}hold/", {"reason": "x", "until": until, "token": str(referral)}, follow=True)
        for until in (f"{clock.now() + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (20, 20, 30))
    ]
    assert ["already sent with other content" in one.content.decode() for one in said] == [False, False, True]


def test_the_card_of_a_hold_says_which_request_was_refused_and_what_stands(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "DK")
    referral = authority.referred(centre.file(authority.report()))
    investigator, began = authority.investigator, clock.now()
    client, address = cast.client(authority.machine, "investigator"), f"/desk/inbox/{referral}/"
    answers.acknowledge(investigator, referral)
    asked = [began + timedelta(days=days) for days in (30, 400, 60)]
    answers.ask_hold(investigator, referral, reason="x", until=asked[0])
    assert "has not answered yet" in client.get(address).content.decode()
    authority.answer()
    # The Centre reckons from a request that this desk does not know of.
    with acting(centre.machine):
        row = Hold.objects.get(asked_by=authority.machine.organisation_id, lifted_at=None)
        Hold.objects.filter(pk=row.pk).update(created_at=began - timedelta(days=200))
    answers.ask_hold(investigator, referral, reason="x", until=asked[1])
    authority.answer()
    found = work_queue.open_referral(investigator, referral).holding
    assert found.standing is not None
    assert found.refused is not None
    assert (found.standing.until, found.refused.until, found.waits) == (asked[0], asked[1], False)
    page = client.get(address).content.decode()
    assert "At most 18 months" in page
    assert "Your earlier hold is still active" in page
    answers.ask_hold(investigator, referral, reason="x", until=asked[2])
    authority.answer()
    found = work_queue.open_referral(investigator, referral).holding
    assert found.standing is not None
    assert (found.standing.until, found.refused) == (asked[2], None)
    assert "The Centre refused" not in client.get(address).content.decode()
    answers.end_hold(investigator, referral)
    assert work_queue.open_referral(investigator, referral).holding.standing is None


def test_a_longer_hold_than_eighteen_months_in_all_is_refused_before_it_leaves(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "FI")
    referral = authority.referred(centre.file(authority.report()))
    investigator, began = authority.investigator, clock.now()
    answers.acknowledge(investigator, referral)
    answers.ask_hold(investigator, referral, reason="x", until=began + timedelta(days=30))
    with clock.simulate(began + timedelta(days=20)):
        with pytest.raises(Invalid) as refused:
            answers.ask_hold(investigator, referral, reason="x", until=add_months(began, 18) + timedelta(days=1))
        assert refused.value.field == "until"
        answers.ask_hold(investigator, referral, reason="x", until=add_months(began, 18) - timedelta(days=1))
        with pytest.raises(Invalid):
            answers.ask_hold(investigator, referral, reason="x", until=clock.now())


def test_the_time_of_the_acknowledgement_is_not_that_of_the_arrival(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "CZ")
    referral = authority.referred(centre.file(authority.report()))
    with clock.simulate(clock.now() + timedelta(hours=5)):
        answers.acknowledge(authority.investigator, referral)
        authority.answer()
    with acting(centre.machine):
        row = Acknowledgement.objects.get(referral__referral_id=referral)
    assert row.acknowledged_at
    assert timedelta(hours=4) < row.acknowledged_at - row.received_at < timedelta(hours=6)


def test_an_acknowledgement_of_other_bytes_is_refused(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "NL")
    referral = authority.referred(centre.file(authority.report()))
    body = {
        "referral_id": str(referral),
        "received_at": "2026-11-25T00:00:00Z",
        "referral_sha256": "0" * 64,
        "authority": "K",
    }
    headers = {**cast.key(authority.machine, "outcomes:submit"), "Idempotency-Key": "k"}
    answer = Client().post("/api/v1/acknowledgements", json.dumps(body), "application/json", headers=headers)
    assert answer.status_code == 422
    assert "referral_sha256" in answer.content.decode()
