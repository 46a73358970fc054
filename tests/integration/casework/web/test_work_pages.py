"""The bar of shared work on every case page, the question before a decision, undo, the next case, notifications."""

from __future__ import annotations

import json
import re
from html import unescape
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from tests.support.cast import Cast
from tests.support.detection_world import World
from tests.support.markup import flat
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre
from tutela.casework.assignment import claim, notes, notifications
from tutela.casework.models import Cause, PendingAction
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.organisations.models import Person
from tutela.organisations.people.members import actor_of
from tutela.reports.report_detail import report_detail

FORWARD = {"decision": "forward", "reason": "", "seen": "0", "code": ""}


def _page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return flat(answer.content.decode())


def _me(client: Client):  # type: ignore[no-untyped-def]
    return actor_of(Person.objects.get(pk=client.session["_auth_user_id"]))


def test_every_case_page_has_bar_notes_and_decisions(cast: Cast) -> None:
    centre, world = Centre(cast), World(cast)
    authority = Authority(centre, "SI")
    made = centre.file(authority.report())
    referral = authority.referred(made)
    pages = {
        f"/desk/reports/{made}/": (cast.client(cast.centre, "analyst"), "report", made),
        f"/desk/inbox/{referral}/": (cast.client(authority.machine, "investigator"), "referral", referral),
        f"/desk/candidates/{(one := world.candidate())}/": (cast.client(world.provider, "reviewer"), "candidate", one),
        f"/desk/drafts/{(two := world.draft())}/": (cast.client(world.provider, "lead"), "draft", two),
    }
    for address, (client, kind, subject) in pages.items():
        text = _page(client, address)
        for part in ("unclaimed", "Internal notes", 'class="decision-bar"', f"/desk/work/{kind}/{subject}/"):
            assert part in text, (address, part)
        # A draft is sent, and has no queue of decisions.
        offers_next = kind != "draft"
        assert (f'href="/desk/work/{kind}/next/"' in text) is offers_next, address
        assert ('value="pass"' in text) is offers_next, address
        step = f"/desk/work/{kind}/{subject}/"
        assert client.post(step, {"step": "claim"})["Location"] == address
        client.post(step, {"step": "label", "label": "Later"})
        client.post(step, {"step": "follow"})
        client.post(step, {"step": "note", "note_kind": "fact", "text": "<b>A fact</b>"})
        text = _page(client, address)
        for part in ("claimed by you", "later", "Unfollow", "&lt;b&gt;A fact&lt;/b&gt;"):
            assert part in text, (address, part)


