"""A provider seals before it sends, and the addressee fetches; what does not fit together is refused."""

from __future__ import annotations

import hashlib
import os
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client

from tests import sealed
from tests.reporting import item
from tests.sealed import Addressed, addressed
from tutela.events.acting import acting
from tutela.exchange import age
from tutela.exchange.report import Report
from tutela.investigations import desk
from tutela.organisations import peers, recipients, shelf
from tutela.reports import triage
from tutela.reports.models import Evidence

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
        now = recipients.current(world.authority.machine.organisation_id)
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
        ({"size": len(CONTENT) - 1}, "size"), ({"size": len(CONTENT) + 70_000}, "size"), ({"size": -1}, "size"),
        ({"sha256": "0" * 64}, "sha256"), ({"sha256": "x"}, "sha256"), ({"item": uuid4()}, "item"),
        ({"item": "x"}, "item"), ({"name": "\x01"}, "name"),
    ],
)  # fmt: skip
def test_what_the_provider_says_must_fit(filed: Filed, change: dict[str, Any], field: str) -> None:
    answer = filed.send(**change)
    assert answer.status_code in (400, 422)
    assert field in answer.content.decode()
    assert filed.kept() == []
    assert not list(shelf.folder().rglob("*.part"))


@pytest.mark.parametrize(
    "make",
    [
        lambda sealed_: b"", lambda sealed_: CONTENT, lambda sealed_: sealed_[:-1], lambda sealed_: sealed_ + b"x",
        lambda sealed_: sealed_[:80], lambda sealed_: b"age-encryption.org/v1\n" + os.urandom(9000),
        lambda sealed_: b"\xff\xd8\xff" + os.urandom(100_000),
    ],
)  # fmt: skip
def test_what_is_not_sealed_whole_is_refused(filed: Filed, make: Any) -> None:
    answer = filed.send(make(filed.sealed))
    assert answer.status_code in (400, 422), answer.content
    assert filed.kept() == []
    assert not list(shelf.folder().rglob("*.part"))


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
    package = desk.open_referral(filed.world.authority.investigator, referral).package
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
    assert "Fetch the sealed files first" in refused.content.decode()
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
        peers, "client", lambda *_: httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application()))
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
    assert filed.cast.client(filed.cast.authority, "investigator").get(
        f"/desk/inbox/{referral}/evidence/{row.pk}/"
    ).status_code == 404  # fmt: skip


def test_where_the_centre_does_not_answer_the_package_is_shown(filed: Filed) -> None:
    filed.send(name="quay.jpg")
    referral = filed.world.authority.referred(filed.id)
    client = filed.cast.client(filed.world.authority.machine, "investigator")
    page = client.get(f"/desk/inbox/{referral}/evidence/").content.decode()
    assert "did not answer" in page
    assert "quay.jpg" in page
    (row,) = filed.kept()
    answer = client.get(f"/desk/inbox/{referral}/evidence/{row.pk}/", follow=True)
    assert "try again later" in answer.content.decode()


def test_a_file_that_comes_late_is_fetched_and_said_to_have_arrived(filed: Filed) -> None:
    referral = filed.world.authority.referred(filed.id)
    assert filed.send().status_code == 201
    (one,) = filed.get(f"referrals/{referral}/evidence").json()["evidence"]
    assert Client().delete(f"/api/v1/evidence/{one['evidence_id']}", headers=filed.taker).status_code == 200
    assert filed.kept() == []
    assert filed.get(f"referrals/{referral}/evidence").json()["evidence"] == []


def test_nothing_is_taken_for_what_was_unfounded(filed: Filed) -> None:
    triage.assess(filed.world.centre.analyst, filed.id, "unfounded", "It shows a quay.", seen=0, code="not_sexual")
    assert filed.send().status_code == 409
    assert filed.kept() == []


def test_a_folder_that_is_lost_is_said_as_nothing_here(filed: Filed) -> None:
    filed.send()
    filed.world.authority.referred(filed.id)
    (row,) = filed.kept()
    shelf.remove(row.name)
    assert filed.get(f"evidence/{row.pk}").status_code == 404


def test_the_ciphertext_names_no_recipient(filed: Filed) -> None:
    """Whoever steals the folder does not learn from a file for whom it is."""
    header = filed.sealed[: age.header_size(filed.sealed)]
    assert filed.to.text.encode() not in header
