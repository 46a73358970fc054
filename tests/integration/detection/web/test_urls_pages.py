"""The desk's pages: who sees them, and a whole day's work through them."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.db import models
from django.test import Client

from tests.support.cast import Cast
from tests.support.detection_world import World, body
from tests.support.reporting import item, report
from tutela.detection.dashboard import dashboard
from tutela.detection.outcomes import report_list
from tutela.detection.settings import authorities, identity, services
from tutela.detection.web.forms.drafts import DraftForms
from tutela.detection.web.urls import urlpatterns
from tutela.exchange.report.circulation import WORDS as SPREADING
from tutela.exchange.report.dangers import WORDS

LISTS = ["/desk/candidates/", "/desk/drafts/", "/desk/drafts/new/", "/desk/drafts/?format=csv"]
SETTINGS = ["/desk/lists/", "/desk/lists/services/new/", "/desk/lists/identity/", "/desk/lists/authorities/"]


@pytest.mark.parametrize("address", LISTS + SETTINGS)
def test_a_visitor_is_sent_to_sign_in(client: Client, address: str) -> None:
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("address", LISTS + SETTINGS)
def test_who_has_no_business_here_finds_nothing(cast: Cast, address: str) -> None:
    assert cast.client(cast.hotline_ie, "analyst").get(address).status_code == 404
    assert cast.client(cast.pixelpost, "administrator").get(address).status_code == 404


def test_a_reviewer_sees_no_settings(cast: Cast) -> None:
    client = cast.client(cast.pixelpost, "reviewer")
    assert {client.get(address).status_code for address in LISTS} == {200}
    assert {client.get(address).status_code for address in SETTINGS} == {404}


def test_empty_pages_say_what_comes_next(cast: Cast) -> None:
    client = cast.client(cast.pixelpost, "lead")
    for address in [*LISTS, *SETTINGS, "/desk/"]:
        assert client.get(address).status_code == 200, address


def test_nothing_changes_by_looking(cast: Cast) -> None:
    world = World(cast)
    made, report = world.candidate(), world.draft()
    client = cast.client(world.provider, "lead")
    for pattern in urlpatterns:
        address = "/" + re.sub(r"<uuid:candidate>", str(made), str(pattern.pattern))
        address = address.replace("<uuid:draft>", str(report)).replace("<uuid:service>", str(world.service))
        if re.search(
            r"/(open|review|urgent|send|discard|informed|reinstated|told|undo|check|dispatch|key|sources|join|seed|end)/$",
            address,
        ):
            address = re.sub(r"<uuid:\w+>", str(made), address)
            assert client.get(address).status_code == 405, address


def test_a_day_at_the_desk(cast: Cast) -> None:
    world = World(cast)
    made = world.candidate(body("near-pdq", register=False, pdq=[]))
    reviewer, lead = cast.client(world.provider, "reviewer"), cast.client(world.provider, "lead")
    page = reviewer.get(f"/desk/candidates/{made}/").content.decode()
    assert "not in the public register" in page
    assert "Confirm unopened" not in page
    reviewer.post(f"/desk/candidates/{made}/urgent/", {"reason": "token"})
    assert "urgent" in reviewer.get("/desk/candidates/").content.decode()
    reviewer.post(f"/desk/candidates/{made}/open/")
    assert "own tool" in reviewer.get(f"/desk/candidates/{made}/item/").content.decode()
    opinion = {"decision": "confirm", "reason_code": "known_item", "how": "viewed", "picture": "own_tool"}
    answer = reviewer.post(f"/desk/candidates/{made}/review/", opinion)
    report = answer.headers["Location"]
    assert reviewer.get(report).status_code == 200
    assert reviewer.get(f"{report}edit/").status_code == 404
    assert lead.get(f"{report}edit/").status_code == 200
    answer = lead.post(f"{report}edit/", _edited())
    assert answer.status_code == 302, re.findall(r"errorlist[^<]*<li>([^<]*)", answer.content.decode())
    text = lead.get(report).content.decode()
    for word in ("192.0.2.7", "user-a", "user-b", "revision 2", "DE", "token", "urgent"):
        assert word in text, word
    lead.post(f"{report}send/")
    assert "No Centre is connected" in lead.get(report).content.decode()
    authorities.seed(world.lead)
    assert "unchecked" in lead.get(report).content.decode()
    address = authorities.current(world.lead)[0].pk
    assert lead.get(f"{report}notification/{address}.pdf").content.startswith(b"%PDF")
    assert lead.get(f"{report}notification.json").status_code == 200
    lead.post(f"{report}dispatch/", {"authority": address, "sent_at": "2026-01-01T10:00", "reference": "AZ"})
    assert "notified to an authority" in lead.get(report).content.decode()


def _edited() -> dict[str, Any]:
    def people(prefix: str, *names: str) -> dict[str, Any]:
        rows = {f"{prefix}-{n}-usernames": name for n, name in enumerate(names)}
        return {f"{prefix}-TOTAL_FORMS": len(names), f"{prefix}-INITIAL_FORMS": 0, **rows}

    return {
        "revision": 1,
        "urgent": "on",
        "urgency_reason": "token",
        "awareness": ["own_motion"],
        "country": "de",
        "removed": "on",
        "removal_at": "2026-01-01T10:00:01",
        **people("accounts", "user-a", "user-b"),
        **people("victims"),
        "locations-TOTAL_FORMS": 2,
        "locations-INITIAL_FORMS": 0,
        "locations-0-ip": "192.0.2.7",
        "locations-0-port": "4711",
        "locations-0-at": "2026-01-01T09:59:58",
    }


def test_an_edit_names_what_is_wrong(cast: Cast) -> None:
    world = World(cast)
    made = world.draft()
    client = cast.client(world.provider, "lead")
    wrong = {**_edited(), "urgency_reason": "", "locations-0-at": ""}
    text = client.post(f"/desk/drafts/{made}/edit/", wrong).content.decode()
    assert "Enter the time for this IP address." in text
    text = client.post(f"/desk/drafts/{made}/edit/", {**_edited(), "urgency_reason": ""}).content.decode()
    assert "urgency: an urgent report needs a reason" in text
    found = report_list.load_report(world.lead, made)
    assert found.revision
    assert found.revision.number == 1


def test_dangers_are_named_by_hand_kept_by_an_edit_and_taken_back(cast: Cast) -> None:
    world = World(cast)
    reviewer, lead = cast.client(world.provider, "reviewer"), cast.client(world.provider, "lead")
    page = reviewer.get("/desk/drafts/new/").content.decode()
    assert all(word in page for word in WORDS.values())
    given = {
        "service_id": str(world.service),
        "kind": "new",
        "awareness": "user_flag",
        "sha256": "a" * 64,
        "confirmed": "on",
        "dangers": ["live", "access"],
    }
    wrong = reviewer.post("/desk/drafts/new/", {**given, "dangers": ["live", "nothing"]})
    assert (wrong.status_code, b"nothing is not one of the available choices" in wrong.content) == (200, True)
    made = reviewer.post("/desk/drafts/new/", given).headers["Location"]

    def kept() -> tuple[str, ...] | None:
        report = report_list.load_report(world.lead, made.split("/")[3]).report
        assert report is not None
        return report.urgency.dangers

    assert kept() == ("live", "access")
    assert "abuse is shown live" in lead.get(made).content.decode()
    edit = lead.get(f"{made}edit/").content.decode()
    assert re.search(r'value="live"[^>]*checked', edit)
    assert not re.search(r'value="travel"[^>]*checked', edit)
    assert lead.post(f"{made}edit/", {**_edited(), "dangers": ["travel"]}).status_code == 302
    assert kept() == ("travel",)
    assert lead.post(f"{made}edit/", {**_edited(), "revision": 2}).status_code == 302
    assert kept() is None


def test_how_items_circulate_is_said_on_the_form_hinted_and_taken_back(cast: Cast) -> None:
    world = World(cast)
    made, lead = world.draft(), cast.client(world.provider, "lead")
    page = lead.get(f"/desk/drafts/{made}/edit/").content.decode()
    assert all(text in page for text in SPREADING.values())

    def said() -> tuple[tuple[str, ...] | None, list[str]]:
        found = report_list.load_report(world.lead, made)
        assert found.report
        return found.report.items[0].spread, [one.code for one in found.hints if one.field == "items.0.spread"]

    assert said() == (None, [])
    address = f"/desk/drafts/{made}/edit/"
    assert b"not one of the available choices" in lead.post(address, {**_edited(), "spread": ["funny"]}).content
    assert lead.post(address, {**_edited(), "spread": ["meme"]}).status_code == 302
    assert said() == (("meme",), ["meme"])
    assert "shared without malice" in lead.get(f"/desk/drafts/{made}/").content.decode()
    assert lead.post(address, {**_edited(), "revision": 2}).status_code == 302
    assert said() == (None, [])


def test_the_series_of_the_items_is_said_on_the_form_and_shown_to_both_recipients(cast: Cast) -> None:
    world = World(cast)
    world.join()
    made, lead = world.draft(), cast.client(world.provider, "lead")
    address = f"/desk/drafts/{made}/edit/"
    assert "never a child" in lead.get(address).content.decode()

    def said() -> str | None:
        found = report_list.load_report(world.lead, made)
        assert found.report
        return found.report.items[0].series

    assert said() is None
    assert b"at most 100 characters" in lead.post(address, {**_edited(), "series": "x" * 101}).content
    assert lead.post(address, {**_edited(), "series": " Set 7 "}).status_code == 302
    assert said() == "Set 7"
    assert "Set 7" in lead.get(f"/desk/drafts/{made}/").content.decode()
    assert 'value="Set 7"' in lead.get(address).content.decode()
    shown = lead.get(f"/desk/drafts/{made}/recipients/").content.decode()
    assert "items.series" in shown
    assert lead.post(address, {**_edited(), "revision": 2, "series": "Set 7"}).status_code == 302
    assert said() == "Set 7"
    assert lead.post(address, {**_edited(), "revision": 3}).status_code == 302
    assert said() is None


def test_items_of_several_series_keep_them_until_somebody_enters_one() -> None:
    given = report(items=[{**item(), "series": "A"}, {**item(), "series": "B"}])
    form = DraftForms(given, 1)
    assert form.sections.initial["series"] == ""
    edited = DraftForms(given, 1, {**_edited()})
    assert edited.is_valid()
    assert "series" not in edited.changes()


def test_until_when_the_house_keeps_it_is_said_on_the_form(cast: Cast) -> None:
    world = World(cast)
    made, lead = world.draft(), cast.client(world.provider, "lead")
    address = f"/desk/drafts/{made}/edit/"
    assert (
        b"Enter the end date, or clear the reference."
        in lead.post(address, {**_edited(), "preserved_under": "P-7"}).content
    )
    said = {**_edited(), "preserved_until": "2027-06-01T12:00:00", "preserved_under": "P-7"}
    assert lead.post(address, said).status_code == 302
    report = report_list.load_report(world.lead, made).report
    assert report
    assert report.preservation
    assert (report.preservation.until.date().isoformat(), report.preservation.reference) == ("2027-06-01", "P-7")
    assert "P-7" in lead.get(f"/desk/drafts/{made}/").content.decode()
    assert 'value="P-7"' in lead.get(address).content.decode()
    assert lead.post(address, {**_edited(), "revision": 2}).status_code == 302
    report = report_list.load_report(world.lead, made).report
    assert report
    assert report.preservation is None


def test_settings_through_the_pages(cast: Cast) -> None:
    world = World(cast)
    client = cast.client(world.provider, "lead")
    terms = {
        "kind": "hosting",
        "channel": "public",
        "technology": "hash",
        "mode": "on",
        "review_rule": "two",
        "exposure_budget": 3,
        "exposure_stop": 5,
    }
    assert client.post("/desk/lists/services/new/", {**terms, "name": "Chat"}).status_code == 302
    assert b"already" in client.post("/desk/lists/services/new/", {**terms, "name": "Chat"}).content
    assert client.post(f"/desk/lists/services/{world.service}/", terms).status_code == 302
    assert client.get(f"/desk/lists/services/{world.service}/").status_code == 200
    key = client.post(f"/desk/lists/services/{world.service}/key/").content.decode()
    assert re.search(r"<code>[0-9a-f]{64}</code>", key)
    named = {"contact_point": "Desk", "contact": "desk@example.org", "signatory": "Lead", "time_zone": "Europe/Dublin"}
    assert client.post("/desk/lists/identity/", named).status_code == 302
    assert identity.current(world.lead).contact == "desk@example.org"
    client.post("/desk/lists/sources/", {"list_id": "own-list", "holder": "Holder", "entitlement": "Contract"})
    assert b"Contract" in client.get("/desk/lists/").content
    cast.centre  # noqa: B018
    client.post("/desk/lists/join/", {"token": "tut_a_b"})
    assert b">connected<" in client.get("/desk/lists/").content
    assert identity.connection(world.lead).joined
    assert {s.terms.review_rule for s in services.list_services(world.lead)} == {"two"}


def test_the_start_page_says_what_waits(cast: Cast) -> None:
    world = World(cast)
    world.candidate()
    world.draft()
    found = dashboard.overview(world.lead)
    assert found
    todos = {str(label): count for label, count, _url, _urgent in found["todos"]}
    assert (todos["Candidates to review"], todos["Reports to send"]) == (1, 1)
    candidates, sent = (chart[3] for chart in found["charts"] if chart[4] == "funnel")
    assert candidates == [2.0, 1.0]
    assert sent[0] == 0.0
    assert dashboard.overview(cast.hotline_ie) is None
    text = cast.client(world.provider, "lead").get("/desk/").content.decode()
    assert "Candidates to review" in text


def test_no_form_and_no_table_can_take_a_picture() -> None:
    for name in ("candidates", "reports", "settings"):
        module = import_module(f"tutela.detection.web.forms.{name}")
        for form in vars(module).values():
            if isinstance(form, type) and issubclass(form, forms.BaseForm):
                fields = getattr(form, "base_fields", {}).values()
                assert not any(isinstance(field, forms.FileField) for field in fields), form
    for model in apps.get_app_config("detection").get_models():
        assert not any(isinstance(field, models.FileField) for field in model._meta.get_fields()), model


@pytest.mark.parametrize("how", ["viewed", "unopened"])
def test_a_decision_that_comes_twice_says_that_it_is_decided(cast: Cast, how: str) -> None:
    world = World(cast)
    made = world.candidate()
    reviewer = cast.client(world.provider, "reviewer")
    reviewer.post(f"/desk/candidates/{made}/open/")
    opinion = {"decision": "confirm", "reason_code": "known_item", "how": how, "picture": "own_tool"}
    first = reviewer.post(f"/desk/candidates/{made}/review/", opinion)
    assert first.status_code == 302
    again = reviewer.post(f"/desk/candidates/{made}/review/", opinion, follow=True)
    assert again.status_code == 200
    for address in ("item/", ""):
        assert reviewer.get(f"/desk/candidates/{made}/{address}", follow=True).status_code < 500
    assert reviewer.post(f"/desk/candidates/{made}/open/", follow=True).status_code < 500
    assert reviewer.post(f"/desk/candidates/{made}/urgent/", {"reason": "x"}, follow=True).status_code == 200