def test_a_claimed_case_asks_first_and_then_decides(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    claim.claim(centre.lead, "report", made)
    client = cast.client(cast.centre, "analyst")
    asked = client.post(f"/desk/reports/{made}/assess/", {**FORWARD, "reason": "Two\r\nlines\x0bof text."})
    assert asked.status_code == 409
    text = flat(asked.content.decode())
    assert f"{centre.lead.name} claimed this case" in text
    assert "Decide anyway?" in text
    repeated = unescape(re.findall(r'name="repeated_form" value="([^"]*)"', text)[0])
    assert centre.row(made).state == "open"
    again = {"repeated_form": repeated, "claimed_anyway": "yes"}
    assert client.post(f"/desk/reports/{made}/assess/", again).status_code == 302
    assert centre.row(made).state == "forward"
    assert report_detail.open_report(centre.analyst, made).assessments[0].reason == "Two\nlines of text."


def test_a_candidate_that_a_colleague_claimed_asks_first(cast: Cast) -> None:
    world = World(cast)
    candidate = world.candidate()
    claim.claim(world.second, "candidate", candidate)
    client = cast.client(world.provider, "reviewer")
    given = {"decision": "confirm", "reason_code": "known_item", "how": "unopened"}
    asked = client.post(f"/desk/candidates/{candidate}/review/", given)
    assert asked.status_code == 409
    assert client.post(f"/desk/candidates/{candidate}/review/", {**given, "claimed_anyway": "yes"}).status_code == 302


def test_a_decision_shows_undo_and_undo_reverts_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    centre = Centre(cast)
    made = centre.file(report())
    client, address = cast.client(cast.centre, "analyst"), f"/desk/reports/{made}/"
    client.post(f"{address}assess/", FORWARD)
    text = _page(client, address)
    assert "Decision on relevance" in text
    assert "Undo<kbd>z</kbd>" in text.replace("Undo <", "Undo<")
    assert 'id="assess-form"' not in text
    with acting(centre.machine):
        pk = PendingAction.objects.get(subject_id=made).pk
    colleague = cast.client(cast.centre, "lead")
    step, given = f"/desk/work/report/{made}/", {"step": "undo", "pending": str(pk)}
    answer = colleague.post(step, given, follow=True)
    assert "Undone. Nothing was sent." in answer.content.decode()
    assert centre.row(made).state == "open"
    for wrong in (given, {"step": "undo"}, {"step": "send_now", "pending": "x"}):
        assert "already been sent" in client.post(step, wrong, follow=True).content.decode()


def test_the_next_case_is_metadata_and_pass_is_one_click(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report(urgency={"urgent": True, "reason": "He wrote so"}))
    client = cast.client(cast.centre, "analyst")
    text = _page(client, "/desk/work/report/next/")
    assert "Open next case" in text
    assert "He wrote so" not in text
    me = _me(client)
    client.get(f"/desk/work/report/{made}/viewers/")
    with acting(me):
        assert "report.viewed" not in [one.kind for one in timeline("report", made)]
    assert client.post(f"/desk/work/report/{made}/", {"step": "pass"})["Location"] == "/desk/work/report/next/"
    with acting(me):
        assert made in claim.not_offered(me, "report")
    assert cast.client(cast.centre, "administrator").get("/desk/work/report/next/").status_code == 404
    assert client.get("/desk/work/candidate/next/").status_code == 404


def test_who_views_a_case_is_shown_to_others_for_a_minute(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    anna, ben = cast.client(cast.centre, "analyst"), cast.client(cast.centre, "lead")
    Person.objects.filter(pk=_me(anna).person_id).update(name="Anna Viewer")
    anna.get(f"/desk/reports/{made}/")
    assert "Also viewing now: Anna Viewer" in _page(ben, f"/desk/reports/{made}/")
    assert "Anna Viewer" not in flat(anna.get(f"/desk/work/report/{made}/viewers/").content.decode())


def test_notifications_are_shown_read_and_counted(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    client = cast.client(cast.centre, "lead")
    me = _me(client)
    claim.assign(centre.analyst, "report", made, me.reference)
    assert ">1<span" in _page(client, "/desk/notifications/bell/")
    text = _page(client, "/desk/notifications/")
    assert "assigned this case to you" in text
    assert centre.row(made).number in text
    client.get(f"/desk/reports/{made}/")
    assert notifications.unread(me) == 0
    with acting(centre.analyst):
        notifications.notify(centre.analyst, "report", made, Cause.NOTE, [me.reference])
    client.post("/desk/notifications/")
    assert notifications.unread(me) == 0


def test_notes_are_downloaded_by_a_lead_alone(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    notes.add(centre.analyst, "report", made, "fact", "A fact.")
    address = f"/desk/work/report/{made}/notes.json"
    assert cast.client(cast.centre, "analyst").get(address).status_code == 404
    found = json.loads(cast.client(cast.centre, "lead").get(address).content)
    assert [(one["kind"], one["text"]) for one in found["notes"]] == [("fact", "A fact.")]


def test_a_reader_and_a_stranger_change_nothing(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    step = f"/desk/work/report/{made}/"
    stranger = cast.client(cast.pixelpost, "lead")
    for given in ({"step": "claim"}, {"step": "note", "note_kind": "fact", "text": "x"}, {"step": "no"}, {}):
        assert stranger.post(step, given).status_code == 404
    assert stranger.get(f"{step}viewers/").status_code == 404
    assert cast.client(cast.centre, "analyst").post(step, {"step": "no"}).status_code == 404
    missing = f"/desk/work/report/{UUID(int=7)}/"
    assert cast.client(cast.centre, "analyst").post(missing, {"step": "claim"}).status_code == 404
