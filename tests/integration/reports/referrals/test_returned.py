"""Referrals that authorities fetch, give back, get once more; files that are sealed anew on the way."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from tests.integration.reports.evidence.test_presealed import CONTENT, DIGEST, Filed
from tests.support import sealed
from tests.support.cast import Cast
from tests.support.post import SigningClient as Client
from tests.support.post import introduce
from tests.support.reports_world import Authority, shared
from tests.support.sealed import addressed
from tutela import clock
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.investigations import retention
from tutela.investigations.errors import AlreadyAcknowledged, AlreadyReturned
from tutela.investigations.evidence import evidence
from tutela.investigations.inbox import fetch
from tutela.investigations.models import ReportIndex
from tutela.investigations.referral_work import answers, return_referral, work_queue
from tutela.organisations.messages import peer_client
from tutela.organisations.models import OutboxMessage
from tutela.organisations.people import directory, encryption_recipients
from tutela.reports.errors import AlreadyReferred
from tutela.reports.models import Evidence, Referral, Report
from tutela.reports.referrals import country_override, delivery
from tutela.reports.referrals import refer as referring
from tutela.reports.triage import assess


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        peer_client, "client", lambda *_: httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application()))
    )


@pytest.fixture
def filed() -> Filed:
    return Filed(addressed())


@pytest.fixture
def other(filed: Filed) -> Authority:
    """A second authority with a key; there is one of a country."""
    return shared(filed.cast, "CY")


def newest(filed: Filed) -> Referral:
    with acting(filed.cast.centre):
        return Referral.objects.filter(report__report_id=filed.id).order_by("-created_at")[0]


def row(filed: Filed) -> Report:
    return filed.world.centre.row(filed.id)


def give_back(filed: Filed, referral: UUID, country: str = "CY") -> None:
    return_referral.give_back(filed.world.authority.investigator, referral, reason="He lives there", country=country)
    filed.world.authority.answer()


def test_not_ours_goes_on_to_the_country_that_is_named_and_the_way_is_shown(filed: Filed, other: Authority) -> None:
    first = filed.world.authority.referred(filed.id)
    give_back(filed, first)
    second = newest(filed)
    assert second.authority_id == other.machine.organisation_id
    assert row(filed).state == "referred"
    filed.world.centre.deliver(other.machine)
    assert work_queue.open_referral(other.investigator, second.referral_id).package
    page = filed.cast.client(filed.cast.centre, "analyst").get(f"/desk/reports/{filed.id}/").content.decode()
    assert "He lives there" in page
    assert "Returned by" in page
    mine = filed.cast.client(filed.world.authority.machine, "investigator").get(f"/desk/inbox/{first}/")
    assert "He lives there" in mine.content.decode()
    assert "Acknowledge referral" not in mine.content.decode()
    inbox, _ = work_queue.inbox(filed.world.authority.investigator, work_queue.ReferralFilter("returned"))
    assert first in [one.referral_id for one in inbox]
    assert first not in [one.referral_id for one in work_queue.inbox(filed.world.authority.investigator)[0]]
    with acting(filed.cast.centre):
        assert "referral.returned" in [e.kind for e in timeline("report", filed.id)]


def test_what_both_give_back_waits_for_an_analyst(
    filed: Filed, other: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Another test may have entered Europol, to which it would go on.
    monkeypatch.setattr(directory, "europol", lambda: None)
    give_back(filed, filed.world.authority.referred(filed.id))
    filed.world.centre.deliver(other.machine)
    return_referral.give_back(other.investigator, newest(filed).referral_id, reason="Nor ours", country="HR")
    other.answer()
    assert row(filed).state == "forward"
    country_override.choose_country(filed.world.centre.lead, filed.id, "CY", "They are wrong")
    referring.refer(filed.world.centre.analyst, filed.id)
    assert newest(filed).authority_id == other.machine.organisation_id
    with pytest.raises(AlreadyReferred):
        referring.refer(filed.world.centre.analyst, filed.id)


def test_an_acknowledged_referral_is_not_given_back_nor_a_returned_one_acknowledged(filed: Filed) -> None:
    investigator = filed.world.authority.investigator
    first = filed.world.authority.referred(filed.id)
    with pytest.raises(Invalid):
        return_referral.give_back(investigator, first, reason=" ")
    with pytest.raises(Invalid):
        return_referral.give_back(investigator, first, reason="x", country="XX")
    with pytest.raises(Invalid):
        return_referral.give_back(investigator, first, reason="x", country="HR")
    answers.acknowledge(investigator, first)
    with pytest.raises(AlreadyAcknowledged):
        return_referral.give_back(investigator, first, reason="x")
    second = Filed(addressed())
    other = second.world.authority.referred(second.id)
    return_referral.give_back(investigator, other, reason="x", country="CY")
    with pytest.raises(AlreadyReturned):
        return_referral.give_back(investigator, other, reason="x")
    with pytest.raises(AlreadyReturned):
        answers.acknowledge(investigator, other)


def returned(filed: Filed, referral: object, headers: dict[str, str], key: str = "k", **changes: Any) -> Any:
    body = {"referral_id": str(referral), "reason": "x", "at": "2026-11-25T00:00:00Z", "authority": "K", **changes}
    return Client().post(
        "/api/v1/referral-returns",
        json.dumps(body),
        "application/json",
        headers={**headers, "Idempotency-Key": key},
    )


def test_strangers_return_nothing_and_twins_return_once(filed: Filed, other: Authority) -> None:
    referral = filed.world.authority.referred(filed.id)
    stranger = filed.cast.key(other.machine, "outcomes:submit")
    assert returned(filed, referral, {}).status_code == 401
    assert returned(filed, referral, stranger).status_code == 404
    assert returned(filed, uuid4(), filed.taker).status_code in (404, 422)
    assert returned(filed, referral, filed.taker, country="xx").status_code == 422
    assert returned(filed, referral, filed.taker, key="a", country="CY").status_code == 201
    assert returned(filed, referral, filed.taker, key="b", country="CY").status_code == 201
    with acting(filed.cast.centre):
        assert Referral.objects.filter(report__report_id=filed.id).count() == 2


def test_an_error_that_was_declared_is_not_returned(filed: Filed) -> None:
    referral = filed.world.authority.referred(filed.id)
    assess.declare_erroneous(filed.world.centre.lead, filed.id, "It shows a quay.", revoke=False)
    assert returned(filed, referral, filed.taker, country="CY").status_code == 409


@pytest.mark.usefixtures("wired")
def test_a_returned_referral_s_file_is_sealed_anew_by_its_first_addressee(filed: Filed, other: Authority) -> None:
    identity = sealed.key(other.machine)
    filed.send(name="quay.jpg")
    first = filed.world.authority.referred(filed.id)
    (old,) = filed.kept()
    assert filed.get(f"evidence/{old.pk}/next").status_code == 404, "it has not been returned"
    give_back(filed, first)
    assert Client().delete(f"/api/v1/evidence/{old.pk}", headers=filed.taker).status_code == 404
    said = filed.get(f"evidence/{old.pk}/next").json()
    now = encryption_recipients.current(other.machine.organisation_id)
    assert now
    assert (said["recipient"], said["key"]) == (now.text, now.key_id)
    page = filed.cast.client(filed.world.authority.machine, "investigator").get(f"/desk/inbox/{first}/evidence/")
    assert now.text in page.content.decode()
    ciphertext = sealed.body(filed.get(f"evidence/{old.pk}"))
    anew = sealed.sealed(sealed.opened(ciphertext, filed.world.identity), now.text)
    address = f"/api/v1/evidence/{old.pk}/resealed?key="
    taker = filed.cast.key(other.machine, "outcomes:submit", "referrals:read")

    def hand_in(body: bytes, key: str, headers: dict[str, str] = filed.taker) -> int:
        return Client().post(address + key, body, "application/octet-stream", headers=headers).status_code

    assert hand_in(anew, "0" * 64) == 409
    assert hand_in(anew[:-1], now.key_id) in (400, 422)
    assert hand_in(anew, now.key_id, taker) == 404
    assert [one.pk for one in filed.kept()] == [old.pk]
    assert hand_in(anew, now.key_id) == 201
    assert hand_in(anew, now.key_id) == 404
    (new,) = filed.kept()
    assert (new.addressee_id, new.resealed_from_id) == (other.machine.organisation_id, old.pk)
    assert sealed.there(old.name) is None
    (listed,) = filed.get(f"referrals/{newest(filed).referral_id}/evidence", taker).json()["evidence"]
    assert listed["clear_sha256"] == DIGEST
    assert sealed.opened(sealed.body(filed.get(f"evidence/{new.pk}", taker)), identity) == CONTENT
    assert filed.get(f"evidence/{new.pk}").status_code == 404
    with acting(filed.cast.centre):
        assert Evidence.objects.get(pk=old.pk).gone_as == "resealed"


def test_where_an_analyst_chose_another_country_the_provider_is_asked_to_send_the_files_again(
    filed: Filed, other: Authority
) -> None:
    sealed.key(other.machine)
    filed.send(name="quay.jpg")
    (old,) = filed.kept()
    assess.assess(filed.world.centre.analyst, filed.id, "forward", "", seen=0)
    country_override.choose_country(filed.world.centre.lead, filed.id, "CY", "A letter says so")
    referring.refer(filed.world.centre.analyst, filed.id)
    assert filed.kept() == []
    assert sealed.there(old.name) is None
    assert "question" in filed.world.centre.told(filed.id)
    told = filed.get(f"reports/{filed.id}/recipient", filed.headers).json()
    assert told["authority"] == other.machine.organisation_name
    body = sealed.sealed(CONTENT, told["recipient"])
    assert filed.send(body, key=told["key"]).status_code == 201
    taker = filed.cast.key(other.machine, "referrals:read")
    assert len(filed.get(f"referrals/{newest(filed).referral_id}/evidence", taker).json()["evidence"]) == 1


def test_a_package_is_sent_once_more_and_is_there_once(filed: Filed) -> None:
    referral = filed.world.authority.referred(filed.id)
    client = filed.cast.client(filed.cast.centre, "analyst")
    address = f"/desk/reports/{filed.id}/referrals/{referral}/again/"
    assert client.post(address).status_code == 302
    assert client.post(f"/desk/reports/{uuid4()}/referrals/{referral}/again/").status_code == 404
    filed.world.centre.deliver(filed.world.authority.machine)
    assert len(filed.world.centre.messages(filed.world.authority.machine, "referral")) >= 2
    inbox, _ = work_queue.inbox(
        filed.world.authority.investigator, work_queue.ReferralFilter(text=newest(filed).number)
    )
    assert [one.referral_id for one in inbox] == [referral]


@pytest.fixture
def behind(cast: Cast) -> Authority:
    """An authority to whose node nothing can be sent: it fetches."""
    return shared(cast, "EE")


@pytest.mark.usefixtures("wired")
def test_an_authority_that_cannot_be_reached_fetches_acknowledges_and_is_asked_no_more(behind: Authority) -> None:
    centre = behind.centre
    report_id = centre.file(behind.report())
    assess.assess(centre.analyst, report_id, "forward", "", seen=0)
    referring.refer(centre.analyst, report_id)
    with acting(centre.machine):
        sent = Referral.objects.get(report__report_id=report_id)
        waiting = OutboxMessage.objects.get(kind="referral", subject_id=str(report_id))
    assert waiting.answered_at is None
    entry = directory.entry(centre.machine.organisation_id)
    found = fetch.pull(behind.machine, entry)
    assert not found.refused
    assert found.taken >= 1
    assert fetch.pull(behind.machine, entry) == fetch.Pulled(0, ())
    with acting(centre.machine):
        assert [e.kind for e in timeline("report", report_id)].count("referral.fetched") == 1
    package = work_queue.open_referral(behind.investigator, sent.referral_id)
    assert hashlib.sha256(package.raw).hexdigest() == sent.sha256
    answers.acknowledge(behind.investigator, sent.referral_id, "A-1")
    behind.answer()
    with acting(centre.machine):
        waiting.refresh_from_db()
    assert waiting.answered_at
    headers = centre.cast.key(behind.machine, "referrals:read")
    numbers = [one["number"] for one in Client().get("/api/v1/referrals", headers=headers).json()["referrals"]]
    assert sent.number not in numbers


def test_what_waits_is_one_s_own(filed: Filed, behind: Authority) -> None:
    referral = filed.world.authority.referred(filed.id)
    assert Client().get("/api/v1/referrals").status_code == 401
    assert str(referral) in filed.get("referrals").content.decode()
    body = filed.get(f"referrals/{referral}")
    assert hashlib.sha256(body.content).hexdigest() == newest(filed).sha256
    stranger = filed.cast.key(behind.machine, "referrals:read")
    assert filed.get(f"referrals/{referral}", stranger).status_code == 404
    assert str(referral) not in filed.get("referrals", stranger).content.decode()
    provider = filed.cast.key(filed.cast.pixelpost, "reports:submit")
    assert filed.get("referrals", provider).status_code == 403
    assess.declare_erroneous(filed.world.centre.lead, filed.id, "It shows a quay.", revoke=False)
    assert filed.get(f"referrals/{referral}").status_code == 409
    assert str(referral) not in filed.get("referrals").content.decode()


def test_where_the_centre_does_not_answer_pulling_says_so(behind: Authority) -> None:
    with pytest.raises(peer_client.PeerSilent):
        fetch.pull(behind.machine, directory.entry(behind.centre.machine.organisation_id))
    introduce(behind.centre.cast, behind.machine, behind.centre.machine, "outcomes:submit", "referrals:read")


@pytest.mark.usefixtures("wired")
def test_more_than_a_page_is_fetched_and_what_was_undone_takes_no_room(
    behind: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MOST_DELIVERIES", 1)
    centre, sent = behind.centre, list[UUID]()
    for urgent in (False, True, False, False):
        changes: dict[str, object] = {"urgency": {"urgent": True, "reason": "He wrote so"}} if urgent else {}
        made = centre.file(behind.report(**changes))
        assess.assess(centre.analyst, made, "forward", "", seen=0)
        referring.refer(centre.analyst, made)
        sent.append(made)
    assess.declare_erroneous(centre.lead, sent[0], "It shows a quay.", revoke=False)
    assert fetch.pull(behind.machine, directory.entry(centre.machine.organisation_id)).taken == 3
    with acting(behind.machine):
        here = set(ReportIndex.objects.filter(report_id__in=sent).values_list("report_id", flat=True))
    assert here == set(sent[1:])
    headers = centre.cast.key(behind.machine, "referrals:read")
    assert Client().get(f"/api/v1/referrals?after={uuid4()}", headers=headers).status_code == 404
    assert Client().get("/api/v1/referrals?after=x", headers=headers).status_code in (400, 422)


def test_a_returned_package_is_erased_as_a_closed_one_is(filed: Filed) -> None:
    referral = filed.world.authority.referred(filed.id)
    give_back(filed, referral)
    machine = filed.world.authority.machine
    with acting(machine):
        assert ("referral", str(referral)) not in list(retention.erase_closed(machine, clock.now() - timedelta(days=1)))
        assert ("referral", str(referral)) in list(retention.erase_closed(machine, clock.now()))
    assert work_queue.open_referral(filed.world.authority.investigator, referral).package is None


@pytest.mark.usefixtures("wired")
def test_what_the_centre_refuses_is_said_and_only_what_it_took_is_recorded(filed: Filed, other: Authority) -> None:
    sealed.key(other.machine)
    filed.send(name="quay.jpg")
    first = filed.world.authority.referred(filed.id)
    (old,) = filed.kept()
    give_back(filed, first)
    mine = filed.world.authority
    centre = directory.entry(filed.cast.centre.organisation_id)
    now = encryption_recipients.current(other.machine.organisation_id)
    assert now
    anew = sealed.sealed(CONTENT, now.text)

    def hand_in(body: bytes, recipient: str) -> None:
        evidence.hand_in(mine.investigator, centre, old.pk, iter([body]), recipient)

    def recorded() -> int:
        with acting(mine.machine):
            return [e.kind for e in timeline("evidence", old.pk)].count("referral.resealed")

    with pytest.raises(peer_client.PeerRefused, match="key"):
        hand_in(anew, filed.to.text)
    with pytest.raises(peer_client.PeerRefused, match="clear bytes"):
        hand_in(anew[:-1], now.text)
    assert recorded() == 0
    hand_in(anew, now.text)
    assert recorded() == 1
    with pytest.raises(NotFound):
        hand_in(anew, now.text)
    assert recorded() == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (409, b'{"title": "T", "detail": "The key has changed."}', peer_client.PeerRefused, "The key has changed."),
        (422, b'{"title": "Something {needs} mending"}', peer_client.PeerRefused, "Something {needs} mending"),
        (403, b"[]", peer_client.PeerRefused, "without a reason"),
        (400, b"[" * 50_000, peer_client.PeerRefused, "without a reason"),
        (409, b'"x' * 200_000, peer_client.PeerRefused, "without a reason"),
        (400, b"\xff", peer_client.PeerRefused, "without a reason"),
        (429, b'{"detail": "later"}', peer_client.PeerSilent, "Try again later"),
        (503, b'{"detail": "later"}', peer_client.PeerSilent, "Try again later"),
    ],
)
def test_a_refusal_is_told_from_silence(
    filed: Filed, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, kind: type[Exception], said: str
) -> None:
    answer = httpx.MockTransport(lambda _request: httpx.Response(status, content=body))
    monkeypatch.setattr(peer_client, "client", lambda *_: httpx.Client(transport=answer))
    centre = directory.entry(filed.cast.centre.organisation_id)
    with pytest.raises(kind) as raised, peer_client.asked(filed.world.authority.machine, centre, "GET", "/api/v1/x"):
        pass
    assert type(raised.value) is kind
    assert said in str(raised.value)
