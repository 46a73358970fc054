"""Who has a key of another organisation speaks for it nowhere: keys have one recipient, and messages are signed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.conf import settings
from django.test import Client

from tests.support import soft_keys
from tests.support.cast import API_URL, Cast
from tests.support.post import introduce
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.feeds import http_client
from tutela.exchange.message.signed_message import HEADER
from tutela.organisations.approvals import rule_switch, second_person
from tutela.organisations.approvals.approve import NO_INPUT
from tutela.organisations.errors import NeedsKey, PersonTooNew, SamePerson
from tutela.organisations.keys import signing
from tutela.organisations.messages import addresses, delivery, destination, message_signing, outbox
from tutela.organisations.models import ApiKey, Organisation, OutboxMessage
from tutela.organisations.people import api_keys, directory
from tutela.organisations.people.members import actor_of


def _withdrawal() -> bytes:
    return json.dumps({"indicator": str(uuid4()), "reason": "r", "at": clock.now().isoformat()}).encode()


def _path(recipient: Actor) -> str:
    kind = "referral-withdrawals" if recipient.organisation_kind == "authority" else "withdrawals"
    return f"/api/v1/organisations/{recipient.organisation_id}/{kind}"


class _Said:
    """A withdrawal as the Centre would send it to a recipient, each part of which a test may change."""

    def __init__(self, cast: Cast, recipient: Actor, *scopes: str) -> None:
        _row, self.token = api_keys.issue_key(
            cast.centre,
            cast.centre.organisation_id,
            name="to",
            scopes=list(scopes or ("feedback:submit",)),
            recipient_id=recipient.organisation_id,
        )
        self.body, self.path, self.key = _withdrawal(), _path(recipient), str(uuid4())
        self.signature = message_signing.signer(cast.centre, recipient.organisation_id)(self.path, self.key, self.body)

    def send(self, **changed: Any) -> Any:
        said = {**vars(self), **changed}
        headers = {"Authorization": f"Bearer {said['token']}", "Idempotency-Key": said["key"]}
        if said["signature"]:
            headers[HEADER] = said["signature"]
        return Client().post(said["path"], said["body"], "application/json", headers=headers)


def test_a_key_that_leaked_speaks_nowhere_else(cast: Cast) -> None:
    """Whoever got the Centre's key to one recipient has also everything that was signed for that recipient."""
    leaked = _Said(cast, cast.pixelpost, "feedback:submit", "referrals:submit")
    for other in (cast.other_provider, cast.authority):
        for signature in ("", leaked.signature):
            answer = leaked.send(path=_path(other), signature=signature)
            assert answer.status_code == 403, answer.content
    answer = leaked.send(path=_path(cast.authority).replace("referral-withdrawals", "referrals"), body=b"{}")
    assert answer.status_code == 403
    assert leaked.send().status_code == 200, "to its own recipient"


def test_a_message_is_good_for_its_addressee_alone(cast: Cast) -> None:
    first, second = _Said(cast, cast.pixelpost), _Said(cast, cast.other_provider)
    assert second.send(body=first.body, key=first.key, signature=first.signature).status_code == 403
    assert second.send(path=first.path).status_code == 403
    assert second.send().status_code == 200


@pytest.mark.parametrize("changed", [{"body": b"{}"}, {"key": "another"}, {"signature": ""}, {"signature": "e30="}])
def test_a_message_that_was_changed_on_its_way_is_refused(cast: Cast, changed: dict[str, Any]) -> None:
    said = _Said(cast, cast.pixelpost)
    assert said.send(**changed).status_code == 403
    assert said.send().status_code == 200
    assert said.send().json() == said.send().json(), "a repetition is answered as before"


def test_a_message_is_good_for_a_day(cast: Cast) -> None:
    said = _Said(cast, cast.pixelpost)
    with clock.simulate(clock.now() + timedelta(hours=25)):
        assert said.send().status_code == 403


