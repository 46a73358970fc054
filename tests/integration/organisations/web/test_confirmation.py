"""An act with consequences first shows what it will change. Nothing changes before that preview is confirmed."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from tests.support.cast import Cast
from tests.support.confirming import token_of
from tutela.events.actor import Actor
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.organisations.errors import BadCredentials
from tutela.organisations.models import ApiKey, Invitation, Person
from tutela.organisations.people import api_keys, roles
from tutela.organisations.web import confirmation


@pytest.fixture
def admin(cast: Cast) -> Client:
    return cast.client(cast.pixelpost, "administrator")


@pytest.fixture
def analyst(cast: Cast) -> Person:
    return cast.person(cast.pixelpost, "reviewer", name="Nova")


def one_click(client: Client, address: str, **fields: str) -> HttpResponse:
    """A form as its page sends it, without confirming."""
    return Client.post(client, address, fields)


def text_of(answer: HttpResponse) -> str:
    return unescape(answer.content.decode())


def held(person: Person) -> set[str]:
    return set(person.role_grants.filter(ended_at=None).values_list("role", flat=True))


def events_of(organisation: Actor) -> int:
    with acting(organisation):
        return Event.objects.filter(organisation_id=organisation.organisation_id).count()


def test_one_click_makes_nobody_an_administrator(cast: Cast, admin: Client, analyst: Person) -> None:
    address, before = f"/desk/organisation/people/{analyst.pk}/", events_of(cast.pixelpost)
    preview = one_click(admin, address, action="grant:administrator")
    shown = text_of(preview)
    assert "Check what will change" in shown
    assert f"{analyst.name} ({analyst.email})" in shown
    assert "Administrator" in shown
    assert held(analyst) == {"reviewer"}
    assert events_of(cast.pixelpost) == before, "a trial leaves no trace"
    one_click(admin, address, action="grant:administrator", confirmed=token_of(preview))
    assert held(analyst) == {"reviewer", "administrator"}


def test_no_change_of_a_person_is_chosen_before_somebody_chooses(admin: Client, analyst: Person) -> None:
    page = admin.get("/desk/organisation/").content.decode()
    select = page[page.index(f'id="a-{analyst.pk}"') :]
    assert select[: select.index("</select>")].index('<option value="">') < select.index("grant:")
    refused = admin.post(f"/desk/organisation/people/{analyst.pk}/", {"action": ""}, follow=True)
    assert "Choose a rule to change." in text_of(refused)
    assert held(analyst) == {"reviewer"}


@pytest.mark.parametrize("fields", [{"name": "Ada", "email": "ada@example.org", "roles": "lead"}])
def test_invitation_names_whom_it_gives_which_roles(cast: Cast, admin: Client, fields: dict[str, str]) -> None:
    preview = one_click(admin, "/desk/organisation/invite/", **fields)
    assert "Ada (ada@example.org)" in text_of(preview)
    assert not Invitation.objects.filter(organisation_id=cast.pixelpost.organisation_id).exists()
    assert "/join/" not in text_of(preview), "the link of a trial leads nowhere"
    made = one_click(admin, "/desk/organisation/invite/", **fields, confirmed=token_of(preview))
    assert "/join/" in text_of(made)
    assert Invitation.objects.filter(organisation_id=cast.pixelpost.organisation_id).count() == 1


def test_key_is_revoked_after_one_preview_at_once_and_for_good(cast: Cast, admin: Client) -> None:
    row, text = api_keys.create_key(cast.pixelpost, name="Edge, hall 2", scopes=["releases:read"])
    address = f"/desk/organisation/keys/{row.pk}/"
    preview = one_click(admin, address, action="revoke")
    assert "Edge, hall 2" in text_of(preview)
    assert "Nobody can take it back." in text_of(preview)
    assert ApiKey.objects.get(pk=row.pk).revoked_at is None
    assert api_keys.actor_for(text).organisation_id == cast.pixelpost.organisation_id
    one_click(admin, address, action="revoke", confirmed=token_of(preview))
    with pytest.raises(BadCredentials):
        api_keys.actor_for(text)


def test_token_confirms_this_form_of_this_person_for_an_hour_alone(
    cast: Cast, admin: Client, analyst: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/desk/organisation/people/{analyst.pk}/"
    token = token_of(one_click(admin, address, action="grant:lead"))
    other = cast.client(cast.pixelpost, "administrator")
    for answer in (
        one_click(other, address, action="grant:lead", confirmed=token),
        one_click(admin, address, action="grant:administrator", confirmed=token),
        one_click(admin, address, action="grant:lead", confirmed=f"{token}x"),
    ):
        assert "has changed since the last preview" in text_of(answer)
    monkeypatch.setattr(confirmation, "LIFETIME", timedelta(0))
    assert "is older than one hour" in text_of(one_click(admin, address, action="grant:lead", confirmed=token))
    assert held(analyst) == {"reviewer"}


def test_what_changed_since_the_preview_is_shown_again(admin: Client, cast: Cast, analyst: Person) -> None:
    address = f"/desk/organisation/people/{analyst.pk}/"
    token = token_of(one_click(admin, address, action="status:deactivated"))
    second = token_of(one_click(admin, address, action="grant:lead"))
    roles.grant_role(cast.actor(cast.pixelpost, "administrator"), analyst.pk, "lead")
    answer = one_click(admin, address, action="grant:lead", confirmed=second)
    assert answer.status_code == 302, "there is nothing left to change, so nothing to confirm"
    assert one_click(admin, address, action="status:deactivated", confirmed=token).status_code == 302
    analyst.refresh_from_db()
    assert not analyst.is_active


def test_exactly_what_was_shown_is_committed_or_nothing(
    cast: Cast, admin: Client, analyst: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The act that is compared is the act that takes effect: it does not run once more after the comparison."""
    address, ran = f"/desk/organisation/people/{analyst.pk}/", list[str]()
    real = roles.grant_role
    monkeypatch.setattr(roles, "grant_role", lambda *said: (ran.append(said[2]), real(*said)))
    token = token_of(one_click(admin, address, action="grant:lead"))
    assert ran == ["lead"]
    one_click(admin, address, action="grant:lead", confirmed=token)
    assert ran == ["lead"] * 2
    assert "lead" in held(analyst)
    assert "Changed. The change takes effect" in text_of(admin.get("/desk/organisation/"))


