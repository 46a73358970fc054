"""People, keys, sessions, messages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from tests.support.cast import PASSWORD, Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid
from tutela.events.record import EventFilter, search
from tutela.events.transaction import acting
from tutela.organisations.errors import BadCredentials, InvitationUnusable, KeyReused, LastAdministrator
from tutela.organisations.messages import inbox
from tutela.organisations.people import api_keys, directory, invitations, members, roles


def test_an_invitation_works_once(cast: Cast) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    token = invitations.invite(admin, email=f"new-{admin.person_id}@example.org", name="New", roles=["reviewer"])
    person = invitations.accept_invitation(token, PASSWORD)
    assert members.actor_of(person).can("detection.review")
    with pytest.raises(InvitationUnusable):
        invitations.accept_invitation(token, PASSWORD)


def test_an_invitation_expires(cast: Cast) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    token = invitations.invite(admin, email=f"{admin.person_id}@example.org", name="Late", roles=["reviewer"])
    with clock.simulate(datetime.now(UTC) + timedelta(days=8)), pytest.raises(InvitationUnusable):
        invitations.invitation_by_token(token)


def test_deactivation_ends_every_session(cast: Cast) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    client = cast.client(cast.pixelpost, "reviewer")
    assert client.get("/desk/").status_code == 200
    someone = next(m for m in members.members(admin) if m.roles == ["reviewer"])
    roles.set_person_status(admin, someone.id, "deactivated", "left")
    assert client.get("/desk/").status_code == 302


def test_the_last_administrator_cannot_be_removed(cast: Cast) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    assert admin.person_id
    with pytest.raises(LastAdministrator):
        roles.end_role(admin, admin.person_id, "administrator")


def test_two_administrators_cannot_remove_each_other_at_the_same_time(cast: Cast) -> None:
    first, second = (cast.actor(cast.pixelpost, "administrator") for _ in range(2))

    def remove(actor: Actor, other: Actor) -> bool:
        try:
            assert other.person_id
            roles.end_role(actor, other.person_id, "administrator")
        except LastAdministrator:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(remove, *pair) for pair in ((first, second), (second, first))]
        assert sorted(one.result() for one in done) == [False, True]


def test_two_invitations_to_one_address_make_one_person(cast: Cast) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    address = f"twice-{admin.person_id}@example.org"
    tokens = [invitations.invite(admin, email=address, name="New", roles=["reviewer"]) for _ in range(2)]
    invitations.accept_invitation(tokens[0], PASSWORD)
    client = Client(raise_request_exception=False)
    answer = client.post(f"/join/{tokens[1]}/", {"password": PASSWORD, "repeat": PASSWORD})
    assert answer.status_code == 200
    assert "already" in answer.content.decode()


def test_an_accepted_invitation_is_whole_or_not_at_all(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    token = invitations.invite(admin, email=f"whole-{admin.person_id}@example.org", name="New", roles=["reviewer"])

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as broken:
        broken.setattr(invitations, "record", fails)
        with pytest.raises(RuntimeError):
            invitations.accept_invitation(token, PASSWORD)
    assert members.actor_of(invitations.accept_invitation(token, PASSWORD)).can("detection.review")


def test_a_key_is_no_way_around_a_role(cast: Cast) -> None:
    admin = cast.actor(cast.hotline_ie, "administrator")
    with pytest.raises(Invalid) as refused:
        api_keys.create_key(admin, name="Way around", scopes=["indicators:certify"])
    assert refused.value.field == "scopes"
    both = cast.actor(cast.hotline_ie, "administrator", "analyst")
    api_keys.create_key(both, name="Feed", scopes=["indicators:propose"])
    with pytest.raises(Invalid):
        api_keys.issue_key(cast.pixelpost, cast.pixelpost.organisation_id, name="x", scopes=["feedback:submit"])
    page = cast.client(cast.pixelpost, "administrator").get("/desk/organisation/keys/new/").content.decode()
    assert "indicators:certify" not in page
    assert "releases:read" in page


def test_a_suspended_organisation_sees_nobodys_data(cast: Cast) -> None:
    client = cast.client(cast.authority, "investigator")
    assert client.get("/desk/inbox/").status_code == 200
    centre = cast.actor(cast.centre, "administrator")
    directory.set_status(centre, cast.authority.organisation_id, "suspended", "for a test")
    assert client.get("/desk/inbox/").status_code == 404
    assert client.get("/desk/").status_code == 200


def test_what_people_change_about_their_sign_in_is_an_event(cast: Cast) -> None:
    client = cast.client(cast.pixelpost, "reviewer")
    form = {"oldpassword": PASSWORD, "password1": f"{PASSWORD}, again", "password2": f"{PASSWORD}, again"}
    assert client.post("/account/password/change/", form).status_code == 302
    with acting(cast.pixelpost):
        assert search(cast.pixelpost, EventFilter(kind="password.changed"))


def test_the_addresses_of_ones_organisation_are_changed_on_a_page(cast: Cast) -> None:
    client = cast.client(cast.pixelpost, "administrator")
    bad = client.post("/desk/organisation/addresses/", {"api_url": "nonsense", "media_origin": ""})
    assert "Enter only scheme and host" in bad.content.decode()
    good = {"api_url": "http://testserver", "media_origin": "https://media.example"}
    assert client.post("/desk/organisation/addresses/", good).status_code == 302
    assert directory.entry(cast.pixelpost.organisation_id).media_origin == "https://media.example"


@pytest.mark.parametrize("page", ["/desk/organisation/", "/desk/directory/?text=%00", "/desk/events/?actor=a%00b"])
def test_a_zero_character_is_refused_and_no_failure(cast: Cast, page: str) -> None:
    client = cast.client(cast.pixelpost, "administrator")
    wanted = 400 if "%00" in page else 200
    assert client.get(page).status_code == wanted


def test_a_role_that_ended_works_no_longer_at_the_next_request(cast: Cast) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    person = cast.person(cast.pixelpost, "reviewer")
    roles.end_role(admin, person.id, "reviewer")
    assert not members.actor_of(person).can("detection.review")


def test_a_key_acts_within_its_scope_until_it_is_revoked(cast: Cast) -> None:
    row, text = api_keys.create_key(cast.pixelpost, name="Edge", scopes=["reports:submit"])
    actor = api_keys.actor_for(text)
    assert actor.can("reports.submit")
    assert not actor.can("releases.read")
    _new, rotated = api_keys.rotate_key(cast.pixelpost, row.id)
    with pytest.raises(BadCredentials):
        api_keys.actor_for(text)
    assert api_keys.actor_for(rotated).organisation_id == cast.pixelpost.organisation_id


@pytest.mark.parametrize("text", ["", "tut_", "tut_0000000000_x", "nonsense"])
def test_a_wrong_key_is_refused(text: str) -> None:
    with pytest.raises(BadCredentials):
        api_keys.actor_for(text)


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
    client.force_login(cast.person(cast.pixelpost, "reviewer"))
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
    from tutela.organisations.messages import delivery, outbox, outbox_status

    with acting(cast.pixelpost):
        outbox.send(cast.pixelpost, cast.centre.organisation_id, "report", "/x", "{}", key="k", subject_id="s")
        outbox.send(cast.pixelpost, cast.centre.organisation_id, "report", "/x", "{}", key="k", subject_id="s")
    (state,) = outbox_status.states(cast.pixelpost, "s")
    assert state.state == "waiting"
    delivery.deliver_now(cast.pixelpost.organisation_id, state.id)
    (state,) = outbox_status.states(cast.pixelpost, "s")
    assert (state.state, state.attempts) == ("waiting", 1)
    assert state.last_error
