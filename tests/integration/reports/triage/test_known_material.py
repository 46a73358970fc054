"""What is about certified items alone is forwarded by one decision; everything else is looked at."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.confirming import token_of
from tests.support.reporting import account, item, report
from tests.support.reports_world import Centre, entry_of
from tutela.indicators.register import revoke
from tutela.reports import jobs
from tutela.reports.models import Report
from tutela.reports.triage import known_material

ADDRESS = "/desk/reports/forward-known/"


def listed(cast: Cast) -> tuple[dict[str, Any], UUID]:
    digest = secrets.token_hex(32)
    entry = entry_of(cast, digest)
    return item(digest, entry), entry


def test_only_exact_copies_of_what_counts_are_known(cast: Cast) -> None:
    centre = Centre(cast)
    one, entry = listed(cast)
    forged = {**item(None, entry), "md5": "ab" * 16}
    near = {**one, "sha256": secrets.token_hex(32)}
    sent = {
        "known": report(items=[one]),
        "with another": report(items=[one, item()]),
        "forged": report(items=[forged]),
        "of another digest": report(items=[near]),
        "unlisted": report(items=[item()]),
        "without": report(items=[]),
    }
    found = {name: centre.row(centre.file(r)).certified for name, r in sent.items()}
    assert found == {name: name == "known" for name in sent}


def test_one_decision_forwards_what_is_known_and_nothing_else(cast: Cast) -> None:
    centre = Centre(cast)
    one, _entry = listed(cast)
    made = [centre.file(report(items=[one])) for _ in range(3)]
    urgent = centre.file(report(items=[one], urgency={"urgent": True, "reason": "token"}))
    other = centre.file(report())
    assert known_material.count(centre.analyst) >= 3
    assert known_material.forward(centre.analyst) >= 3
    assert [centre.row(r).state for r in made] == ["forward"] * 3
    assert [centre.row(r).state for r in (urgent, other)] == ["open"] * 2
    assert centre.told(made[0]) == ["received", "relevant"]


def test_what_no_longer_counts_is_no_longer_known(cast: Cast) -> None:
    centre = Centre(cast)
    one, entry = listed(cast)
    made = centre.file(report(items=[one]))
    revoke.revoke(centre.lead, entry, "listed in error")
    jobs.rescore(str(entry))
    assert not centre.row(made).certified
    known_material.forward(centre.analyst)
    assert centre.row(made).state == "open"


def test_an_entry_revoked_at_this_moment_is_seen_before_anything_follows_it(cast: Cast) -> None:
    centre = Centre(cast)
    one, entry = listed(cast)
    made = centre.file(report(items=[one]))
    revoke.revoke(centre.lead, entry, "listed in error")
    assert centre.row(made).certified, "the flag follows later"
    known_material.forward(centre.analyst)
    assert centre.row(made).state == "open"


def test_what_becomes_urgent_meanwhile_is_left_to_somebody_who_reads_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = Centre(cast)
    one, _entry = listed(cast)
    at = report().model_dump(mode="json")["locations"]
    same: dict[str, Any] = {"items": [one], "users": [account()], "locations": at}
    made = centre.file(report(**same))
    assert known_material.count(centre.analyst)
    centre.file(report(**same, urgency={"urgent": True, "reason": "token"}))
    assert centre.row(made).urgent
    # What was found before the repetition came.
    monkeypatch.setattr(known_material, "ready", lambda: Report.objects.filter(report_id=made))
    known_material.forward(centre.analyst)
    assert centre.row(made).state == "open"


def test_reports_that_the_list_does_not_show_are_named_before_they_are_decided(cast: Cast) -> None:
    centre, one = Centre(cast), listed(cast)[0]
    made = [centre.file(report(items=[one])) for _ in range(2)]
    browser = cast.client(cast.centre, "analyst")
    preview = Client.post(browser, ADDRESS)
    assert all(centre.row(each).number in preview.content.decode() for each in made)
    assert [centre.row(each).state for each in made] == ["open"] * 2
    assert all(centre.told(each) == ["received"] for each in made)
    late = centre.file(report(items=[one]))
    again = Client.post(browser, ADDRESS, {"confirmed": token_of(preview)})
    assert centre.row(late).number in again.content.decode(), "what came since the preview is previewed"
    assert centre.row(made[0]).state == "open"
    Client.post(browser, ADDRESS, {"confirmed": token_of(again)})
    assert [centre.row(each).state for each in (*made, late)] == ["forward"] * 3


def test_the_queue_offers_it_to_those_who_decide(cast: Cast, client: Client) -> None:
    centre = Centre(cast)
    made = centre.file(report(items=[listed(cast)[0]]))
    assert client.post(ADDRESS).status_code == 302
    assert centre.row(made).state == "open"
    assert cast.client(cast.pixelpost, "lead").post(ADDRESS).status_code == 404
    browser = cast.client(cast.centre, "analyst")
    assert "only certified items" in browser.get("/desk/reports/").content.decode()
    assert browser.post(ADDRESS).status_code == 302
    assert centre.row(made).state == "forward"
