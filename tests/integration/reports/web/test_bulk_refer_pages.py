"""Refer several reports from the queue: listed, confirmed, referred one by one, and undone."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.conf import settings

from tests.support.cast import Cast
from tests.support.markup import flat
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre
from tutela.casework.assignment import claim
from tutela.casework.models import PendingAction
from tutela.events.transaction import acting
from tutela.reports.triage import assess

PAGE = "/desk/reports/refer-chosen/"


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
