"""The list of what an administrator sets up first, and the page of the installation's checks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.support.cast import Cast
from tutela import clock
from tutela.app.website import setup_checklist
from tutela.events.actor import Actor
from tutela.events.record import newest
from tutela.events.transaction import acting
from tutela.organisations.people import api_keys, directory, invitations, own_profile
from tutela.organisations.people.members import actor_of

ADDRESS = "/desk/organisation/doctor/"


def _steps(actor: Actor) -> dict[str, bool]:
    return {str(one.label): one.done for one in setup_checklist.checklist(actor)}


def test_step_is_done_when_the_data_shows_it(cast: Cast) -> None:
    person = cast.person(cast.pixelpost, "administrator", "lead")
    admin = actor_of(person)
    before = _steps(admin)
    assert not before["Invite a second administrator"]
    assert not before["Add a contact point"]
    assert not before["Create an API key"]
    assert not before["Set up a service"]
    assert not before["Choose your time zone"]
    assert before["Signing keys are present"]
    email = f"second-{admin.person_id}@example.org"
    invitations.invite(admin, email=email, name="Second", roles=["administrator"])
    directory.add_contact(admin, purpose="Law enforcement", email="a@example.org", phone="", languages=["en"])
    made, _text = api_keys.create_key(admin, name="Edge", scopes=["releases:read"])
    own_profile.update(admin, name="Robin", time_zone="Europe/Dublin")
    person.refresh_from_db()
    after = _steps(actor_of(person))
    for label in ("Invite a second administrator", "Add a contact point", "Create an API key", "Choose your time zone"):
        assert after[label], label
    assert after["Set up a list to match with"]
    api_keys.revoke_key(admin, made.pk)
    assert not _steps(actor_of(person))["Create an API key"], "a revoked key is none"


def test_list_ends_when_everything_is_done(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = cast.actor(cast.pixelpost, "administrator")
    done = [setup_checklist.SetupStep("A", "/desk/", done=True)]
    for part in ("_organisation", "_node", "_desk"):
        monkeypatch.setattr(setup_checklist, part, lambda _actor: iter(done))
    assert setup_checklist.checklist(admin) == []


def test_list_is_hidden_and_shown_again_by_each_person(cast: Cast) -> None:
    client, other = (cast.client(cast.pixelpost, "administrator") for _ in range(2))
    assert "Getting started" in client.get("/desk/").content.decode()
    for _twice in range(2):
        assert client.post("/desk/setup-list/", {"shown": "no"}).status_code == 302
    assert "Getting started" not in client.get("/desk/").content.decode()
    assert "Getting started" in other.get("/desk/").content.decode()
    client.post("/desk/setup-list/", {"shown": "yes"})
    assert "Getting started" in client.get("/desk/").content.decode()
    with acting(cast.pixelpost):
        assert newest(cast.pixelpost, setup_checklist.DISMISSED)


def test_list_is_for_administrators_alone(cast: Cast) -> None:
    reviewer = cast.client(cast.pixelpost, "reviewer")
    assert "Getting started" not in reviewer.get("/desk/").content.decode()
    assert reviewer.post("/desk/setup-list/", {"shown": "no"}).status_code == 404


@pytest.fixture
def founders(cast: Cast) -> Client:
    cast.centre  # noqa: B018 - a node has an organisation
    found = directory.founder()
    assert found
    directory_actor = directory.acting_for(found, "system:test", "test")
    return cast.client(directory_actor, "administrator")


def test_checks_are_for_administrators_of_the_nodes_own_organisation(cast: Cast, founders: Client) -> None:
    page = founders.get(ADDRESS)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Row-level security" in text
    assert "Last backup" in text
    assert cast.pixelpost.organisation_name not in text
    for stranger in (cast.client(cast.pixelpost, "administrator", "lead"), cast.client(cast.centre, "lead", "analyst")):
        assert stranger.get(ADDRESS).status_code == 404
    assert founders.post(ADDRESS).status_code == 405
    assert Client().get(ADDRESS).status_code == 302


def test_today_warns_of_an_old_backup(cast: Cast, founders: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.simulate(clock.now() + timedelta(days=4000)):
        from tutela.app.website import pages

        old = pages.backup_age()
    assert old.overdue
    monkeypatch.setattr(pages, "backup_age", lambda: old)
    assert "backup of this node was written" in founders.get("/desk/").content.decode()
    assert "backup of this node" not in cast.client(cast.pixelpost, "administrator").get("/desk/").content.decode()
