"""Links for a new password that an administrator makes: once, for an hour, and no way into somebody's account."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from django.test import Client

from tests.support.cast import PASSWORD, TOTP_SECRET, Cast, state_purpose
from tutela import clock
from tutela.casework.mandates import records
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.record import EventFilter, newest, search
from tutela.events.transaction import acting
from tutela.organisations.approvals import approve, rule_switch
from tutela.organisations.errors import PasswordLinkUnusable, PersonTooNew
from tutela.organisations.people import password_links, recovery, roles
from tutela.organisations.people.members import actor_of

NEW = "another calm sentence about harbours"


def test_link_sets_a_password_once_and_ends_every_session(cast: Cast) -> None:
    admin, person = cast.actor(cast.pixelpost, "administrator"), cast.person(cast.pixelpost, "reviewer")
    TOTP.activate(person, TOTP_SECRET)
    browser = Client()
    browser.force_login(person)
    state_purpose(browser, "provider")
    assert browser.get("/desk/").status_code == 200
    token = password_links.issue(admin, person.pk, "Forgot it, known by voice")
    assert browser.get("/desk/").status_code == 302
    person.refresh_from_db()
    assert not person.check_password(PASSWORD), "whoever knew the old password is out"
    address, visitor = f"/new-password/{token}/", Client()
    assert visitor.get(address).status_code == 200
    answer = visitor.post(address, {"password": NEW, "repeat": NEW})
    assert answer["Location"] == "/account/login/"
    assert "_auth_user_id" not in visitor.session, "the link alone signs nobody in"
    person.refresh_from_db()
    assert person.check_password(NEW)
    assert visitor.get(address).status_code == 404
    assert visitor.post(address, {"password": PASSWORD, "repeat": PASSWORD}).status_code == 404
    with acting(admin):
        kinds = [one.kind for one in search(admin, EventFilter(subject=f"person:{person.pk}"))]
    assert {"password.link_issued", "password.link_used"} <= set(kinds)


def test_one_administrator_resets_no_whole_sign_in(cast: Cast) -> None:
    first, second = (cast.actor(cast.pixelpost, "administrator") for _ in range(2))
    one, other = (cast.person(cast.pixelpost, "reviewer") for _ in range(2))
    recovery.recover(first, one.pk, "Lost phone")
    with pytest.raises(Forbidden, match="Another administrator"):
        password_links.issue(first, one.pk, "forgotten")
    assert password_links.issue(second, one.pk, "forgotten")
    password_links.issue(first, other.pk, "forgotten")
    with pytest.raises(Forbidden, match="Another administrator"):
        recovery.recover(first, other.pk, "Lost phone")
    with clock.simulate(clock.now() + timedelta(days=1, minutes=1)):
        recovery.recover(first, other.pk, "Lost phone")


def test_who_has_such_a_link_confirms_nothing_for_three_days(cast: Cast) -> None:
    first, second = (cast.person(cast.centre, "administrator") for _ in range(2))
    today = clock.now().date()
    made = records.MandateInput("mandate", "A decree", today, today + timedelta(days=90))
    record_id = records.add(actor_of(first), made)
    password_links.issue(actor_of(first), second.pk, "forgotten")
    with pytest.raises(PersonTooNew):
        records.confirm(actor_of(second), record_id)
    records.confirm(cast.actor(cast.centre, "administrator"), record_id)


def test_link_expires_after_an_hour_and_a_newer_one_replaces_it(cast: Cast) -> None:
    admin, person = cast.actor(cast.pixelpost, "administrator"), cast.person(cast.pixelpost, "reviewer")
    first = password_links.issue(admin, person.pk, "forgotten")
    second = password_links.issue(admin, person.pk, "mail lost")
    with pytest.raises(PasswordLinkUnusable):
        password_links.person_of(first)
    assert password_links.person_of(second) == person
    with clock.simulate(clock.now() + timedelta(minutes=61)), pytest.raises(PasswordLinkUnusable):
        password_links.use(second, NEW)


def test_two_who_use_a_link_at_the_same_time_set_one_password(cast: Cast) -> None:
    admin, person = cast.actor(cast.pixelpost, "administrator"), cast.person(cast.pixelpost, "reviewer")
    token = password_links.issue(admin, person.pk, "forgotten")

    def used(password: str) -> bool:
        try:
            password_links.use(token, password)
        except PasswordLinkUnusable:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(used, (NEW, PASSWORD))) == [False, True]


def test_nobody_makes_a_link_for_themselves_or_for_another_organisation(cast: Cast) -> None:
    admin, stranger = cast.actor(cast.pixelpost, "administrator"), cast.person(cast.other_provider, "reviewer")
    assert admin.person_id
    for person, error in ((stranger.pk, NotFound), (uuid4(), NotFound), (admin.person_id, Forbidden)):
        with pytest.raises(error):
            password_links.issue(admin, person, "a reason")
    with pytest.raises(Forbidden):
        password_links.issue(cast.actor(cast.pixelpost, "lead"), stranger.pk, "a reason")
    own = cast.person(cast.pixelpost, "reviewer")
    with pytest.raises(Invalid) as refused:
        password_links.issue(admin, own.pk, "  ")
    assert refused.value.field == "reason"
    own.refresh_from_db()
    assert own.check_password(PASSWORD), "what is refused changes nothing"
    roles.set_person_status(admin, own.pk, "deactivated", "left")
    with pytest.raises(Invalid):
        password_links.issue(admin, own.pk, "came back")


def test_broken_links_say_the_same_to_everybody(cast: Cast) -> None:
    admin, person = cast.actor(cast.pixelpost, "administrator"), cast.person(cast.pixelpost, "reviewer")
    token = password_links.issue(admin, person.pk, "forgotten")
    roles.set_person_status(admin, person.pk, "deactivated", "left")
    pages = [Client().get(f"/new-password/{one}/") for one in (token, token[:-3], "x", "é" * 40)]
    assert {page.status_code for page in pages} == {404}
    texts = {re.sub(r'nonce-[^"]+|value="[^"]*"', "", page.content.decode()) for page in pages}
    assert len(texts) == 1


def test_link_is_shown_once_at_the_desk(cast: Cast) -> None:
    client, person = cast.client(cast.pixelpost, "administrator"), cast.person(cast.pixelpost, "reviewer")
    address = f"/desk/organisation/people/{person.pk}/"
    shown = client.post(address, {"action": "password", "reason": "forgotten"}).content.decode()
    found = re.search(r"http://testserver/new-password/[^<\s]+", shown)
    assert found
    assert found[0] not in client.get("/desk/organisation/").content.decode()
    missing = client.post(address, {"action": "password", "reason": ""}, follow=True).content.decode()
    assert "Enter a reason" in missing
    other = cast.client(cast.other_provider, "administrator")
    assert other.post(address, {"action": "password", "reason": "x"}).status_code == 404


def test_administrator_does_not_become_the_second_person_by_a_link(cast: Cast) -> None:
    house = cast.organisation("Hotline", "hotline", "AT")
    admin, colleague = cast.actor(house, "administrator", "analyst"), cast.person(house, "administrator", "analyst")
    rule_switch.switch(admin, "two", "on", "For a test")
    act = next(one for one in approve.KINDS if approve.KINDS[one].certifies)
    before = actor_of(colleague)
    with acting(before):
        approve.require_settled(before, approve.Act(name=act, subjects=(), reason=""))
    password_links.issue(admin, colleague.pk, "forgotten")
    with acting(before), pytest.raises(PersonTooNew):
        approve.require_settled(before, approve.Act(name=act, subjects=(), reason=""))
    with acting(admin):
        assert newest(admin, password_links.ISSUED, subject=colleague.pk)


def test_sign_in_page_says_what_to_do_without_naming_anybody() -> None:
    page = Client().get("/account/login/").content.decode()
    assert "Forgotten your password? Ask your administrator" in page
