"""A provider retracts what it filed: kept, shown, answered by a person; it closes nothing by itself."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.utils import DatabaseError
from django.test import Client

from tests.support.cast import Cast
from tests.support.reporting import account, item, report
from tests.support.reports_world import Authority, Centre, entry_of, state_of_entry
from tutela import clock
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.investigations.referral_work import answers as referral_work_answers
from tutela.organisations.keys import subject_keys
from tutela.reports.alerts import duty_screen
from tutela.reports.dashboard import dashboard
from tutela.reports.errors import RetractedMeanwhile, RetractionAnswered
from tutela.reports.models import Report, Retraction
from tutela.reports.referrals import refer
from tutela.reports.report_detail import report_detail
from tutela.reports.state import hold_queue, retractions
from tutela.reports.triage import assess, known_material, work_queue

URGENT = {"urgency": {"urgent": True, "reason": "imminent", "dangers": ["imminent"]}}
WORDS = "It was the wrong account."


def _tell(cast: Cast, made: UUID, key: str = "", provider: Any = None, **fields: Any) -> Any:
    """As a provider's machine says it."""
    headers = cast.key(provider or cast.pixelpost, "reports:submit")
    body = {"report_id": str(made), "reason": WORDS, **fields}
    return Client().post(
        "/api/v1/retractions",
        json.dumps(body),
        "application/json",
        headers={**headers, "Idempotency-Key": key or str(uuid4())},
    )


def _waits(centre: Centre, report_id: UUID) -> bool:
    with acting(centre.machine):
        return retractions.pending_retractions().filter(report__report_id=report_id).exists()


def _kinds(centre: Centre, report_id: UUID) -> list[str]:
    with acting(centre.machine):
        return [one.kind for one in timeline("report", report_id)]


def test_a_retraction_is_kept_once_and_closes_nothing(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report(**URGENT))
    before = centre.row(made)
    clocks = centre.clocks(made)
    answers = [_tell(cast, made, "same"), _tell(cast, made, "same"), _tell(cast, made), _tell(cast, made, reason="No")]
    assert [one.status_code for one in answers] == [201, 201, 201, 409]
    row = centre.row(made)
    assert (row.state, row.urgent, row.urgency, row.look_by) == ("open", True, before.urgency, before.look_by)
    assert centre.clocks(made) == clocks
    with acting(centre.machine):
        assert duty_screen.unanswered_count() >= 1
    full = report_detail.open_report(centre.analyst, made)
    assert full.retraction is not None
    assert (full.retraction.said.reason, full.retraction.waits) == (WORDS, True)
    assert _kinds(centre, made).count("report.retracted") == 1
    status = Client().get(f"/api/v1/reports/{made}", headers=cast.key(cast.pixelpost, "reports:submit")).json()
    assert (bool(status["retracted_at"]), status["retraction"]) == (True, "waits")


