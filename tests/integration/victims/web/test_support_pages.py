"""Pages of the support desk: each is shown, each form does its work, and nobody else reaches them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import translation

from tests.support.anonymous import Visitor, told
from tests.support.cast import TOTP_SECRET, Cast, state_purpose
from tests.support.confirming import ConfirmingClient
from tests.support.support_world import (
    DAY,
    Person,
    Support,
    case_of,
    enrolment,
    forget_limits,
    identity_box,
    in_days,
    vault_key_box,
)
from tutela import clock
from tutela.casework.anonymous import proof_of_work
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.law import holds
from tutela.organisations import models as organisations
from tutela.victims.information import answers, intake
from tutela.victims.models import InformationRequest, SupportCase, SurvivorInput, VaultKey, VaultOpening
from tutela.victims.support import begin
from tutela.victims.vault import identities, members


@pytest.fixture
def world(cast: Cast) -> Iterator[Support]:
    made = Support(cast, public=True)
    with acting(made.support):
        VaultKey.objects.filter(ended_at=None).update(ended_at=clock.now())
    yield made
    forget_limits()


@pytest.fixture
def desk(world: Support) -> Client:
    return world.cast.client(world.support, "analyst")


def page(client: Client, address: str, **said: Any) -> str:
    """A page, or the page to which a form leads."""
    answer = client.post(address, said, follow=True) if said else client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def browser_of(actor: Actor) -> Client:
    """A browser in which this person is signed in."""
    row = organisations.Person.objects.get(pk=actor.person_id)
    TOTP.activate(row, TOTP_SECRET)
    client = ConfirmingClient(raise_request_exception=False)
    client.force_login(row)
    state_purpose(client, actor.organisation_kind)
    return client


def _signed_in(client: Client, at: float) -> None:
    """The moment at which the person of this session last signed in."""
    session = client.session
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = session["_auth_user_id"]
    session["account_authentication_methods"] = [{"method": "password", "at": at, "reauthenticated": True}]
    session.save()


def sends(person: Person, place: str, **typed: str) -> str:
    """Enter the case and send one of the forms on its page."""
    visitor = Visitor(kind=person.kind)
    shown = visitor.enters(person.number, person.passphrase).content.decode()
    begin = shown.index(f'action="/en/{person.kind}/answers/{place}/"')
    form = shown[begin : shown.index("</form>", begin)]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    nonce = re.search(r'data-work="(\w+)"', form)
    if nonce:
        hidden["proof"] = proof_of_work.solve(nonce[1])
    answer = visitor.post(f"answers/{place}/", hidden | typed)
    assert answer.status_code in (200, 203), "also as a page that is shown once"
    return str(answer.content.decode(errors="replace"))


def test_an_information_request_is_worked_on_by_its_pages(world: Support, desk: Client) -> None:
    person = world.writes("ask-about-pictures", "sha256 " + "ab" * 32)
    request = case_of(InformationRequest, world, person)
    address = f"/desk/information/{request}/"
    assert "Information requests" in page(desk, "/desk/information/")
    page(desk, "/desk/information/new/")
    page(desk, address)
    assert "Recorded." in page(desk, f"{address}identity/", method="proof_copy", proved="yes")
    assert "The proof is deleted." in page(desk, f"{address}proof/", x="")
    assert "Added." in page(desk, f"{address}items/", text="sha256 " + "ab" * 32)
    page(desk, f"{address}own/", place="1", own="yes")
    said = {"place": "1", "provider": "Pixelpost", "reported_on": "2026-11-02", "removed": "no", "forwarded_to": ""}
    page(desk, f"{address}facts/", **said)
    assert "The answer is given." in page(desk, f"{address}answer/", x="")
    assert "Pixelpost reported it" in page(desk, address)
    assert "Saved." in sends(person, "notify", notify="never")
    assert "never tell me" in page(desk, address)
    assert "Pixelpost reported it" in sends(person, "format", format="large")
    assert "Pixelpost reported it" in sends(person, "format", format="text")
    assert sends(person, "format", format="pdf").startswith("%PDF-")


def test_a_representative_has_no_form_and_no_format(world: Support, desk: Client) -> None:
    person = world.writes("ask-for-another")
    request = case_of(InformationRequest, world, person)
    address = f"/desk/information/{request}/"
    wish = {"wish": "wants", "age_band": "from_12", "maturity": "Speaks for herself.", "heard_alone": "on"}
    assert "The wish is recorded." in page(desk, f"{address}wish/", **wish)
    page(desk, f"{address}conflict/", excluded="no", ground="A relative is suspected.")
    authority = str(world.authority.organisation_id)
    said = {"authority": authority, "last_day": in_days(20).isoformat(), "reason": "Letter 4."}
    assert "The hold is recorded." in page(desk, f"{address}hold/", **said)
    assert "A hold is in effect" in page(desk, address)
    assert "The neutral answer is given." in page(desk, f"{address}neutral/", reason="Conflict of interest.")
    shown = person.page()
    assert "answers/notify/" not in shown
    assert "answers/format/" not in shown
    visitor = Visitor(kind=person.kind)
    entered = visitor.enters(person.number, person.passphrase).content.decode()
    reader = re.search(r'name="reader" value="([^"]+)"', entered)
    assert reader
    assert visitor.post("answers/format/", {"reader": reader[1], "format": "text"}).status_code == 404


def test_a_support_case_is_worked_on_by_its_pages(world: Support, desk: Client) -> None:
    person = world.writes("support")
    case = case_of(SupportCase, world, person)
    address = f"/desk/support/{case}/"
    for place in ("/desk/support/", "/desk/support/new/", "/desk/support/library/", "/desk/support/vault/", address):
        page(desk, place)
    given = {"risks": ["circulated"], "measures": ["few"], "review_on": in_days(30).isoformat(), "text": ""}
    assert "The assessment is recorded." in page(desk, f"{address}assess/", **given)
    assert "The services are offered." in page(desk, f"{address}services/", kinds=["counselling"])
    service = re.search(rf"{address}services/([0-9a-f-]{{36}})/", page(desk, address))
    assert service
    page(desk, service[0], state="accepted", text="")
    interview = {"held_on": in_days(-1).isoformat(), "agency": "Police", "reason": ""}
    assert "The interview is recorded." in page(desk, f"{address}interviews/", **interview)
    assert "The interview is recorded." not in page(desk, f"{address}interviews/", **interview)
    hand = {"agency_id": str(world.hotline.organisation_id), "agency_kind": "other", "need": "information"}
    due = {"ground": "consent", "due_on": in_days(9).isoformat()}
    assert "The need is handed over." in page(desk, f"{address}hand-over/", **hand, **due)
    page(desk, f"{address}care/", part="treatment", state="running", text="")
    page(desk, f"{address}wish/", gender="woman", person="")
    assert "Saved." in sends(person, "wish", wanted_gender="man")
    assert "Close the case when" in page(desk, f"{address}close/", x="")


def test_a_request_and_a_case_that_are_over_offer_no_step(world: Support, desk: Client) -> None:
    """Their persons withdrew them, and a hold keeps the contents: every form would be refused."""
    shown = {}
    for kind, model, subject, place in (
        ("ask-about-pictures", InformationRequest, "information_request", "information"),
        ("support", SupportCase, "support_case", "support"),
    ):
        row = case_of(model, world, world.writes(kind))
        with acting(world.support):
            asked_by, until = world.authority.organisation_id, clock.now() + 20 * DAY
            holds.place(world.support, subject, row, asked_by=asked_by, reason="Letter 5.", until=until)
            conversation = model.objects.get(pk=row).conversation_id
            assert conversation
            (intake if model is InformationRequest else begin).withdraw(world.support, conversation)
        shown[kind] = page(desk, f"/desk/{place}/{row}/")
    for form in ("Correct who asks", "Record hold", "Record that an item was seen again"):
        assert form not in shown["ask-about-pictures"]
    assert "Open case again" not in shown["support"]


def test_a_waiting_hardware_key_is_ended_by_a_member_or_by_its_person(world: Support, desk: Client) -> None:
    world.found_vault()
    waiting = members.enrol(world.colleague, enrolment(founds=False))
    action = f'action="/desk/support/vault/{waiting}/end/"'
    assert action not in page(desk, "/desk/support/vault/"), "neither a member nor its person"
    member, own = browser_of(world.analyst), browser_of(world.colleague)
    for client in (member, own):
        assert action in page(client, "/desk/support/vault/")
    _signed_in(own, time.time())
    assert "The hardware key has ended." in page(own, f"/desk/support/vault/{waiting}/end/", x="")
    assert action not in page(own, "/desk/support/vault/")


@pytest.mark.parametrize("translated", [False, True])
def test_an_answer_in_another_form_says_the_language_in_which_it_is_written(
    world: Support, desk: Client, monkeypatch: pytest.MonkeyPatch, translated: bool
) -> None:
    if translated:
        monkeypatch.setattr(answers, "_rights", lambda: [f"Rights in {translation.get_language()}."])
    visitor = Visitor(language="de", kind="ask-about-pictures")
    person = Person(visitor.kind, *told(visitor.writes("sha256 " + "ab" * 32)))
    request = case_of(InformationRequest, world, person)
    page(desk, f"/desk/information/{request}/neutral/", reason="Nothing is known.")
    language = "de" if translated else "en"
    # The page is in another language than the answer.
    shown = sends(person, "format", format="large")
    assert '<html lang="en"' in shown
    assert f'<div class="large-print" lang="{language}" dir="ltr">' in shown
    assert f"/Lang ({language})" in sends(person, "format", format="pdf")


def test_the_vaults_pages_refuse_who_has_no_key_and_show_no_clear_text(world: Support, desk: Client) -> None:
    case = case_of(SupportCase, world, world.writes("support"))
    address = f"/desk/support/{case}/identity/"
    assert "You have no admitted hardware key." in page(desk, address)
    _signed_in(desk, time.time())
    shown = page(desk, f"{address}store/", identity=identity_box())
    assert "The vault opens only with your own admitted hardware key." in shown
    administrator = world.cast.client(world.support, "administrator")
    for place in ("/desk/support/vault/", address, f"/desk/support/{case}/"):
        assert administrator.get(place).status_code == 404
    assert administrator.post(f"{address}open/", {"purpose": "contact"}).status_code == 404


def test_a_session_without_a_fresh_sign_in_changes_nothing_of_the_vault(world: Support, desk: Client) -> None:
    world.found_vault()
    (key,) = members.keys(world.analyst)
    case = case_of(SupportCase, world, world.writes("support"))
    identities.store(world.analyst, case, identity_box())
    _signed_in(desk, time.time() - 1000)
    address = f"/desk/support/{case}/identity/"
    vault_key = f"/desk/support/vault/{key.pk}/"
    for place in (f"{vault_key}admit/", f"{vault_key}end/", f"{address}store/", f"{address}open/"):
        answer = desk.post(place, {"identity": identity_box(), "purpose": "contact", "vault_key": vault_key_box()})
        assert answer.status_code == 302, place
        assert "/reauthenticate/" in answer["Location"], place
    with acting(world.support):
        assert not VaultOpening.objects.filter(identity__case=case).exists()
        assert VaultKey.objects.get(pk=key.pk).ended_at is None


def test_helpline_and_voices_are_worked_on_by_their_pages(world: Support, desk: Client) -> None:
    said = {"day": in_days(-1).isoformat(), "category": "grooming", "age": "teen", "gender": "not_recorded"}
    assert "The contact is logged." in page(desk, "/desk/helpline/", **said, channel="chat", platform="gaming")
    assert "not over yet" in page(desk, "/desk/helpline/returns/", quarter="2030-Q1")
    person = world.writes("survivors-voice")
    given = case_of(SurvivorInput, world, person)
    address = f"/desk/support/voices/{given}/"
    page(desk, "/desk/support/voices/")
    assert "Saved." in sends(person, "consent", consent="platform")
    meeting = {"held_on": in_days(-1).isoformat(), "title": "Rights", "outcome": ""}
    assert "The meeting is recorded." in page(desk, "/desk/support/voices/meetings/", **meeting)
    changed = {"effect": "changed", "text": "A choice was added.", "meeting": ""}
    assert "The survivor can read it." in page(desk, f"{address}change/", **changed)
    assert "A choice was added." in person.page()
    assert "its words are erased" in page(desk, f"{address}withdraw/", x="")


def test_hand_overs_are_worked_on_by_their_pages(world: Support, desk: Client) -> None:
    school = {"agency_name": "A school", "agency_kind": "school", "need": "protective_action", "actions": ["absence"]}
    due = {"ground": "child_protection_law", "due_on": in_days(2).isoformat()}
    shown = page(desk, "/desk/hand-overs/new/", **school, **due)
    assert "Excuse absences" in shown
    address = _address(shown)
    for state in ("received", "accepted", "closed"):
        assert "The step is recorded." in page(desk, f"{address}step/", state=state, because="", text="")
    page(desk, "/desk/hand-overs/?view=all")
    assert UUID(address.split("/")[-2])


def _address(shown: str) -> str:
    found = re.search(r'action="(/desk/hand-overs/[0-9a-f-]{36}/)step/"', shown)
    assert found
    return found[1]
