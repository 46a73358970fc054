"""Refer or mark several reports from the queue: listed, confirmed, decided one by one, and undone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from tests.integration.reports.triage.test_known_material import listed
from tests.support.cast import Cast
from tests.support.markup import flat
from tests.support.reporting import item, report
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.casework.assignment import claim
from tutela.casework.models import PendingAction
from tutela.casework.undo import delayed_actions
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.indicators.register import revoke
from tutela.reports.triage import assess

PAGE, MARK = "/desk/reports/refer-chosen/", "/desk/reports/mark-chosen/"


def _relevant(centre: Centre, authority: Authority) -> UUID:
    made = centre.file(authority.report())
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    return made


def test_the_chosen_reports_are_listed_before_anything_is_sent(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LT")
    made, undecided = _relevant(centre, authority), centre.file(report())
    claim.claim(centre.lead, "report", made)
    client = cast.client(cast.centre, "analyst")
    text = flat(client.post(PAGE, {"report": [made, undecided]}).content.decode())
    for part in (centre.row(made).number, authority.machine.organisation_name, centre.lead.name, "cannot be referred"):
        assert part in text
    assert f'name="report" value="{made}"' in text
    assert f'name="report" value="{undecided}"' not in text
    assert centre.row(made).state == "forward"


def test_each_report_is_referred_and_a_failure_stops_no_other(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "LV")
    one, two, undecided = _relevant(centre, authority), _relevant(centre, authority), centre.file(report())
    given = {"report": [one, undecided, two, one], "sure": "yes"}
    text = flat(cast.client(cast.centre, "analyst").post(PAGE, given).content.decode())
    assert "2 of 3 done" in text
    assert [centre.row(each).state for each in (one, two, undecided)] == ["referred", "referred", "open"]


def test_all_of_them_are_undone_with_one_click(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    centre = Centre(cast)
    authority = Authority(centre, "EE")
    chosen = [_relevant(centre, authority), _relevant(centre, authority)]
    client = cast.client(cast.centre, "analyst")
    text = flat(client.post(PAGE, {"report": chosen, "sure": "yes"}).content.decode())
    assert "Undo all within 10 seconds" in text
    text = flat(client.post(PAGE, {"report": chosen, "undo": "yes"}).content.decode())
    assert "2 of 2 done" in text
    with acting(centre.machine):
        assert not PendingAction.objects.filter(subject_id__in=chosen).exists()
    assert {centre.row(one).state for one in chosen} == {"forward"}


def test_nothing_chosen_too_much_and_nonsense_refer_nothing(cast: Cast) -> None:
    client = cast.client(cast.centre, "analyst")
    assert client.post(PAGE, {"sure": "yes"}).status_code == 302
    assert client.post(PAGE, {"report": [uuid4() for _ in range(51)]}).status_code == 302
    assert client.post(PAGE, {"report": "x"}).status_code == 404
    assert cast.client(cast.centre, "administrator").post(PAGE, {"report": uuid4()}).status_code == 404
    assert cast.client(cast.pixelpost, "lead").post(PAGE, {"report": uuid4()}).status_code == 404


def test_only_certified_copies_are_marked_and_the_others_are_named(cast: Cast) -> None:
    centre = Centre(cast)
    copy, _entry = listed(cast)
    known = centre.file(report(items=[copy]))
    left = {
        centre.file(report(items=[copy, item()])): "not every item",
        centre.file(report(items=[copy], urgency={"urgent": True, "reason": "token"})): "urgent",
    }
    decided = centre.file(report(items=[copy]))
    assess.assess(centre.lead, decided, "ask", "When?", seen=0)
    left[decided] = f"{centre.lead.name.lower()} has already decided this report"
    claim.claim(centre.lead, "report", known)
    client = cast.client(cast.centre, "analyst")
    text = flat(client.post(MARK, {"report": [known, *left]}).content.decode())
    assert "Mark 1 as relevant" in text
    assert f'name="report" value="{known}"' in text
    assert centre.lead.name in text
    for one, reason in left.items():
        assert centre.row(one).number in text
        assert f'name="report" value="{one}"' not in text
        assert reason in text.lower()
    assert centre.row(known).state == "open"
    # Somebody who sends the others all the same marks nothing of them.
    text = flat(client.post(MARK, {"report": [known, *left], "sure": "yes"}).content.decode())
    assert f"1 of {1 + len(left)} done" in text
    assert centre.row(known).state == "forward"
    assert {centre.row(one).state for one in left} == {"open", "asked"}
    with acting(centre.machine):
        assert [one.actor for one in timeline("report", known) if one.kind == "report.forward"]


def test_marked_reports_wait_are_undone_and_leave_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    centre = Centre(cast)
    copy, entry = listed(cast)
    chosen = [centre.file(report(items=[copy])) for _ in range(2)]
    client = cast.client(cast.centre, "analyst")
    text = flat(client.post(MARK, {"report": chosen, "sure": "yes"}).content.decode())
    assert "Undo all within 10 seconds" in text
    again = flat(client.post(MARK, {"report": chosen, "sure": "yes"}).content.decode())
    assert "0 of 2 done" in again, "a double click decides nothing twice"
    text = flat(client.post(MARK, {"report": chosen, "undo": "yes"}).content.decode())
    assert "2 of 2 done" in text
    assert "0 of 2 done" in flat(client.post(MARK, {"report": chosen, "undo": "yes"}).content.decode())
    assert {centre.row(one).state for one in chosen} == {"open"}
    client.post(MARK, {"report": chosen, "sure": "yes"})
    with acting(centre.machine):
        first, second = (PendingAction.objects.get(subject_id=one).pk for one in chosen)
    with clock.simulate(clock.now() + timedelta(seconds=11)):
        assert delayed_actions.run_due(centre.machine, first)
        assert not delayed_actions.run_due(centre.machine, first)
        revoke.revoke(centre.lead, entry, "listed in error")
        assert not delayed_actions.run_due(centre.machine, second), "the register is asked again"
    assert [centre.row(one).state for one in chosen] == ["forward", "open"]
    assert centre.told(chosen[0]) == ["received", "relevant"]


def test_who_may_not_decide_marks_nothing(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report(items=[listed(cast)[0]]))
    given = {"report": made, "sure": "yes"}
    for organisation, role in (
        (cast.centre, "administrator"),
        (cast.pixelpost, "lead"),
        (cast.authority, "investigator"),
        (cast.hotline_ie, "lead"),
    ):
        assert cast.client(organisation, role).post(MARK, given).status_code == 404
    client = cast.client(cast.centre, "analyst")
    assert client.get(MARK).status_code == 405
    assert client.post(MARK, {"sure": "yes"}).status_code == 302
    assert client.post(MARK, {"report": [uuid4() for _ in range(51)]}).status_code == 302
    assert client.post(MARK, {"report": "x"}).status_code == 404
    assert centre.row(made).state == "open"


def test_the_open_queue_offers_to_choose(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report(items=[listed(cast)[0]]))
    page = cast.client(cast.centre, "analyst").get("/desk/reports/", {"text": ""}).content.decode()
    assert f'action="{MARK}"' in page
    found = cast.client(cast.centre, "analyst").get("/desk/reports/", {"bundle": centre.row(made).bundle.number})
    assert f'value="{made}"' in found.content.decode()
