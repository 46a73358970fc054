"""Pages of complaints and reversals: bad forms say which field is wrong, and lists can be had as files."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.confirming import token_of
from tests.support.redress_world import Redress
from tutela.redress.complaints import account_proof, intake, work_queue


@pytest.fixture
def world(cast: Cast) -> Redress:
    return Redress(cast)


def test_a_day_at_the_complaints_desk(world: Redress) -> None:
    client = world.cast.client(world.provider, "lead")
    page = client.post("/desk/complaints/new/", {"language": "en", "text": "", "received_at": "2026-01-01T10:00"})
    assert page.status_code == 422
    assert "Enter complaint" in page.content.decode()
    page = client.post(
        "/desk/complaints/new/",
        {"language": "en", "text": "Please look again.", "received_at": "2026-01-01T10:00"},
        follow=True,
    )
    assert "The complaint is entered." in page.content.decode()
    path = page.redirect_chain[-1][0]
    given: dict[str, object] = {"complainant": "user", "measure": "account", "report": "P-0"}
    page = client.post(f"{path}measure/", given, follow=True)
    assert "Nobody has proved yet" in page.content.decode()
    page = client.post(f"{path}number/", {"number": "S-1"}, follow=True)
    assert "Compare it with your copy first." in page.content.decode()
    page = client.post(f"{path}number/", {"number": "S-1", "compared": "on"}, follow=True)
    assert "The account is proved." in page.content.decode()
    page = client.post(f"{path}measure/", given, follow=True)
    assert "no report with this number" in page.content.decode()
    reviewer = str(world.desk.reviewer.person_id)
    given = {"complainant": "user", "measure": "account", "deciders": [reviewer]}
    assert "The measure is recorded." in client.post(f"{path}measure/", given, follow=True).content.decode()
    said = {"outcome": "uphold", "reason_code": "chance", "reasons": "It was an advertisement.", "notes": "Ask Tom."}
    page = client.post(f"{path}decide/", said, follow=True)
    assert "Choose a reason that fits the decision." in page.content.decode()
    assert "It was an advertisement.</textarea>" in page.content.decode(), "what was typed is kept"
    page = client.post(f"{path}decide/", {**said, "reason_code": "terms"}, follow=True)
    assert "The complaint is decided." in page.content.decode()
    text = client.get("/desk/complaints/?view=all&file=csv").content.decode()
    assert "uphold" not in text


def test_decision_is_told_to_nobody_before_its_words_and_recipients_were_shown(world: Redress) -> None:
    report, _entry = world.flagged()
    complaint = world.complained()
    world.measured(complaint, report)
    client, told = world.cast.client(world.provider, "lead"), len(world.read(complaint))
    given = {"outcome": "reverse", "reason_code": "listed_in_error", "reasons": "It is a lake."}
    address = f"/desk/complaints/{complaint}/decide/"
    preview = Client.post(client, address, given)
    shown = unescape(preview.content.decode())
    assert "The person of case" in shown
    assert "We made an error." in shown or "reversed" in shown
    assert world.centre.machine.organisation_name in shown
    assert len(world.read(complaint)) == told
    assert work_queue.load(world.judge, complaint).row.stage == "open"
    Client.post(client, address, {**given, "confirmed": token_of(preview)})
    assert len(world.read(complaint)) == told + 1


def test_the_person_reads_the_state_with_the_passphrase_alone(world: Redress) -> None:
    report, _entry = world.flagged(referred=False)
    complaint = world.complained()
    world.measured(complaint, report)
    world.reversed(complaint)
    assert "We made an error." in world.read(complaint)[-1]
    assert work_queue.load(world.judge, complaint).row.language == "en"


def test_another_providers_complaints_are_not_there(world: Redress) -> None:
    made = intake.enter(world.judge, "Please look again.", "en")
    stranger = world.cast.client(world.cast.other_provider, "lead")
    assert stranger.get(f"/desk/complaints/{made}/").status_code == 404
    assert stranger.post(f"/desk/complaints/{made}/decide/", {"outcome": "uphold"}).status_code == 404


def test_the_centres_analyst_sees_reversals_and_the_lead_answers(world: Redress) -> None:
    report, _entry = world.flagged()
    complaint = world.complained()
    world.measured(complaint, report)
    row = world.reversed(complaint)
    world.post()
    there = world.at(world.centre.machine, row.root_id)
    analyst, lead = (world.cast.client(world.centre.machine, role) for role in ("analyst", "lead"))
    path = f"/desk/reversals/{there.pk}/"
    assert "Accept and tell everybody" not in analyst.get(path).content.decode()
    assert analyst.post(f"{path}accept/").status_code == 404
    assert "Accept and tell everybody" in lead.get(path).content.decode()
    page = lead.post(f"{path}keep/", {"because": "no_reason"}, follow=True).content.decode()
    assert "Select a valid choice" in page
    page = lead.post(f"{path}accept/", {}, follow=True).content.decode()
    assert "Accepted. Every recipient is told." in page
    again = lead.post(f"{path}accept/", {}, follow=True).content.decode()
    assert "already answered" in again


def test_a_code_is_shown_once_and_entered_at_the_desk(world: Redress) -> None:
    client, made = world.cast.client(world.provider, "lead"), intake.enter(world.judge, "Please look again.", "en")
    path = f"/desk/complaints/{made}/"
    assert "Record measure" not in client.get(path).content.decode()
    page = client.post(f"{path}code/", {"kind": "sent", "account": " "}, follow=True).content.decode()
    assert "Account that the person names" in page
    page = client.post(f"{path}code/", {"kind": "sent", "account": "user-1"}).content.decode()
    code = re.search(r"<code data-code>([a-z-]+)</code>", page)
    assert code
    page = client.get(path).content.decode()
    assert code[1] not in page
    assert "A code waits for the person until" in page
    assert "This does not fit." in client.post(f"{path}code/enter/", {"code": "abcd"}, follow=True).content.decode()
    page = client.post(f"{path}code/enter/", {"code": code[1]}, follow=True).content.decode()
    assert "The account is proved." in page
    assert "Record measure" in page


def test_closing_without_proof_shows_first_what_the_person_will_read(world: Redress) -> None:
    complaint = world.complained("de")
    address, client = f"/desk/complaints/{complaint}/unproved/", world.cast.client(world.provider, "lead")
    shown = unescape(Client.post(client, address).content.decode())
    assert "Wir wissen nicht, ob das Konto dir gehört." in shown
    assert work_queue.load(world.judge, complaint).row.stage == "open"
    assert "closed without a decision" in client.post(address, follow=True).content.decode()
    assert work_queue.load(world.judge, complaint).row.stage == "closed"


def test_the_decider_sees_the_language_of_the_person_and_edits_a_draft_in_it(world: Redress) -> None:
    complaint = world.complained("de")
    report, _entry = world.flagged(referred=False)
    world.measured(complaint, report)
    client = world.cast.client(world.provider, "lead")
    page = client.get(f"/desk/complaints/{complaint}/").content.decode()
    assert "German (Deutsch)" in page
    assert "Was du geschrieben hast, ändert das Ergebnis nicht." in page
    assert "Ergebnis nicht.</textarea>" not in page
    drafted = client.get(f"/desk/complaints/{complaint}/?draft=uphold").content.decode()
    assert "Ergebnis nicht.</textarea>" in drafted


def test_who_answers_a_complaint_by_hand_is_warned_until_the_account_is_proved(world: Redress) -> None:
    complaint = world.complained()
    client = world.cast.client(world.provider, "lead")
    found = re.search(
        r"/desk/conversations/[0-9a-f-]{36}/", client.get(f"/desk/complaints/{complaint}/").content.decode()
    )
    assert found
    assert "data-note" in client.get(found[0]).content.decode()
    account_proof.compare_number(world.judge, complaint, "S-1", compared=True)
    assert "data-note" not in client.get(found[0]).content.decode()
