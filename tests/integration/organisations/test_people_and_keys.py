"""People, keys, sessions, messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.cast import PASSWORD, Cast
from tutela import clock
from tutela.events.acting import acting
from tutela.events.errors import Forbidden, Invalid
from tutela.organisations import apikeys, directory, inbox, people
from tutela.organisations.errors import BadCredentials, InvitationUnusable, KeyReused, LastAdministrator


def test_an_invitation_works_once(cast: Cast) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    token = people.invite(admin, email=f"new-{admin.person_id}@example.org", name="New", roles=["reviewer"])
    person = people.accept_invitation(token, PASSWORD)
    assert people.actor_of(person).can("detection.review")
    with pytest.raises(InvitationUnusable):
        people.accept_invitation(token, PASSWORD)


def test_an_invitation_expires(cast: Cast) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    token = people.invite(admin, email=f"{admin.person_id}@example.org", name="Late", roles=["reviewer"])
    with clock.simulate(datetime.now(UTC) + timedelta(days=8)), pytest.raises(InvitationUnusable):
        people.invitation_by_token(token)


def test_deactivation_ends_every_session(cast: Cast) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    client = cast.client(cast.pixelpost, "reviewer")
    assert client.get("/desk/").status_code == 200
    someone = next(m for m in people.members(admin) if m.roles == ["reviewer"])
    people.set_person_status(admin, someone.id, "deactivated", "left")
    assert client.get("/desk/").status_code == 302


def test_the_last_administrator_cannot_be_removed(cast: Cast) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    assert admin.person_id
    with pytest.raises(LastAdministrator):
        people.end_role(admin, admin.person_id, "administrator")


def test_a_role_that_ended_works_no_longer_at_the_next_request(cast: Cast) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    person = cast.person(cast.pixelpost, "reviewer")
    people.end_role(admin, person.id, "reviewer")
    assert not people.actor_of(person).can("detection.review")


def test_a_key_acts_within_its_scope_until_it_is_revoked(cast: Cast) -> None:
    row, text = apikeys.create_key(cast.pixelpost, name="Edge", scopes=["reports:submit"])
    actor = apikeys.actor_for(text)
    assert actor.can("reports.submit")
    assert not actor.can("releases.read")
    _new, rotated = apikeys.rotate_key(cast.pixelpost, row.id)
    with pytest.raises(BadCredentials):
        apikeys.actor_for(text)
    assert apikeys.actor_for(rotated).organisation_id == cast.pixelpost.organisation_id


@pytest.mark.parametrize("text", ["", "tut_", "tut_0000000000_x", "nonsense"])
def test_a_wrong_key_is_refused(text: str) -> None:
    with pytest.raises(BadCredentials):
        apikeys.actor_for(text)


def test_an_unverified_organisation_is_kept_from_shared_records(cast: Cast) -> None:
    entry = directory.create_organisation(
        cast.centre, name=f"New {cast.pixelpost.organisation_id}", kind="hotline", country="FR"
    )
    actor = directory.acting_for(entry, "system:test", "test")
    assert not actor.on_register
    with pytest.raises(Forbidden):
        actor.require_verified()


def test_an_unknown_country_is_refused_by_name(cast: Cast) -> None:
    with pytest.raises(Invalid) as caught:
        directory.create_organisation(cast.centre, name="X", kind="hotline", country="XX")
    assert caught.value.field == "country"


def test_the_same_message_is_answered_once(cast: Cast) -> None:
    done: list[int] = []

    def work() -> tuple[int, str]:
        done.append(1)
        return 201, '{"ok": true}'

    sender = cast.pixelpost.organisation_id
    first = inbox.once(cast.centre, sender, "key-1", b"body", work)
    assert inbox.once(cast.centre, sender, "key-1", b"body", work) == first
    assert len(done) == 1
    with pytest.raises(KeyReused):
        inbox.once(cast.centre, sender, "key-1", b"other", work)


def test_a_person_without_a_second_factor_is_led_to_set_one_up(cast: Cast) -> None:
    client = Client()
    client.force_login(
        cast.person(cast.pixelpost, "reviewer"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get("/desk/").headers["Location"].startswith("/account/2fa/")


def test_pages_of_the_organisation_answer(cast: Cast) -> None:
    client = cast.client(cast.pixelpost, "administrator")
    for address in ("/desk/", "/desk/organisation/", "/desk/directory/", "/desk/you/", "/desk/organisation/invite/"):
        assert client.get(address).status_code == 200, address


def test_a_page_one_may_not_see_does_not_exist(cast: Cast) -> None:
    client = cast.client(cast.pixelpost, "reviewer")
    assert client.get("/desk/organisation/invite/").status_code == 404
    assert client.get("/desk/directory/new/").status_code == 404


def test_messages_wait_visibly_until_they_are_answered(cast: Cast) -> None:
    from tutela.organisations import outbox

    with acting(cast.pixelpost):
        outbox.send(cast.pixelpost, cast.centre.organisation_id, "report", "/x", "{}", key="k", subject_id="s")
        outbox.send(cast.pixelpost, cast.centre.organisation_id, "report", "/x", "{}", key="k", subject_id="s")
    (state,) = outbox.states(cast.pixelpost, "s")
    assert state.state == "waiting"
    outbox.deliver_now(cast.pixelpost.organisation_id, state.id)
    (state,) = outbox.states(cast.pixelpost, "s")
    assert (state.state, state.attempts) == ("waiting", 1)
    assert state.last_error
