"""The page of what waits to be sealed anew, and handing in by it: streamed, checked before a byte goes on."""

from __future__ import annotations

import builtins
import hashlib
import json
import os
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client

from tests.integration.reports.evidence.test_presealed import CONTENT, DIGEST, Filed
from tests.support import sealed
from tests.support.reports_world import shared
from tests.support.sealed import addressed
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.referral import age_encryption
from tutela.exchange.referral.resealing import Resealing
from tutela.exchange.referral.unsealing import resealed_name
from tutela.investigations.evidence import resealing
from tutela.investigations.referral_work import return_referral
from tutela.organisations.keys import sealed_files
from tutela.organisations.messages import peer_client
from tutela.organisations.people import encryption_recipients
from tutela.reports.evidence import resealing as evidence_resealing
from tutela.reports.models import Evidence

ADDRESS = "/desk/inbox/resealing/"


@pytest.fixture(autouse=True)
def wired(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes ask each other through their HTTP interfaces, without a socket."""
    monkeypatch.setattr(
        peer_client, "client", lambda *_: httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application()))
    )


class Returned(Filed):
    """A report with a sealed file whose referral its first addressee gave back; a second one has it now."""

    def __init__(self, *, with_key: bool = True) -> None:
        super().__init__(addressed())
        self.next = shared(self.cast, "MT")
        self.identity = sealed.key(self.next.machine) if with_key else ""
        self.send(name="quay.jpg")
        self.first = self.world.authority.referred(self.id)
        self.give_back()
        (self.old,) = self.kept()
        self.desk = self.cast.client(self.world.authority.machine, "investigator")

    def give_back(self) -> None:
        return_referral.give_back(self.world.authority.investigator, self.first, reason="Lives there", country="MT")
        self.world.authority.answer()

    @property
    def recipient(self) -> str:
        now = encryption_recipients.current(self.next.machine.organisation_id)
        assert now
        return now.text

    def anew(self, clear: bytes = CONTENT) -> bytes:
        return sealed.sealed(clear, self.recipient)

    def hand_in(self, body: bytes, name: str = "a.age", client: Client | None = None, **fields: str) -> Any:
        said = {"recipient": self.recipient, **fields}
        parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in said.items()]
        parts.append(f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + body)
        whole = b"".join(b"--zq\r\n" + one + b"\r\n" for one in parts) + b"--zq--\r\n"
        return self.post(whole, client)

    def post(self, whole: bytes, client: Client | None = None) -> Any:
        address = f"/desk/inbox/{self.first}/evidence/{self.old.pk}/reseal/"
        kind = "multipart/form-data; boundary=zq"
        return (client or self.desk).post(address, whole, kind, follow=True)

    def still(self) -> bool:
        """Nothing changed: the old file alone is kept, and no part of another lies about."""
        return [one.pk for one in self.kept()] == [self.old.pk] and not list(sealed_files.folder().rglob("*.part"))

    def recorded(self) -> int:
        with acting(self.world.authority.machine):
            return [e.kind for e in timeline("evidence", self.old.pk)].count("referral.resealed")


@pytest.fixture
def made() -> Returned:
    return Returned()


def page(made: Returned) -> str:
    return str(made.desk.get(ADDRESS).content.decode())


def test_what_waits_is_listed_with_its_command_and_handed_in_on_the_page(made: Returned) -> None:
    shown = page(made)
    assert f"tutela unseal {made.old.pk}.age" in shown
    assert f"--reseal {made.recipient}" in shown
    assert made.next.machine.organisation_name in shown
    named = json.loads(made.desk.get(f"{ADDRESS}files.json").content)
    assert DIGEST in [one["clear_sha256"] for one in named["evidence"]]
    anew = made.anew()
    name = resealed_name(str(made.old.pk), made.recipient)
    done = made.hand_in(anew, name, sha256=hashlib.sha256(anew).hexdigest())
    assert "File uploaded" in done.content.decode()
    assert str(made.old.pk) not in page(made)
    (new,) = made.kept()
    assert (new.addressee_id, new.resealed_from_id) == (made.next.machine.organisation_id, made.old.pk)
    assert made.recorded() == 1
    taker = made.cast.key(made.next.machine, "referrals:read")
    assert sealed.opened(sealed.body(made.get(f"evidence/{new.pk}", taker)), made.identity) == CONTENT
    assert "no longer keeps this file" in made.hand_in(anew).content.decode(), "the same once more"
    assert made.recorded() == 1


def test_a_file_that_is_not_sealed_goes_no_further_than_its_first_piece(
    made: Returned, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = peer_client.asked
    monkeypatch.setattr(peer_client, "asked", lambda *a, **k: (asked.append(a[2]), real(*a, **k))[1])
    for body in (CONTENT, b"", b"age-encryption.org/v1\n", made.anew()[:90], b"-----BEGIN AGE ENCRYPTED FILE-----\n"):
        said = made.hand_in(body).content.decode()
        assert "not forwarded to the Centre" in said or "Choose the resealed file" in said
    assert "POST" not in asked
    assert made.still()


def test_each_wrong_file_is_told_by_name_and_changes_nothing(made: Returned) -> None:
    anew, other = made.anew(), age_encryption.new_identity()[1]
    recipient = made.recipient
    wrong = [
        (made.hand_in(anew, resealed_name(str(uuid4()), recipient)), "another file"),
        (made.hand_in(anew, resealed_name(str(made.old.pk), other)), "another key"),
        (made.hand_in(anew, recipient=other), "key has changed"),
        (made.hand_in(anew, recipient="age1nobody"), "age recipient"),
        (made.hand_in(anew, sha256="0" * 64), "a different SHA-256"),
        (made.hand_in(anew, sha256="x"), "64 hex digits"),
        (made.hand_in(anew[:-1]), "clear bytes"),
        (made.hand_in(anew + b"x" * 100), "clear bytes"),
        (made.hand_in(made.anew(CONTENT + b"x")), "clear bytes"),
        (made.hand_in(sealed.body(made.get(f"evidence/{made.old.pk}"))), "still sealed to your own key"),
    ]
    for answer, said in wrong:
        assert said in answer.content.decode(), said
    assert made.still()
    assert made.recorded() == 0


@pytest.mark.parametrize("cut", [0, 1, 30, 400, 900, -1, -9])
def test_a_form_that_is_cut_hands_in_nothing(made: Returned, cut: int) -> None:
    whole = (
        (
            f'--zq\r\nContent-Disposition: form-data; name="recipient"\r\n\r\n{made.recipient}\r\n'
            '--zq\r\nContent-Disposition: form-data; name="file"; filename="a.age"\r\n\r\n'
        ).encode()
        + made.anew()
        + b"\r\n--zq--"
    )
    made.post(whole[:cut])
    assert made.still()


def test_strangers_and_readers_hand_in_nothing(made: Returned) -> None:
    anew = made.anew()
    assert made.hand_in(anew, client=Client()).redirect_chain[0][0].startswith("/account/login/")
    stranger = made.cast.client(made.next.machine, "investigator")
    assert made.hand_in(anew, client=stranger).status_code == 404
    reader = made.cast.client(made.world.authority.machine, "analyst")
    assert reader.get(ADDRESS).status_code == 200
    assert made.hand_in(anew, client=reader).status_code == 404
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = made.desk.cookies
    assert made.hand_in(anew, client=forged).status_code == 403
    assert made.hand_in(anew, client=forged, csrfmiddlewaretoken="x" * 64).status_code == 403
    assert made.still()
    shown = forged.get(ADDRESS).content.decode()
    token = shown.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert made.hand_in(anew, client=forged, csrfmiddlewaretoken=token).status_code == 200
    assert not made.still()


def test_what_waits_is_told_to_its_first_addressee_alone(made: Returned) -> None:
    def listed(actor: Any) -> list[UUID]:
        answer = made.get("evidence/returned", made.cast.key(actor, "referrals:read"))
        return [one.evidence.evidence_id for one in Resealing.from_bytes(answer.content).files]

    assert made.old.pk in listed(made.world.authority.machine)
    assert listed(made.next.machine) == []
    assert Client().get("/api/v1/evidence/returned").status_code == 401
    assert made.get("evidence/returned", made.cast.key(made.cast.pixelpost, "reports:submit")).status_code == 403


def test_nobody_next_is_said_and_offers_no_form(made: Returned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_resealing.encryption_recipients, "current", lambda _id: None)
    shown = page(made)
    assert "no recipient with a key yet" in shown
    assert f"/evidence/{made.old.pk}/reseal/" not in shown


def test_no_more_than_a_page_is_said_and_that_more_wait(made: Returned, monkeypatch: pytest.MonkeyPatch) -> None:
    Returned()
    monkeypatch.setattr(evidence_resealing, "MOST_FILES", 1)
    found = resealing.waiting_files(made.world.authority.investigator)
    assert (len(found.list.files), found.list.more, found.asked) == (1, True, True)
    assert "More files are pending" in page(made)


def test_a_silent_centre_is_said(made: Returned, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_args: Any, **_more: Any) -> Any:
        raise peer_client.PeerSilent

    monkeypatch.setattr(peer_client, "asked", silent)
    assert "did not answer" in page(made)

    def refusing(*_args: Any, **_more: Any) -> Any:
        raise peer_client.PeerRefused("The other node refused this: {reason}", reason="The key has ended.")

    with monkeypatch.context() as refused:
        refused.setattr(peer_client, "asked", refusing)
        assert "The key has ended." in page(made)
    assert "did not answer" in made.hand_in(made.anew()).content.decode()
    assert made.still()


def test_who_gave_nothing_back_sees_that_nothing_waits(made: Returned) -> None:
    young = made.cast.organisation("Kriminalamt", "authority", "DE")
    assert "No files are pending" in made.cast.client(young, "investigator").get(ADDRESS).content.decode()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every file that is opened for writing."""
    seen: list[str] = []
    real_open, real_os = builtins.open, os.open

    def watched(file: Any, mode: str = "r", *args: Any, **more: Any) -> Any:
        if set(mode) & set("wax+"):
            seen.append(str(file))
        return real_open(file, mode, *args, **more)

    def watched_os(file: Any, flags: int, *args: Any, **more: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            seen.append(str(file))
        return real_os(file, flags, *args, **more)

    monkeypatch.setattr(builtins, "open", watched)
    monkeypatch.setattr(os, "open", watched_os)
    return seen


def test_only_the_shelf_is_written_to(made: Returned, opened: list[str]) -> None:
    anew = made.anew()
    opened.clear()
    made.hand_in(CONTENT * 3000)
    assert opened == [], "a clear file by mistake"
    made.hand_in(anew)
    assert opened
    assert all(one.startswith(str(sealed_files.folder())) for one in opened)


def test_an_age_file_says_nothing_of_its_recipient_and_evidence_stays_the_centre_s(made: Returned) -> None:
    """Sealed to a stranger it is taken; that it does not open its addressee alone can see, as the page's text says."""
    false = sealed.sealed(CONTENT, age_encryption.new_identity()[1])
    made.hand_in(false)
    with acting(made.cast.centre):
        assert Evidence.objects.get(pk=made.old.pk).gone_as == "resealed"