def test_a_key_that_was_revoked_signs_nothing_and_a_retired_one_nothing_more(cast: Cast) -> None:
    authority, body, key = cast.authority, b'{"referral_id": "x"}', "k"
    path, whom = "/api/v1/hold-ends", cast.centre.organisation_id
    retired = message_signing.signer(authority, whom)(path, key, body)
    row = next(one for one in signing.public_keys(authority.organisation_id, "answer") if one.state == "current")
    message_signing.verify(authority, whom, path, key, body, retired)
    with clock.simulate(clock.now() + timedelta(minutes=1)):
        old = message_signing.signer(authority, whom)
        assert old(path, key, body)
        signing.create_key(authority, "answer")
    message_signing.verify(authority, whom, path, key, body, retired)
    with clock.simulate(clock.now() + timedelta(minutes=2)), pytest.raises(message_signing.NotSignedBySender):
        message_signing.verify(authority, whom, path, key, body, old(path, key, body))
    signing.revoke_key(authority, row.key_id)
    with pytest.raises(message_signing.NotSignedBySender):
        message_signing.verify(authority, whom, path, key, body, retired)


def test_another_organisations_signature_is_not_the_senders(cast: Cast) -> None:
    said = _Said(cast, cast.pixelpost)
    for stranger in (cast.pixelpost, cast.authority):
        forged = message_signing.signer(stranger, cast.pixelpost.organisation_id)(said.path, said.key, said.body)
        assert said.send(signature=forged).status_code == 403


def test_an_authority_signs_what_it_tells_the_centre(cast: Cast) -> None:
    key = cast.key(cast.authority, "outcomes:submit")
    ApiKey.objects.filter(organisation_id=cast.authority.organisation_id).update(
        recipient_id=cast.centre.organisation_id
    )
    for path in ("acknowledgements", "outcomes", "holds", "hold-ends", "referral-returns", "deconfliction/sets"):
        answer = Client().post(
            f"/api/v1/{path}", "{}", "application/json", headers={**key, "Idempotency-Key": str(uuid4())}
        )
        assert answer.status_code == 403, path
        assert "Tutela-Signature" in answer.json()["detail"]


def test_a_provider_files_with_its_key_alone(cast: Cast) -> None:
    """A machine that is no node of Tutela: refused for what the report says, not for its signature."""
    _row, text = api_keys.create_key(cast.pixelpost, name="filing", scopes=["reports:submit"])
    headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": "k"}
    assert cast.centre
    assert Client().post("/api/v1/reports", "{}", "application/json", headers=headers).status_code == 422
    wrong = message_signing.signer(cast.pixelpost, cast.other_provider.organisation_id)("/api/v1/reports", "k", b"{}")
    refused = Client().post("/api/v1/reports", "{}", "application/json", headers={**headers, HEADER: wrong})
    assert refused.status_code == 403, "and what it signs must hold"


def test_a_key_has_one_recipient_for_good(cast: Cast) -> None:
    _row, text = api_keys.issue_key(
        cast.centre, cast.centre.organisation_id, name="to Pixelpost", scopes=["feedback:submit"]
    )
    outbox.set_credential(cast.centre, cast.pixelpost.organisation_id, text)
    outbox.set_credential(cast.centre, cast.pixelpost.organisation_id, text)
    for sender, peer in ((cast.centre, cast.other_provider), (cast.authority, cast.pixelpost)):
        with pytest.raises(Invalid):
            outbox.set_credential(sender, peer.organisation_id, text)
    assert ApiKey.objects.get(
        organisation_id=cast.centre.organisation_id,
        name="to Pixelpost",
        revoked_at=None,
        recipient_id=cast.pixelpost.organisation_id,
    )


