"""Holds: the provider knows until when, learns nothing more, and everything that waited when the hold is over."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Cast
from tests.support.post import SigningClient as Client
from tests.support.reports_world import Authority, Centre, in_clear
from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.report.feedback import Feedback
from tutela.investigations.referral_work import answers
from tutela.law import holds
from tutela.law.clock_kinds import add_months
from tutela.organisations.keys.envelope_encryption import unwrap
from tutela.organisations.models import OutboxMessage
from tutela.organisations.people import directory
from tutela.reports import jobs
from tutela.reports.models import Report as Row
from tutela.reports.referrals import country_override, refer
from tutela.reports.report_detail import report_detail
from tutela.reports.state import hold_queue, provider_feedback, withdrawals
from tutela.reports.triage import assess


def _held(cast: Cast, country: str) -> tuple[Centre, Authority, Any, Any]:
    """A referred report, with a hold of thirty days that has reached the Centre."""
    centre = Centre(cast)
    authority = Authority(centre, country)
    made = centre.file(authority.report())
    referral = authority.referred(made)
    answers.acknowledge(authority.investigator, referral)
    answers.ask_hold(authority.investigator, referral, reason="x", until=clock.now() + timedelta(days=30))
    authority.answer()
    return centre, authority, made, referral


def _feedback(centre: Centre, report_id: Any) -> list[Feedback]:
    with acting(centre.machine):
        rows = OutboxMessage.objects.filter(subject_id=str(report_id), kind="feedback").order_by("created_at", "id")
        return [Feedback.from_bytes(unwrap(bytes(r.sealed_body), f"outbox:{r.key}")) for r in rows if r.sealed_body]


def test_the_provider_learns_until_when_a_hold_lasts(cast: Cast) -> None:
    centre, _, made, _ = _held(cast, "ZA")
    hold = _feedback(centre, made)[-1]
    assert hold.kind == "hold"
    assert hold.until
    assert timedelta(days=29) < hold.until - clock.now() <= timedelta(days=30)


def test_an_outcome_that_comes_during_a_hold_is_told_after_it(cast: Cast) -> None:
    centre, authority, made, referral = _held(cast, "BR")
    answers.report_outcome(authority.investigator, referral, kind="closed", reason="", release="provider")
    authority.answer()
    jobs.minutely(0)
    assert centre.told(made) == ["received", "relevant", "hold"]
    with clock.simulate(clock.now() + timedelta(days=31)):
        jobs.minutely(0)
        jobs.minutely(0)
    assert centre.told(made) == ["received", "relevant", "hold", "closed"]


def test_what_waits_is_asked_about_by_one_question_however_much_it_is(cast: Cast) -> None:
    centre, _authority, made, _referral = _held(cast, "LU")

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            hold_queue.release_ended(centre.machine)
        return len(found)

    def keep() -> None:
        with acting(centre.machine):
            for _ in range(10):
                provider_feedback.tell(centre.machine, centre.row(made), "closed", cause=uuid7())

    keep()
    hold_queue.release_ended(centre.machine)
    before = asked()
    keep()
    assert asked() == before
    with acting(centre.machine):
        assert hold_queue.pending_feedback().filter(report__report_id=made).count() == 20
    assert "closed" not in centre.told(made)


def test_an_authority_lifts_its_hold(cast: Cast) -> None:
    centre, authority, made, referral = _held(cast, "CA")
    answers.report_outcome(authority.investigator, referral, kind="closed", reason="", release="provider")
    answers.end_hold(authority.investigator, referral)
    authority.answer()
    with acting(centre.machine):
        assert holds.held("report", made) is None
    assert centre.told(made) == ["received", "relevant", "hold", "hold", "closed"]


def test_another_authority_lifts_nothing(cast: Cast) -> None:
    centre, _, made, referral = _held(cast, "GR")
    headers = cast.key(cast.authority, "outcomes:submit")
    answer = Client().post(
        "/api/v1/hold-ends",
        json.dumps({"referral_id": str(referral)}),
        "application/json",
        headers={**headers, "Idempotency-Key": "k"},
    )
    assert answer.status_code == 404
    with acting(centre.machine):
        assert holds.held("report", made)


def test_a_hold_that_ended_before_it_began_is_refused(cast: Cast) -> None:
    _, authority, _, referral = _held(cast, "MT")
    headers = cast.key(authority.machine, "outcomes:submit")
    for number, until in enumerate(("2020-01-01T00:00:00Z", "2090-01-01T00:00:00", "2090-01-01T00:00:00Z")):
        body = {"referral_id": str(referral), "reason": "r", "until": until}
        answer = Client().post(
            "/api/v1/holds", json.dumps(body), "application/json", headers={**headers, "Idempotency-Key": f"k{number}"}
        )
        assert answer.status_code == 422, until
        assert "until" in answer.content.decode()


def test_asking_again_makes_no_hold_longer_than_eighteen_months_in_all(cast: Cast) -> None:
    centre, authority, made, referral = _held(cast, "CY")
    began = clock.now()
    headers = cast.key(authority.machine, "outcomes:submit")

    def ask(key: str, until: datetime) -> int:
        body = {"referral_id": str(referral), "reason": "r", "until": until.isoformat()}
        keyed = {**headers, "Idempotency-Key": key}
        return Client().post("/api/v1/holds", json.dumps(body), "application/json", headers=keyed).status_code

    with clock.simulate(began + timedelta(days=29)):
        assert ask("again", add_months(began, 18) - timedelta(days=1)) == 201
        assert ask("longer", add_months(began, 18) + timedelta(days=1)) == 422
    with clock.simulate(add_months(began, 18) - timedelta(days=2)):
        assert ask("at the end", add_months(began, 30)) == 422
        with acting(centre.machine):
            held = holds.held("report", made)
    assert held is not None
    assert held.until == add_months(began, 18) - timedelta(days=1)


def test_a_question_during_a_hold_waits(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(Authority(centre, "LU").report())
    until = clock.now() + timedelta(days=3)
    holds.place(centre.machine, "report", made, asked_by=centre.machine.organisation_id, reason="x", until=until)
    assess.assess(centre.analyst, made, "ask", "Which account?", seen=0)
    assert centre.told(made) == ["received"]
    with clock.simulate(until + timedelta(seconds=1)):
        jobs.minutely(0)
    assert [(f.kind, f.reason) for f in _feedback(centre, made)] == [("received", "Which account?")]


def test_a_withdrawal_names_no_report_under_a_hold_until_it_is_over(cast: Cast) -> None:
    from uuid import uuid4

    centre, _, made, _ = _held(cast, "RO")
    entry = uuid4()
    with acting(centre.machine):
        Row.objects.filter(report_id=made).update(entries=[entry])
        withdrawals.indicator_revoked(centre.machine, entry, "wrong")
    assert _named(centre, cast) == [[]]
    with clock.simulate(clock.now() + timedelta(days=31)):
        jobs.minutely(0)
    assert _named(centre, cast) == [[], [str(made)]]


def _named(centre: Centre, cast: Cast) -> list[list[str]]:
    with acting(centre.machine):
        rows = centre.messages(cast.pixelpost, "withdrawal")
        return [json.loads(unwrap(bytes(r.sealed_body), f"outbox:{r.key}")).get("report_ids", []) for r in rows]


def test_a_lead_ends_a_hold_whose_authority_is_gone_and_no_other(cast: Cast) -> None:
    centre, authority, made, asked = _held(cast, "BE")
    answers.ask_hold(authority.investigator, asked, reason="x", until=clock.now() + timedelta(days=300))
    authority.answer()
    client, address = cast.client(cast.centre, "lead"), f"/desk/reports/{made}/"
    summary = "The authority that asked for this hold is no longer verified"
    assert summary not in client.get(address).content.decode()
    client.post(f"{address}hold-end/", {"reason": "Dissolved"})
    assert centre.told(made)[-1] == "hold"
    with acting(cast.centre):
        assert holds.held("report", made)
    directory.set_status(
        cast.actor(cast.centre, "administrator"), authority.machine.organisation_id, "suspended", "gone"
    )
    assert summary not in client.get(address).content.decode(), "a suspension of some days ends nothing"
    with clock.simulate(clock.now() + timedelta(days=31)):
        assert summary in client.get(address).content.decode()
        assert cast.client(cast.centre, "analyst").post(f"{address}hold-end/", {"reason": "x"}).status_code == 404
        client.post(f"{address}hold-end/", {"reason": " "})
        with acting(cast.centre):
            assert holds.held("report", made)
        client.post(f"{address}hold-end/", {"reason": "Dissolved"})
        client.post(f"{address}hold-end/", {"decision": "agree"})
        with acting(cast.centre):
            assert holds.held("report", made), "one person alone ends none"
        second = cast.client(cast.centre, "lead")
        listed = "/desk/reports/?state=hold_ends"
        assert f'href="{listed}"' in second.get("/desk/").content.decode(), "it is among what there is to do"
        assert f'href="{address}"' in second.get(listed).content.decode()
        assert "Dissolved" in second.get(address).content.decode()
        assert in_clear(cast.centre, "Dissolved") == []
        second.post(f"{address}hold-end/", {"decision": "agree"})
        with acting(cast.centre):
            assert holds.held("report", made) is None
    with acting(cast.centre):
        assert "hold.orphaned" in [e.kind for e in timeline("report", made)]


def test_a_new_request_takes_the_place_of_the_one_before(cast: Cast) -> None:
    _centre, authority, made, asked = _held(cast, "IS")
    until = clock.now() + timedelta(days=10)
    answers.ask_hold(authority.investigator, asked, reason="shorter", until=until)
    authority.answer()
    with acting(cast.centre):
        hold = holds.held("report", made)
        assert hold
        assert hold.until == until


def test_an_authority_ends_its_own_hold_under_a_longer_one_of_another(cast: Cast) -> None:
    centre, authority, made, asked = _held(cast, "CH")
    other, until = cast.authority.organisation_id, clock.now() + timedelta(days=400)
    longer = holds.place(centre.machine, "report", made, asked_by=other, reason="y", until=until)
    answers.end_hold(authority.investigator, asked)
    authority.answer()
    holds.lift(centre.machine, longer)
    with acting(cast.centre):
        assert holds.held("report", made) is None


def test_nothing_is_held_for_a_referral_that_was_undone(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "UA")
    made = centre.file(authority.report())
    asked = authority.referred(made)
    answers.acknowledge(authority.investigator, asked)
    assess.declare_erroneous(centre.lead, made, "wrong", revoke=False)
    answers.ask_hold(authority.investigator, asked, reason="x", until=clock.now() + timedelta(days=30))
    authority.answer()
    with acting(cast.centre):
        assert holds.held("report", made) is None


def test_each_referral_has_its_own_clock(cast: Cast) -> None:
    centre = Centre(cast)
    first, _second = Authority(centre, "GB"), Authority(centre, "US")
    made = centre.file(first.report())
    asked = first.referred(made)
    assess.declare_erroneous(centre.lead, made, "wrong", revoke=False)
    assess.assess(centre.lead, made, "forward", "", seen=2)
    country_override.choose_country(centre.lead, made, "US", "seen")
    refer.refer(centre.lead, made)
    answers.acknowledge(first.investigator, asked)
    first.answer()
    found = [
        s.state for spec, s in report_detail.open_report(centre.lead, made).clocks if spec.kind == "acknowledgement"
    ]
    assert found == ["stopped", "running"]


def test_the_content_stays_where_an_authority_asks_for_it_and_may_go_when_that_is_over(cast: Cast) -> None:
    centre, authority, made, referral = _held(cast, "LI")
    assert _feedback(centre, made)[-1].content_until is None
    until = clock.now() + timedelta(days=20)
    answers.ask_hold(authority.investigator, referral, reason="x", until=until, keep_content=True)
    authority.answer()
    told = _feedback(centre, made)[-1]
    assert told.content_until == told.until == until
    # Another authority's longer hold says nothing of the content.
    longer, other = clock.now() + timedelta(days=60), cast.hotline_de.organisation_id
    with acting(centre.machine):
        assert holds.content_kept("report", made) == until
        holds.place(centre.machine, "report", made, asked_by=other, reason="y", until=longer)
        assert holds.content_kept("report", made) == until
    assert report_detail.open_report(centre.lead, made).content_until == until
    answers.end_hold(authority.investigator, referral)
    authority.answer()
    told = _feedback(centre, made)[-1]
    assert (told.until, told.content_until) == (longer, None)
