"""Items merge, people do not; what repeats a report follows it and brings its urgency to it."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from tests.support.cast import Cast
from tests.support.reporting import account, item, report
from tests.support.reports_world import Authority, Centre, law
from tutela import clock
from tutela.casework.models import Alert
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report
from tutela.exchange.report.score_reasons import ScoreCode
from tutela.exchange.report.sections import Danger, Urgency
from tutela.reports import jobs
from tutela.reports.dashboard import dashboard
from tutela.reports.errors import IsDuplicate
from tutela.reports.followups import expired_questions
from tutela.reports.models import Report as Row
from tutela.reports.scoring import link_keys
from tutela.reports.triage import assess, work_queue

URGENT = {"urgent": True, "reason": "token"}


def place() -> list[dict[str, Any]]:
    return [{"ip": "192.0.2.7", "at": clock.now().isoformat()}]


def pair(first: dict[str, Any], second: dict[str, Any], **shared: Any) -> tuple[Report, Report]:
    """Two reports of one item, place and moment that differ as said."""
    same = {"items": [item()], "locations": place(), "users": [account()], **shared}
    return report(**{**same, **first}), report(**{**same, **second})


def open_lines(centre: Centre, report_id: Any) -> list[Row]:
    wanted = work_queue.ReportFilter(text=centre.row(report_id).bundle.number)
    return work_queue.lines(centre.analyst, wanted)[0]


DEVICE = {"identifiers": ["device-1"]}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"users": [{**DEVICE, "emails": ["a@mail.example"]}]}, {"users": [{**DEVICE, "emails": ["b@mail.example"]}]}),
        ({"users": [{**DEVICE, "usernames": ["a"]}]}, {"users": [{**DEVICE, "usernames": ["b"]}]}),
        ({"service": {"kinds": ["hosting"], "name": "Albums"}}, {"service": {"kinds": ["hosting"], "name": "Forum"}}),
    ],
    ids=["one device, two addresses", "one device, two names", "one name on two services"],
)
def test_people_do_not_merge(cast: Cast, first: dict[str, Any], second: dict[str, Any]) -> None:
    centre = Centre(cast)
    sent = pair(first, second)
    for one in sent:
        centre.file(one)
    assert [centre.row(one.report_id).duplicate_of for one in sent] == [None, None]


def test_the_same_account_event_and_item_is_a_duplicate(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair({}, {})
    centre.file(first)
    centre.file(second)
    assert centre.row(second.report_id).duplicate_of == centre.row(first.report_id)


GUARDIAN = {"phones": ["+33612345678"], "relation": "guardian"}


def test_what_belongs_to_a_suspect_is_compared_and_is_nobody_s_record(cast: Cast) -> None:
    centre, user = Centre(cast), account()
    nameless = {"other": "token", "relation": "billing"}
    first, second = pair({}, {}, users=[user, GUARDIAN, nameless])
    other = Report.model_validate({**first.model_dump(), "report_id": uuid7(), "users": [user]})
    rows = [centre.row(centre.file(one)) for one in (first, second, other)]
    assert [row.duplicate_of for row in rows] == [None, rows[0], None]
    assert link_keys.accounts_in(rows[0].traits) == link_keys.accounts_in(rows[2].traits), "the suspect's names alone"


@pytest.mark.parametrize("digest", [{"pdq": [{"hash": "f0" * 32, "quality": 90, "hasher": "x/1"}]}, {"md5": "ab" * 16}])
def test_a_likeness_alone_makes_neither_a_duplicate_nor_one_item(cast: Cast, digest: dict[str, Any]) -> None:
    centre = Centre(cast)
    users, at = [account()], clock.now().isoformat()
    items = [{"item_id": str(uuid4()), "kind": "image", "sightings": [{"at": at}], **digest} for _ in range(2)]
    sent = [report(items=[one], users=users, locations=place()) for one in items]
    rows = [centre.row(centre.file(one)) for one in sent]
    assert rows[1].duplicate_of is None
    assert rows[0].bundle != rows[1].bundle


def test_an_item_in_several_bundles_makes_them_one(cast: Cast) -> None:
    centre, shared, made = Centre(cast), secrets.token_hex(32), []
    for _ in range(3):
        own = secrets.token_hex(32)
        made.append(centre.file(report(items=[item(own)])))
        made.append(centre.file(report(items=[item(own), item(shared)])))
    assert len({centre.row(one).bundle_id for one in made}) == 1
    assert [row.in_bundle for row in open_lines(centre, made[0])] == [6]


def test_twins_with_many_new_items_meet_in_one_bundle(cast: Cast) -> None:
    centre = Centre(cast)
    centre.entry  # noqa: B018 - founded before the threads begin
    cast.pixelpost  # noqa: B018
    digests = [secrets.token_hex(32) for _ in range(20)]
    sent = [report(items=[item(d) for d in order]) for order in (digests, digests[::-1])]

    def submit(one: Report) -> Any:
        try:
            return centre.file(one)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(submit, sent))
    assert len({centre.row(one).bundle_id for one in made}) == 1


def test_an_urgent_duplicate_makes_the_line_that_is_shown_urgent(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair({}, {"urgency": URGENT})
    centre.file(first)
    centre.file(second)
    (line,) = open_lines(centre, first.report_id)
    assert (line.report_id, line.urgent) == (first.report_id, True)
    assert any(
        code == ScoreCode.DUPLICATE and "token" not in str(values)
        for _points, code, values in centre.row(first.report_id).reasons["urgency"]
    )
    assert centre.clocks(first.report_id) == {"relevance": "running", "urgent_referral": "running"}
    assert centre.clocks(second.report_id) == {}


def test_what_becomes_urgent_is_looked_at_as_soon_as_what_came_urgent(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair({}, {"urgency": URGENT})
    centre.file(first)
    with clock.simulate(clock.now() + timedelta(hours=1)):
        centre.file(second)
        look_by = centre.row(first.report_id).look_by
        assert look_by is not None
        assert look_by <= clock.now() + timedelta(hours=2)


def test_what_becomes_urgent_late_is_not_looked_at_later_for_it(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair({}, {"urgency": URGENT})
    centre.file(first)
    before = centre.row(first.report_id).look_by
    with clock.simulate(clock.now() + timedelta(hours=71, minutes=30)):
        centre.file(second)
        assert centre.row(first.report_id).look_by == before


def test_an_urgent_duplicate_keeps_what_the_first_report_said(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair({"victims": [{"other": "token"}]}, {"urgency": URGENT})
    centre.file(first)
    centre.file(second)
    reasons = [code for _points, code, _values in centre.row(first.report_id).reasons["urgency"]]
    assert ScoreCode.KNOWN_CHILD in reasons
    assert ScoreCode.PROVIDER_URGENT in reasons
    assert ScoreCode.CALM not in reasons


def test_a_duplicate_is_decided_with_the_report_that_it_repeats(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair({}, {})
    centre.file(first)
    centre.file(second)
    with pytest.raises(IsDuplicate):
        assess.assess(centre.analyst, second.report_id, "forward", "", seen=0)
    assess.assess(centre.analyst, first.report_id, "unfounded", "no", seen=0, code="not_sexual")
    assert centre.row(second.report_id).state == "unfounded"
    assert centre.told(second.report_id) == ["received", "not_relevant"]
    page = cast.client(cast.centre, "analyst").get(f"/desk/reports/{second.report_id}/")
    assert page.status_code == 200
    assert f"/desk/reports/{first.report_id}/" in page.content.decode()


def test_a_late_duplicate_is_told_what_was_decided(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair({}, {})
    centre.file(first)
    assess.assess(centre.analyst, first.report_id, "unfounded", "no", seen=0, code="not_sexual")
    centre.file(second)
    assert centre.row(second.report_id).state == "unfounded"
    assert centre.told(second.report_id) == ["received", "not_relevant"]


@pytest.mark.parametrize("before", ["unfounded", "referred"])
def test_an_urgent_report_stands_by_itself_where_the_first_left_the_desk(cast: Cast, before: str) -> None:
    centre = Centre(cast)
    authority = Authority(centre, {"unfounded": "SI", "referred": "SK"}[before])
    changes = {"geography": [{"country": authority.country, "derived_from": "ip"}]}
    first, second = pair({}, {"urgency": URGENT}, **changes)
    centre.file(first)
    if before == "unfounded":
        assess.assess(centre.analyst, first.report_id, "unfounded", "no", seen=0, code="not_sexual")
    else:
        authority.referred(first.report_id)
    centre.file(second)
    (line,) = open_lines(centre, first.report_id)
    assert (line.report_id, line.urgent) == (second.report_id, True)
    assert centre.clocks(second.report_id) == {"relevance": "running", "urgent_referral": "running"}


@pytest.mark.parametrize("closed", ["unfounded", "erroneous"])
@pytest.mark.parametrize(
    "more",
    [
        {"victims": [{"other": "token"}]},
        {"urgency": URGENT},
        {"geography": [{"country": "FR"}]},
        {"other": {"text": "x"}},
    ],
    ids=["a child", "a danger", "a place", "words"],
)
def test_what_says_more_than_a_closed_report_is_looked_at(cast: Cast, closed: str, more: dict[str, Any]) -> None:
    centre = Centre(cast)
    first, second = pair({"urgency": URGENT}, {"urgency": URGENT} | more)
    if "urgency" in more:
        danger = Urgency(urgent=True, reason="another", dangers=(Danger.SELF_HARM,))
        second = second.model_copy(update={"urgency": danger})
    centre.file(first)
    assess.assess(centre.analyst, first.report_id, "unfounded", "no", seen=0, code="empty")
    if closed == "erroneous":
        assess.declare_erroneous(centre.lead, first.report_id, "token", revoke=False)
    same = first.model_copy(update={"report_id": uuid7()})
    details = first.awareness.model_copy(update={"details": "another list"})
    reworded = same.model_copy(update={"report_id": uuid7(), "awareness": details})
    for one in (same, reworded):
        row = centre.row(centre.file(one))
        assert (row.state, row.brings) == (closed, False)
        assert row.duplicate_of == centre.row(first.report_id)
    row = centre.row(centre.file(second))
    assert (row.state, row.duplicate_of) == ("open", None)
    assert centre.told(row.report_id) == ["received"]
    with acting(centre.machine):
        assert Alert.objects.filter(subject_id=row.report_id).count() == 1
    # What has said so much already is the report that the next one repeats.
    last = second.model_copy(update={"report_id": uuid7()})
    assert centre.row(centre.file(last)).duplicate_of == row


def test_what_was_said_of_one_closed_report_is_no_news_beside_another(cast: Cast) -> None:
    centre = Centre(cast)
    child, place = {"victims": [{"other": "token"}]}, {"geography": [{"country": "FR"}]}
    first, second = pair(child, place)
    for one in (first, second):
        centre.file(one)
        assess.assess(centre.analyst, one.report_id, "unfounded", "no", seen=0, code="empty")
    both = Report.model_validate({**first.model_dump(mode="json"), "report_id": str(uuid7()), **place})
    row = centre.row(centre.file(both))
    assert row.state == "unfounded"
    assert row.duplicate_of == centre.row(second.report_id)


def test_a_providers_new_report_answers_the_question(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair({}, {"users": [account("known-now")]})
    centre.file(first)
    assess.assess(centre.analyst, first.report_id, "ask", "Which account?", seen=0)
    assert centre.row(first.report_id).state == "asked"
    assert centre.clocks(first.report_id) == {"relevance": "paused", "provider_answer": "running"}
    centre.file(second)
    assert centre.row(first.report_id).state == "open"
    assert centre.clocks(first.report_id) == {"relevance": "running", "provider_answer": "stopped"}
    assess.assess(centre.analyst, first.report_id, "forward", "", seen=1)
    assert centre.row(first.report_id).state == "forward"


def test_a_question_that_nobody_answers_ends_by_nothing_while_its_time_is_a_proposal(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    assess.assess(centre.analyst, made, "ask", "Which account?", seen=0)
    before = _would_have_ended(centre)
    with clock.simulate(clock.now() + timedelta(days=15)):
        jobs.minutely(0)
        assert centre.row(made).state == "asked"
        assert centre.clocks(made) == {"relevance": "paused", "provider_answer": "expired"}
        assert (_would_have_ended(centre) or 0) > (before or 0)
        todos = {str(one[0]): one[1] for one in (dashboard.overview(centre.analyst) or {})["todos"]}
        assert todos["Questions that would be past their deadline (simulation)"]
        page = cast.client(cast.centre, "analyst").get(f"/desk/reports/{made}/").content.decode()
        assert "would be past its deadline" in page
        assess.assess(centre.analyst, made, "forward", "", seen=1)
        assert centre.row(made).state == "forward", "a question hinders no decision"


def test_a_question_that_nobody_answers_ends_by_itself_once_its_time_is_law(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    assess.assess(centre.analyst, made, "ask", "Which account?", seen=0)
    with law(cast, "CSAR"):
        with clock.simulate(clock.now() + timedelta(days=13)):
            jobs.minutely(0)
            assert centre.row(made).state == "asked"
        with clock.simulate(clock.now() + timedelta(days=15)):
            assert _would_have_ended(centre) is None
            jobs.minutely(0)
            assert centre.row(made).state == "open"
            assert centre.clocks(made)["relevance"] == "running"


def _would_have_ended(centre: Centre) -> int | None:
    with acting(centre.machine):
        return expired_questions.would_have_ended()


def test_another_case_of_the_same_item_is_no_answer(cast: Cast) -> None:
    centre, shared = Centre(cast), secrets.token_hex(32)
    asked = centre.file(report(items=[item(shared)]))
    assess.assess(centre.analyst, asked, "ask", "Which account?", seen=0)
    centre.file(report(items=[item(shared)]))
    assert centre.row(asked).state == "asked"