def test_trial_keeps_neither_a_message_nor_a_session_value(admin: Client, analyst: Person) -> None:
    before = dict(admin.session.items())
    one_click(admin, f"/desk/organisation/people/{analyst.pk}/", action="grant:lead")
    assert dict(admin.session.items()) == before
    assert "Changed. The change takes effect" not in admin.get("/desk/organisation/").content.decode()


def test_wrong_form_is_answered_by_its_own_page(admin: Client) -> None:
    answer = one_click(admin, "/desk/organisation/invite/", name="Ada", email="no address")
    assert "Check what will change" not in text_of(answer)
    assert "Enter a valid email address." in text_of(answer)


def test_stranger_is_asked_to_sign_in_and_another_organisation_finds_nobody(cast: Cast, analyst: Person) -> None:
    address = f"/desk/organisation/people/{analyst.pk}/"
    assert Client().post(address, {"action": "grant:lead"}).status_code == 302
    elsewhere = cast.client(cast.other_provider, "administrator")
    assert one_click(elsewhere, address, action="grant:lead").status_code == 404


@pytest.mark.parametrize("what", ["password", "recover"])
def test_preview_sends_no_mail_and_the_act_one(admin: Client, analyst: Person, what: str) -> None:
    address, fields = f"/desk/organisation/people/{analyst.pk}/", {"action": what, "reason": "Lost telephone"}
    before = len(mail.outbox)
    preview = one_click(admin, address, **fields)
    assert token_of(preview)
    assert len(mail.outbox) == before
    one_click(admin, address, **fields, confirmed=token_of(preview))
    assert len(mail.outbox) == before + 1


def test_back_leads_to_where_the_form_came_from_also_from_a_second_preview(admin: Client, analyst: Person) -> None:
    address, came = f"/desk/organisation/people/{analyst.pk}/", "http://testserver/desk/organisation/"
    first = Client.post(admin, address, {"action": "grant:lead"}, headers={"Referer": came})
    assert f'href="{came}"' in text_of(first)
    fields = {"action": "grant:lead", "confirmed": "old", "confirmed_back": came}
    again = Client.post(admin, address, fields, headers={"Referer": f"http://testserver{address}"})
    assert f'href="{came}"' in text_of(again)
    fields["confirmed_back"] = "https://elsewhere.example/"
    assert "elsewhere.example" not in text_of(Client.post(admin, address, fields))