def test_no_key_of_this_node_goes_to_an_address_in_the_directory(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PEER_NETWORKS", "127.0.0.0/8")
    introduce(cast, cast.centre, cast.pixelpost, "feedback:submit")
    Organisation.objects.filter(pk=cast.pixelpost.organisation_id).update(api_url="http://127.0.0.1:9")
    seen = list[httpx.URL]()

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return httpx.Response(200, json={})

    with acting(cast.centre):
        message = outbox.send(
            cast.centre, cast.pixelpost.organisation_id, "feedback", "/api/v1/x", "{}", key="k", subject_id="s"
        )
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        assert delivery.deliver_now(cast.centre.organisation_id, message, client) is None
    assert [f"{one.scheme}://{one.netloc.decode()}" for one in seen] == [settings.PUBLIC_URL]


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34",
        "https://10.1.2.3",
        "https://127.0.0.1",
        "http://127.0.0.1:9",
        "https://[::1]",
        "https://169.254.169.254",
        "ftp://93.184.216.34",
        "",
    ],
)
def test_the_outbox_asks_no_private_address_and_nothing_without_tls(cast: Cast, url: str) -> None:
    outbox.set_credential(cast.centre, cast.pixelpost.organisation_id, "tut_elsewhere_" + "k" * 40)
    Organisation.objects.filter(pk=cast.pixelpost.organisation_id).update(api_url=url)
    with acting(cast.centre):
        message = outbox.send(
            cast.centre, cast.pixelpost.organisation_id, "feedback", "/api/v1/x", "{}", key="k", subject_id="s"
        )
    assert delivery.deliver_now(cast.centre.organisation_id, message) is not None
    with acting(cast.centre):
        error = OutboxMessage.objects.get(pk=message).last_error
    assert "did not answer" not in error, "nobody was asked"


