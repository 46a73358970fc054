"""A provider seals before it sends, and the addressee fetches; what does not fit together is refused."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from tests.support import sealed
from tests.support.post import SigningClient as Client
from tests.support.reporting import item
from tests.support.reports_world import Authority
from tests.support.sealed import Addressed, addressed
from tutela import clock
from tutela.events.transaction import acting
from tutela.exchange.referral import age_encryption
from tutela.exchange.referral.outcome import Returned
from tutela.exchange.report.report import Report
from tutela.investigations.referral_work import work_queue
from tutela.law import holds
from tutela.organisations.keys import sealed_files
from tutela.organisations.messages import peer_client
from tutela.organisations.people import encryption_recipients
from tutela.reports.models import Evidence, Referral
from tutela.reports.referrals import returned
from tutela.reports.triage import assess

CONTENT = b"a quay in the rain" * 5000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Filed:
    """A provider's report about one file, and its client of the API."""

    def __init__(self, world: Addressed) -> None:
        self.world, self.cast = world, world.cast
        self.report: Report = world.authority.report(items=[item(DIGEST)])
        self.id = world.centre.file(self.report)
        self.headers = self.cast.key(self.cast.pixelpost, "reports:submit")
        self.taker = self.cast.key(world.authority.machine, "referrals:read", "outcomes:submit")
        now = encryption_recipients.current(world.authority.machine.organisation_id)
        assert now
        self.to = now
        self.sealed = sealed.sealed(CONTENT, now.text)

    def send(self, body: bytes | None = None, *, headers: dict[str, str] | None = None, **said: Any) -> Any:
        query = {"item": self.report.items[0].item_id, "sha256": DIGEST, "size": len(CONTENT), "key": self.to.key_id}
        address = f"/api/v1/reports/{self.id}/evidence?{urlencode({**query, **said})}"
        return Client().post(
            address, self.sealed if body is None else body, "application/octet-stream", headers=headers or self.headers
        )

    def kept(self) -> list[Evidence]:
        with acting(self.cast.centre):
            return list(Evidence.objects.filter(report_id=self.id, gone_at=None))

    def get(self, path: str, headers: dict[str, str] | None = None) -> Any:
        return Client().get(f"/api/v1/{path}", headers=headers or self.taker)


@pytest.fixture
def filed() -> Filed:
    return Filed(addressed())


def test_a_provider_learns_the_key_seals_and_sends_once(filed: Filed) -> None:
    told = filed.get(f"reports/{filed.id}/recipient", filed.headers).json()
    assert (told["recipient"], told["key"], told["reason"]) == (filed.to.text, filed.to.key_id, None)
    assert told["authority"] == filed.world.authority.machine.organisation_name
    first, second = filed.send(name="quay.jpg", media_type="image/jpeg"), filed.send()
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    (row,) = filed.kept()
    file = sealed.there(row.name)
    assert file
    assert sealed.opened(file.read_bytes(), filed.world.identity) == CONTENT


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size": len(CONTENT) - 1}, "size"),
        ({"size": len(CONTENT) + 70_000}, "size"),
        ({"size": -1}, "size"),
        ({"sha256": "0" * 64}, "sha256"),
        ({"sha256": "x"}, "sha256"),
        ({"item": uuid4()}, "item"),
        ({"item": "x"}, "item"),
        ({"name": "\x01"}, "name"),
    ],
)
def test_what_the_provider_says_must_fit(filed: Filed, change: dict[str, Any], field: str) -> None:
    answer = filed.send(**change)
    assert answer.status_code in (400, 422)
    assert field in answer.content.decode()
    assert filed.kept() == []
    assert not list(sealed_files.folder().rglob("*.part"))


@pytest.mark.parametrize(
    "make",
    [
        lambda sealed_: b"",
        lambda sealed_: CONTENT,
        lambda sealed_: sealed_[:-1],
        lambda sealed_: sealed_ + b"x",
        lambda sealed_: sealed_[:80],
        lambda sealed_: b"age-encryption.org/v1\n" + os.urandom(9000),
        lambda sealed_: b"\xff\xd8\xff" + os.urandom(100_000),
    ],
)
def test_what_is_not_sealed_whole_is_refused(filed: Filed, make: Any) -> None:
    answer = filed.send(make(filed.sealed))
    assert answer.status_code in (400, 422), answer.content
    assert filed.kept() == []
    assert not list(sealed_files.folder().rglob("*.part"))


def test_a_changed_key_is_said_and_nothing_is_kept(filed: Filed) -> None:
    filed.world.identity = sealed.key(filed.world.authority.machine)
    assert filed.send().status_code == 409
    assert filed.kept() == []


