"""What every page asks about who is signed in: one question, asked anew at each request."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Cast
from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.organisations.errors import UnknownPerson
from tutela.organisations.people import roles, session_lookup

PAGE = "/desk/organisation/people/"


def test_a_page_asks_for_the_session_and_for_the_person(cast: Cast) -> None:
    browser = cast.client(cast.pixelpost, "reviewer")
    browser.get("/desk/events/")
    with CaptureQueriesContext(connection) as asked:
        assert browser.get("/desk/events/nothing/").status_code == 404
    session, someone = (one["sql"] for one in asked)
    assert '"django_session"' in session
    assert "FROM organisations_person p" in someone


def test_what_changes_counts_at_the_next_request(cast: Cast) -> None:
    browser = cast.client(cast.pixelpost, "administrator")
    address = "/desk/organisation/"
    assert browser.get(address).status_code == 200
    session = UserSession.objects.get(session_key=browser.session.session_key)
    person = session_lookup.person(session.user_id)
    other = cast.actor(cast.pixelpost, "administrator")
    Authenticator.objects.filter(user=person).delete()
    assert browser.get(address)["Location"].startswith("/account/2fa/")
    Authenticator.objects.create(user=person, type="totp", data={"secret": ""})
    roles.end_role(other, person.pk, "administrator")
    assert not session_lookup.now(session_lookup.person(person.pk)).roles
    roles.set_person_status(other, person.pk, "deactivated")
    assert not session_lookup.person(person.pk).is_active
    assert browser.get(address)["Location"].startswith("/account/login/")


def test_nobody_is_nobody(cast: Cast) -> None:
    with pytest.raises(UnknownPerson):
        session_lookup.person(uuid7())


def test_a_session_is_last_seen_to_the_minute_and_from_each_browser(cast: Cast) -> None:
    browser, start = cast.client(cast.pixelpost, "reviewer"), clock.now()

    def seen(seconds: int, name: str = "One") -> UserSession:
        with clock.simulate(start + timedelta(seconds=seconds)):
            browser.get("/desk/", headers={"User-Agent": name})
        return UserSession.objects.get(session_key=browser.session.session_key)

    first = seen(0)
    assert seen(59).last_seen_at == first.last_seen_at
    later = seen(61)
    assert later.last_seen_at > first.last_seen_at
    assert seen(62, "Two").user_agent == "Two"