def test_a_decision_answers_it_and_the_likely_reason_is_chosen(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    _tell(cast, made)
    client = cast.client(cast.centre, "analyst")
    page = client.get(f"/desk/reports/{made}/").content.decode()
    assert WORDS in page
    assert '<option value="filed_by_mistake" selected>' in page
    assert str(made) in client.get("/desk/reports/?state=retracted").content.decode()
    todos = {str(label): address for label, _count, address, _urgent in dashboard.overview(centre.analyst)["todos"]}  # type: ignore[index]
    assert todos["Reports retracted by their provider"] == "/desk/reports/?state=retracted"
    with pytest.raises(RetractedMeanwhile):  # a page that was opened before it came
        assess.assess(centre.analyst, made, "forward", "", seen=0)
    assess.assess(centre.analyst, made, "ask", "Which account was it?", seen=1)
    assert _waits(centre, made), "a question decides nothing"
    assess.assess(centre.analyst, made, "unfounded", "", seen=2, code="filed_by_mistake")
    assert not _waits(centre, made)
    assert centre.told(made) == ["received", "question", "not_relevant"]
    assert str(made) not in client.get("/desk/reports/?state=retracted").content.decode()
    assert '<option value="filed_by_mistake" selected>' not in client.get(f"/desk/reports/{made}/").content.decode()


def test_what_was_decided_before_waits_again(cast: Cast) -> None:
    centre = Centre(cast)
    authority, digest = Authority(centre, "AT"), secrets.token_hex(32)
    entry = entry_of(cast, digest)
    made = centre.file(authority.report(items=[item(digest, entry)]))
    authority.referred(made)
    _tell(cast, made)
    assert _waits(centre, made)
    assert centre.row(made).state == "referred"
    with pytest.raises(Invalid):
        assess.declare_erroneous(centre.lead, made, "Both", revoke=True, spare=True)
    assess.declare_erroneous(centre.lead, made, "Its provider retracted it", revoke=False, spare=True)
    assert not _waits(centre, made)
    assert state_of_entry(cast, entry) == "active", "the picture is what it is listed as"
    assert report_detail.open_report(centre.lead, made).assessments[-1].reason_code == "filed_by_mistake"
    assert len(centre.messages(authority.machine, "withdrawal")) == 1


def test_it_may_stand_all_the_same(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "GR")
    made = centre.file(authority.report())
    _tell(cast, made)
    client = cast.client(cast.centre, "analyst")
    client.post(f"/desk/reports/{made}/retraction/", {"reason": "  "})
    assert _waits(centre, made)
    client.post(f"/desk/reports/{made}/retraction/", {"reason": "The account is theirs, by its address."})
    assert not _waits(centre, made)
    found = report_detail.open_report(centre.analyst, made).retraction
    assert found
    assert found.declined
    assert found.declined.reason == "The account is theirs, by its address."
    with pytest.raises(RetractionAnswered):
        retractions.decline(centre.analyst, made, "Twice")
    assert centre.told(made) == ["received", "stands"]
    (message,) = centre.messages(cast.pixelpost, "feedback")[-1:]
    assert message.subject_id == str(made)
    status = Client().get(f"/api/v1/reports/{made}", headers=cast.key(cast.pixelpost, "reports:submit")).json()
    assert (status["retraction"], status["told"][-1]["reason"]) == (
        "answered",
        "The account is theirs, by its address.",
    )
    assess.assess(centre.analyst, made, "forward", "", seen=1)
    refer.refer(centre.analyst, made)
    assert centre.row(made).state == "referred"
    assert "report.retraction_declined" in _kinds(centre, made)


def test_what_is_known_is_not_forwarded_unseen_once_it_was_retracted(cast: Cast) -> None:
    centre, digest = Centre(cast), secrets.token_hex(32)
    entry = entry_of(cast, digest)
    made, other = (centre.file(report(items=[item(digest, entry)], users=[account()])) for _ in range(2))
    _tell(cast, made)
    with acting(centre.machine):
        ready = set(known_material.ready().values_list("report_id", flat=True))
    assert (made in ready, other in ready) == (False, True)
    while known_material.forward(centre.analyst):
        pass
    assert (centre.row(made).state, centre.row(other).state) == ("open", "forward")


def test_a_repetition_that_was_retracted_waits_until_what_it_repeats_has_ended(cast: Cast) -> None:
    centre, sent = Centre(cast), report()
    made = centre.file(sent)
    again = [centre.file(sent.model_copy(update={"report_id": uuid7()})) for _ in range(3)]
    assert {centre.row(one).duplicate_of_id for one in again} == {centre.row(made).pk}
    _tell(cast, again[0])
    _tell(cast, again[1])
    full = report_detail.open_report(centre.analyst, made)
    assert (full.retraction, full.retracted_repeats) == (None, retractions.Repeats(2, 1))
    found = report_detail.open_report(centre.analyst, again[0]).retraction
    assert found
    assert (found.waits, found.follows) == (True, True)
    rows, _more = work_queue.lines(centre.analyst, work_queue.ReportFilter(state="retracted"))
    assert {again[0], again[1]} <= {row.report_id for row in rows if row.retracted}
    retractions.decline(centre.analyst, again[1], "It is another upload")
    assert (_waits(centre, again[0]), _waits(centre, again[1])) == (True, False)
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    assert _waits(centre, again[0]), "whoever decided had another report before them"
    assess.assess(centre.analyst, made, "unfounded", "", seen=1, code="filed_by_mistake")
    assert not _waits(centre, again[0])


def test_what_it_stands_for_is_told_after_a_hold(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "BE")
    made = centre.file(authority.report())
    sent = authority.referred(made)
    until = clock.now() + timedelta(days=3)
    referral_work_answers.acknowledge(authority.investigator, sent, "AZ 1")
    referral_work_answers.ask_hold(authority.investigator, sent, reason="An operation", until=until)
    authority.answer()
    _tell(cast, made)
    retractions.decline(centre.analyst, made, "The account is theirs.")
    assert "stands" not in centre.told(made)
    with clock.simulate(until + timedelta(minutes=1)):
        hold_queue.release_ended(centre.machine)
    assert centre.told(made)[-1] == "stands"


def test_nobody_retracts_for_another_and_nobody_else_answers(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    other = cast.organisation("Another provider", "provider", "IE")
    assert _tell(cast, made, provider=other).status_code == 404
    assert _tell(cast, uuid7()).status_code == 404
    assert Client().post("/api/v1/retractions", "{}", "application/json").status_code == 401
    assert _kinds(centre, made).count("report.retracted") == 0
    with pytest.raises(NotFound):
        retractions.decline(centre.analyst, made, "Nothing was retracted")
    _tell(cast, made)
    with pytest.raises(Forbidden):
        retractions.decline(cast.actor(cast.centre, "auditor"), made, "Not mine to say")
    with pytest.raises(Invalid):
        retractions.decline(centre.analyst, made, " ")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 601}, "reason"),
        ({"reason": "a\0b"}, "reason"),
        ({"at": "2026-11-28T10:00:00Z"}, "at"),
        ({"report_id": "R-1234"}, "report_id"),
        ({"closes": True}, "closes"),
        ({"schema_version": "2"}, "schema_version"),
    ],
)
def test_a_bad_retraction_names_its_field_and_leaves_nothing(cast: Cast, changes: dict[str, Any], field: str) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    answer = _tell(cast, made, **changes)
    assert answer.status_code == 422
    assert field in {one["field"] for one in answer.json()["errors"]}
    assert not _waits(centre, made)


def test_its_words_go_with_the_report_and_nothing_is_retracted_of_what_is_erased(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    _tell(cast, made)
    with acting(centre.machine):
        assert WORDS not in Retraction.objects.get(report__report_id=made).reason
        subject_keys.erase("report", made)
        Report.objects.filter(report_id=made).update(erased_at=clock.now(), sealed_body=b"", identity=b"")
    found = report_detail.open_report(centre.analyst, made).retraction
    assert found
    assert (found.said.reason, found.waits) == ("", False)
    late = centre.file(report())
    with acting(centre.machine):
        Report.objects.filter(report_id=late).update(erased_at=clock.now(), sealed_body=b"", identity=b"")
    answer = _tell(cast, late)
    assert (answer.status_code, "nothing is left to retract" in answer.json()["detail"]) == (409, True)


def test_direct_sql_changes_no_retraction(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    _tell(cast, made)
    with pytest.raises(DatabaseError), acting(centre.machine), connection.cursor() as cursor:
        cursor.execute("DELETE FROM reports_retraction")