def test_strangers_find_nothing(filed: Filed) -> None:
    assert Client().post(f"/api/v1/reports/{filed.id}/evidence", b"x", "application/octet-stream").status_code == 401
    other = filed.cast.key(filed.cast.other_provider, "reports:submit")
    assert filed.get(f"reports/{filed.id}/recipient", other).status_code == 404
    assert filed.send(headers=other).status_code == 404
    assert filed.send(headers=filed.cast.key(filed.cast.pixelpost, "releases:read")).status_code == 403
    filed.send()
    (row,) = filed.kept()
    assert filed.get(f"evidence/{row.pk}").status_code == 404, "there is no referral yet"
    filed.world.authority.referred(filed.id)
    stranger = filed.cast.key(filed.cast.authority, "referrals:read", "outcomes:submit")
    assert filed.get(f"evidence/{row.pk}", stranger).status_code == 404
    assert Client().delete(f"/api/v1/evidence/{row.pk}", headers=stranger).status_code == 404
    assert filed.get(f"evidence/{row.pk}", filed.headers).status_code == 403
    assert len(filed.kept()) == 1


def test_the_package_names_it_the_addressee_fetches_it_and_acknowledging_deletes_it(filed: Filed) -> None:
    filed.send(name="quay.jpg")
    referral = filed.world.authority.referred(filed.id)
    (row,) = filed.kept()
    package = work_queue.open_referral(filed.world.authority.investigator, referral).package
    assert package
    (named,) = package.evidence
    assert (named.evidence_id, named.sha256, named.clear_sha256, named.name) == (row.pk, row.sha256, DIGEST, "quay.jpg")
    listed = filed.get(f"referrals/{referral}/evidence").json()["evidence"]
    assert [one["evidence_id"] for one in listed] == [str(row.pk)]
    answer = filed.get(f"evidence/{row.pk}")
    ciphertext = sealed.body(answer)
    assert hashlib.sha256(ciphertext).hexdigest() == named.sha256
    assert sealed.opened(ciphertext, filed.world.identity) == CONTENT
    client = filed.cast.client(filed.world.authority.machine, "investigator")
    refused = client.post(f"/desk/inbox/{referral}/acknowledge/", {"file_reference": "A-1"}, follow=True)
    assert "Download the sealed files first" in refused.content.decode()
    client.post(f"/desk/inbox/{referral}/acknowledge/", {"file_reference": "A-1", "has_files": "on"})
    filed.world.authority.answer()
    assert filed.kept() == []
    assert sealed.there(row.name) is None
    assert filed.get(f"evidence/{row.pk}").status_code == 404
    with acting(filed.cast.centre):
        row.refresh_from_db()
    assert row.gone_as == "arrived"


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes ask each other in process."""
    monkeypatch.setattr(
        peer_client, "client", lambda *_: httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application()))
    )


@pytest.mark.usefixtures("wired")
def test_an_investigator_downloads_the_sealed_file_through_the_inbox(filed: Filed) -> None:
    filed.send(name="quay.jpg")
    referral = filed.world.authority.referred(filed.id)
    (row,) = filed.kept()
    client = filed.cast.client(filed.world.authority.machine, "investigator")
    page = client.get(f"/desk/inbox/{referral}/evidence/").content.decode()
    assert "quay.jpg" in page
    assert "did not answer" not in page
    assert DIGEST in page
    answer = client.get(f"/desk/inbox/{referral}/evidence/{row.pk}/")
    assert sealed.opened(sealed.body(answer), filed.world.identity) == CONTENT
    assert client.get(f"/desk/inbox/{referral}/evidence/{uuid4()}/").status_code == 404
    analyst = filed.cast.client(filed.world.authority.machine, "analyst")
    assert analyst.get(f"/desk/inbox/{referral}/evidence/{row.pk}/").status_code == 404
    assert (
        filed.cast.client(filed.cast.authority, "investigator")
        .get(f"/desk/inbox/{referral}/evidence/{row.pk}/")
        .status_code
        == 404
    )


def test_where_the_centre_does_not_answer_the_package_is_shown(filed: Filed) -> None:
    filed.send(name="quay.jpg")
    referral = filed.world.authority.referred(filed.id)
    client = filed.cast.client(filed.world.authority.machine, "investigator")
    page = client.get(f"/desk/inbox/{referral}/evidence/").content.decode()
    assert "did not answer" in page
    assert "quay.jpg" in page
    (row,) = filed.kept()
    answer = client.get(f"/desk/inbox/{referral}/evidence/{row.pk}/", follow=True)
    assert "Try again later" in answer.content.decode()


def test_a_file_that_comes_late_is_fetched_and_said_to_have_arrived(filed: Filed) -> None:
    referral = filed.world.authority.referred(filed.id)
    assert filed.send().status_code == 201
    (one,) = filed.get(f"referrals/{referral}/evidence").json()["evidence"]
    assert Client().delete(f"/api/v1/evidence/{one['evidence_id']}", headers=filed.taker).status_code == 200
    assert filed.kept() == []
    assert filed.get(f"referrals/{referral}/evidence").json()["evidence"] == []


def test_nothing_is_taken_for_what_was_unfounded(filed: Filed) -> None:
    assess.assess(filed.world.centre.analyst, filed.id, "unfounded", "It shows a quay.", seen=0, code="not_sexual")
    assert filed.send().status_code == 409
    assert filed.kept() == []


def test_a_folder_that_is_lost_is_said_as_nothing_here(filed: Filed) -> None:
    filed.send()
    filed.world.authority.referred(filed.id)
    (row,) = filed.kept()
    sealed_files.remove(row.name)
    assert filed.get(f"evidence/{row.pk}").status_code == 404


def test_the_ciphertext_names_no_recipient(filed: Filed) -> None:
    """Whoever steals the folder does not learn from a file for whom it is."""
    header = filed.sealed[: age_encryption.header_size(filed.sealed)]
    assert filed.to.text.encode() not in header


@pytest.fixture
def held(filed: Filed) -> Filed:
    """The same once its authority has it and asked for silence."""
    referral = filed.world.authority.referred(filed.id)
    asked = {"referral_id": str(referral), "reason": "r", "until": (clock.now() + timedelta(days=30)).isoformat()}
    assert (
        Client()
        .post("/api/v1/holds", asked, "application/json", headers={**filed.taker, "Idempotency-Key": str(uuid4())})
        .status_code
        == 201
    )
    return filed


def _acknowledge(filed: Filed, row: Evidence) -> None:
    assert Client().delete(f"/api/v1/evidence/{row.pk}", headers=filed.taker).status_code == 200


def test_an_error_under_a_hold_is_not_said_by_the_files(held: Filed) -> None:
    assess.declare_erroneous(held.world.centre.lead, held.id, "Add another account", revoke=False)
    first, second = held.send(), held.send()
    assert (first.status_code, second.status_code) == (201, 200), first.content
    assert first.json() == second.json()
    assert held.kept() == [], "nobody is to open it"
    assert held.get(f"reports/{held.id}/recipient", held.headers).json()["key"] == held.to.key_id
    with clock.simulate(clock.now() + timedelta(days=31)):
        assert held.send().status_code == 409


def test_a_file_that_was_there_when_an_error_was_declared_under_a_hold_is_still_said_to_be_there(held: Filed) -> None:
    first = held.send()
    assess.declare_erroneous(held.world.centre.lead, held.id, "Add another account", revoke=False)
    again = held.send()
    assert (again.status_code, again.json()) == (200, first.json())
    assert held.kept() == []


def test_that_a_file_arrived_is_not_told_by_sending_it_again(held: Filed) -> None:
    first = held.send()
    _acknowledge(held, *held.kept())
    again = held.send()
    assert (again.status_code, again.json()) == (200, first.json())
    assert held.kept() == [], "its addressee has it"


def test_without_a_hold_too_what_arrived_is_there(filed: Filed) -> None:
    filed.world.authority.referred(filed.id)
    first = filed.send()
    _acknowledge(filed, *filed.kept())
    again = filed.send()
    assert (again.status_code, again.json()) == (200, first.json())
    assert filed.kept() == []


def test_who_has_the_report_meanwhile_is_not_said_during_a_hold(held: Filed) -> None:
    """Sealed to whom it was when the hold began; that one seals it anew for the next."""
    second = Authority(held.world.centre, "EE")
    sealed.key(second.machine)
    first = held.send()
    _acknowledge(held, *held.kept())
    centre, mine = held.world.centre.machine, held.world.authority.machine
    with acting(centre):
        referral = Referral.objects.get(report__report_id=held.id)
    said = Returned(
        referral_id=referral.referral_id, reason="Not ours", country="EE", at=clock.now(), authority="Kriminalamt"
    )
    returned.take(centre, mine, said)
    told = held.get(f"reports/{held.id}/recipient", held.headers).json()
    assert told["authority"] == mine.organisation_name
    again = held.send()
    assert (again.status_code, again.json()) == (200, first.json())
    (kept,) = held.kept()
    assert kept.addressee_id == mine.organisation_id


def test_asking_for_a_hold_again_makes_its_beginning_no_later(held: Filed) -> None:
    now = clock.now()
    with acting(held.world.centre.machine):
        began = holds.since("report", held.id)
        referral = Referral.objects.get(report__report_id=held.id)
    asked = {"referral_id": str(referral.referral_id), "reason": "r"}
    until = (now + timedelta(days=60)).isoformat()
    with clock.simulate(now + timedelta(days=29)):
        answer = Client().post(
            "/api/v1/holds",
            {**asked, "until": until},
            "application/json",
            headers={**held.taker, "Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code == 201
        with acting(held.world.centre.machine):
            assert holds.since("report", held.id) == began
    with clock.simulate(now + timedelta(days=61)), acting(held.world.centre.machine):
        assert holds.since("report", held.id) is None