def test_a_listed_network_is_asked_by_https_and_this_machine_by_http(
    monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    monkeypatch.setattr(settings, "PEER_NETWORKS", "10.1.0.0/16, 127.0.0.0/8")
    assert destination.place_of("https://10.1.2.3:8443", "tut_x_y").base == "https://10.1.2.3:8443"
    assert destination.place_of("http://127.0.0.1:8443", "tut_x_y").base == "http://127.0.0.1:8443"
    with pytest.raises(http_client.AddressRefusedError):
        destination.place_of("http://10.1.2.3", "tut_x_y")


def _values(organisation: Actor, kind: str) -> list[dict[str, Any] | None]:
    with acting(organisation):
        return [e.facts for e in timeline("organisation", organisation.organisation_id) if e.kind == kind]


def test_a_new_api_address_waits_for_a_second_person(cast: Cast) -> None:
    first, second = (cast.actor(cast.pixelpost, "administrator") for _ in range(2))
    new, origin = "https://elsewhere.example", "https://media.example"
    assert addresses.change(first, api_url=new, media_origin=origin, reason="We moved")
    entry = directory.entry(cast.pixelpost.organisation_id)
    assert (entry.api_url, entry.media_origin) == (API_URL, origin)
    (asked,) = second_person.list_pending(first)
    with pytest.raises(SamePerson):
        second_person.agree(first, asked.id, NO_INPUT)
    assert directory.entry(cast.pixelpost.organisation_id).api_url == API_URL
    second_person.agree(second, asked.id, NO_INPUT)
    assert directory.entry(cast.pixelpost.organisation_id).api_url == new
    (facts,) = _values(cast.pixelpost, "organisation.address")
    assert facts == {"before": API_URL, "now": new, "asked_by": first.reference}


def test_the_rules_of_approvals_hold_for_an_api_address(cast: Cast) -> None:
    first, second = (cast.actor(cast.pixelpost, "administrator") for _ in range(2))
    rule_switch.switch(first, "two", "on", "Policy of the house")
    newcomer = actor_of(cast.person(cast.pixelpost, "administrator", days=0))
    assert addresses.change(first, api_url="https://elsewhere.example", media_origin="", reason="We moved")
    (asked,) = second_person.list_pending(first)
    with pytest.raises(PersonTooNew):
        second_person.agree(newcomer, asked.id, NO_INPUT)
    assert directory.entry(cast.pixelpost.organisation_id).api_url == API_URL
    second_person.agree(second, asked.id, NO_INPUT)
    assert directory.entry(cast.pixelpost.organisation_id).api_url == "https://elsewhere.example"


def test_a_newcomer_neither_asks_for_another_api_address_nor_agrees_to_one(cast: Cast) -> None:
    first, second = (cast.actor(cast.pixelpost, "administrator") for _ in range(2))
    founded = clock.now() - timedelta(days=30)
    Organisation.objects.filter(pk=cast.pixelpost.organisation_id).update(created_at=founded)
    newcomer = actor_of(cast.person(cast.pixelpost, "administrator", days=1))
    with pytest.raises(PersonTooNew):
        addresses.change(newcomer, api_url="https://elsewhere.example", media_origin="", reason="We moved")
    assert addresses.change(first, api_url="https://elsewhere.example", media_origin="", reason="We moved")
    (asked,) = second_person.list_pending(first)
    with pytest.raises(PersonTooNew):
        second_person.agree(newcomer, asked.id, NO_INPUT)
    assert directory.entry(cast.pixelpost.organisation_id).api_url == API_URL
    second_person.agree(second, asked.id, NO_INPUT)
    assert directory.entry(cast.pixelpost.organisation_id).api_url == "https://elsewhere.example"


def test_a_second_person_who_has_a_security_key_agrees_to_an_api_address_with_it(cast: Cast) -> None:
    first, second = (cast.actor(cast.pixelpost, "administrator") for _ in range(2))
    with soft_keys.at():
        key = soft_keys.SoftKey().added_by(second.person_id)
        assert addresses.change(first, api_url="https://elsewhere.example", media_origin="", reason="We moved")
        (asked,) = second_person.list_pending(first)
        with pytest.raises(NeedsKey):
            second_person.agree(second, asked.id, NO_INPUT)
        assert directory.entry(cast.pixelpost.organisation_id).api_url == API_URL
        second_person.agree(second, asked.id, key.confirms(second, asked.stated))
    assert directory.entry(cast.pixelpost.organisation_id).api_url == "https://elsewhere.example"


def test_an_api_address_needs_a_reason_and_https(cast: Cast) -> None:
    administrator = cast.actor(cast.pixelpost, "administrator")
    for api_url, reason in (("http://elsewhere.example", "r"), ("https://elsewhere.example", " ")):
        with pytest.raises(Invalid):
            addresses.change(administrator, api_url=api_url, media_origin="", reason=reason)
    assert second_person.list_pending(administrator) == []


def test_the_centre_enters_an_address_and_not_its_own(cast: Cast) -> None:
    new, verifier = "https://elsewhere.example", cast.client(cast.centre, "administrator")
    page = f"/desk/directory/{cast.pixelpost.organisation_id}/"
    assert verifier.post(page, {"api_url": "http://elsewhere.example"}).status_code == 200
    assert directory.entry(cast.pixelpost.organisation_id).api_url == API_URL
    assert verifier.post(page, {"api_url": new}).status_code == 302
    assert directory.entry(cast.pixelpost.organisation_id).api_url == new
    with pytest.raises(Forbidden):
        addresses.enter(cast.actor(cast.centre, "administrator"), cast.centre.organisation_id, new)
    stranger = cast.actor(cast.other_provider, "administrator")
    with pytest.raises(Forbidden):
        addresses.enter(stranger, cast.pixelpost.organisation_id, new)


def test_a_key_of_before_is_bound_with_its_next_message(cast: Cast) -> None:
    introduce(cast, cast.centre, cast.pixelpost, "feedback:submit")
    rows = ApiKey.objects.filter(organisation_id=cast.centre.organisation_id, recipient=cast.pixelpost.organisation_id)
    keys = list(rows.values_list("pk", flat=True))
    rows.update(recipient=None)
    with acting(cast.centre):
        message = outbox.send(
            cast.centre, cast.pixelpost.organisation_id, "feedback", "/api/v1/x", "{}", key="before", subject_id="s"
        )
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={}))) as client:
        delivery.deliver_now(cast.centre.organisation_id, message, client)
    (bound,) = set(ApiKey.objects.filter(pk__in=keys).values_list("recipient", flat=True))
    assert bound == cast.pixelpost.organisation_id


def test_a_key_of_before_says_what_to_do_and_a_new_one_in_its_place_has_its_recipient(cast: Cast) -> None:
    assert cast.centre
    row, text = api_keys.create_key(cast.authority, name="old", scopes=["outcomes:submit", "inbox:read"])
    ApiKey.objects.filter(pk=row.pk).update(recipient_id=None)
    headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": "k"}
    refused = Client().post("/api/v1/referral-returns", "{}", "application/json", headers=headers)
    assert refused.status_code == 403
    assert "Rotate the key" in refused.json()["detail"]
    made, _text = api_keys.rotate_key(cast.authority, row.pk)
    assert made.recipient_id == cast.centre.organisation_id
    again, _text = api_keys.rotate_key(cast.authority, made.pk)
    assert again.recipient_id == cast.centre.organisation_id
