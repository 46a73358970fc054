"""An authority without a network: a signed referral comes in as a file, signed answers go out as one."""

from __future__ import annotations

import contextlib
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.reports.evidence.test_presealed import CONTENT, Filed
from tests.integration.reports.referrals.test_returned import newest
from tests.support import sealed
from tests.support.sealed import addressed
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.exchange.errors import ContextMismatchError, ExchangeError, SignatureInvalidError, UnknownKeyError
from tutela.exchange.message.signed_envelope import Envelope, sign, trusted_keys
from tutela.exchange.referral import offline_files
from tutela.exchange.referral.offline_files import ANSWERS_CONTEXT, NotAHandoverError
from tutela.exchange.referral.referral import REFERRAL_CONTEXT, Referral
from tutela.investigations.errors import ForAnother
from tutela.investigations.inbox import offline_files as inbox_offline_files
from tutela.investigations.inbox import receive
from tutela.investigations.models import Referral as Inbox
from tutela.investigations.referral_work import answers, return_referral, work_queue
from tutela.organisations.keys import signing
from tutela.organisations.messages import outbox
from tutela.organisations.models import Organisation
from tutela.organisations.people import directory
from tutela.reports.errors import ReferralUndone
from tutela.reports.models import Acknowledgement, Outcome
from tutela.reports.referrals import offline_files as referrals_offline_files
from tutela.reports.referrals import refer as referring
from tutela.reports.triage import assess

HAVE = {"has_files": True}


class Handed(Filed):
    """A referral that is made and given as a file: its outbox delivers nothing."""

    def __init__(self, tmp_path: Path, *, with_file: bool = True) -> None:
        super().__init__(addressed())
        if with_file:
            assert self.send(name="quay.jpg").status_code == 201
        assess.assess(self.world.centre.analyst, self.id, "forward", "", seen=0)
        referring.refer(self.world.centre.analyst, self.id)
        self.referral = newest(self).referral_id
        self.analyst = self.world.centre.analyst
        self.authority = self.world.authority.machine
        self.investigator = self.world.authority.investigator
        self.path = tmp_path / "referral.zip"
        self.path.write_bytes(b"".join(referrals_offline_files.write(self.analyst, self.id, self.referral)))

    def edited(self, **parts: bytes | None) -> Path:
        """The file with parts exchanged, or taken out."""
        target = self.path.with_name("edited.zip")
        with zipfile.ZipFile(self.path) as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                data = parts.get(name.partition(".")[0], old.read(name))
                if data is not None:
                    new.writestr(name, data)
        return target

    def messages(self, data: bytes) -> tuple[offline_files.AnswerMessage, ...]:
        """What a file of answers carries."""
        return offline_files.Answers.from_bytes(Envelope.from_bytes(data).payload).messages

    def settled(self) -> None:
        """The rest of this test's messages wait no longer."""
        with acting(self.authority):
            for _id, kind, key, _body in outbox.bodies(
                self.authority, self.cast.centre.organisation_id, inbox_offline_files.KINDS
            ):
                outbox.settle(self.authority, self.cast.centre.organisation_id, kind, [key])


@pytest.fixture
def handed(tmp_path: Path) -> Any:
    made = Handed(tmp_path)
    made.settled()
    yield made
    made.settled()


def test_the_file_is_verified_and_its_referral_is_in_the_inbox_once(handed: Handed) -> None:
    for _ in range(2):
        found = inbox_offline_files.open_file(handed.authority, handed.path)
        assert (found.referral_id, found.files) == (handed.referral, 1)
    full = work_queue.open_referral(handed.investigator, handed.referral)
    assert hashlib.sha256(full.raw).hexdigest() == newest(handed).sha256
    with zipfile.ZipFile(handed.path) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith(".age")]
        assert sealed.opened(archive.read(name), handed.world.identity) == CONTENT


def test_what_is_not_signed_by_the_centre_for_this_is_refused(handed: Handed) -> None:
    with zipfile.ZipFile(handed.path) as archive:
        envelope = Envelope.from_bytes(archive.read("signed.json"))
    stranger = Ed25519PrivateKey.generate()
    centre = signing.current_private(handed.cast.centre.organisation_id, "receipt")
    for forged, refusal in (
        (sign(envelope.payload, REFERRAL_CONTEXT, stranger).to_bytes(), UnknownKeyError),
        (sign(envelope.payload, REFERRAL_CONTEXT, stranger, envelope.key_id).to_bytes(), SignatureInvalidError),
        (sign(envelope.payload, "tutela/receipt/1", centre).to_bytes(), ContextMismatchError),
        (b"{}", ExchangeError),
        (None, NotAHandoverError),
    ):
        with pytest.raises(refusal):
            inbox_offline_files.open_file(handed.authority, handed.edited(signed=forged))
    with pytest.raises(ForAnother):
        inbox_offline_files.open_file(handed.cast.authority, handed.path)


@given(st.data())
def test_no_change_of_the_file_is_taken_or_fails_otherwise(data: st.DataObject) -> None:
    key = Ed25519PrivateKey.generate()
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("signed.json", sign(b"{}", REFERRAL_CONTEXT, key).to_bytes())
    whole = bytearray(inside.getvalue())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(whole))
        file.flush()
        with contextlib.suppress(ExchangeError, ValueError):
            offline_files.read_referral(Path(file.name), trusted_keys([key.public_key()]))


def test_what_was_undone_leaves_in_no_file(handed: Handed) -> None:
    assess.declare_erroneous(handed.world.centre.lead, handed.id, "It shows a quay.", revoke=False)
    with pytest.raises(ReferralUndone):
        referrals_offline_files.write(handed.analyst, handed.id, handed.referral)


def test_answers_go_out_signed_are_taken_once_and_then_wait_no_more(handed: Handed, tmp_path: Path) -> None:
    inbox_offline_files.open_file(handed.authority, handed.path)
    answers.acknowledge(handed.investigator, handed.referral, "A-1", **HAVE)
    answers.report_outcome(handed.investigator, handed.referral, kind="taken_up", reason="", release="provider")
    data = inbox_offline_files.answers(handed.authority)[0]
    first = referrals_offline_files.take(handed.analyst, data)
    assert [(one.kind, one.reason) for one in first] == [("acknowledgement", ""), ("outcome", "")]
    assert [one.reason for one in referrals_offline_files.take(handed.analyst, data)] == ["", ""]
    with acting(handed.cast.centre):
        assert Acknowledgement.objects.filter(referral__referral_id=handed.referral).count() == 1
        assert Outcome.objects.filter(referral__referral_id=handed.referral).count() == 1
    assert handed.kept() == [], "acknowledging deleted the ciphertext"
    assert inbox_offline_files.handed_over(handed.authority, data) == 2
    with pytest.raises(inbox_offline_files.NothingToSay):
        inbox_offline_files.answers(handed.authority)[0]


def test_a_referral_goes_back_by_file(handed: Handed) -> None:
    inbox_offline_files.open_file(handed.authority, handed.path)
    return_referral.give_back(handed.investigator, handed.referral, reason="Not ours", country="CY")
    (one,) = referrals_offline_files.take(handed.analyst, inbox_offline_files.answers(handed.authority)[0])
    assert (one.kind, one.reason) == ("return", "")


def test_one_message_that_is_refused_stops_no_other(handed: Handed) -> None:
    inbox_offline_files.open_file(handed.authority, handed.path)
    answers.acknowledge(handed.investigator, handed.referral, "A-1", **HAVE)
    envelope = Envelope.from_bytes(inbox_offline_files.answers(handed.authority)[0])
    said = offline_files.Answers.from_bytes(envelope.payload)
    bad = said.messages[0].model_copy(update={"key": "other", "body": {"referral_id": "x"}})
    key = signing.current_private(handed.authority.organisation_id, "answer")
    both = said.model_copy(update={"messages": (bad, *said.messages)})
    found = referrals_offline_files.take(handed.analyst, sign(both.to_bytes(), ANSWERS_CONTEXT, key).to_bytes())
    assert [bool(one.reason) for one in found] == [True, False]


def test_answers_that_another_signed_are_refused(handed: Handed) -> None:
    inbox_offline_files.open_file(handed.authority, handed.path)
    answers.acknowledge(handed.investigator, handed.referral, "A-1", **HAVE)
    envelope = Envelope.from_bytes(inbox_offline_files.answers(handed.authority)[0])
    other = signing.current_private(handed.cast.authority.organisation_id, "answer")
    with pytest.raises(Forbidden):
        referrals_offline_files.take(handed.analyst, sign(envelope.payload, ANSWERS_CONTEXT, other).to_bytes())
    stranger = sign(envelope.payload, ANSWERS_CONTEXT, Ed25519PrivateKey.generate()).to_bytes()
    with pytest.raises(UnknownKeyError):
        referrals_offline_files.take(handed.analyst, stranger)
    changed = bytearray(envelope.to_bytes())
    changed[-20] ^= 1
    with pytest.raises(ExchangeError):
        referrals_offline_files.take(handed.analyst, bytes(changed))
    with acting(handed.cast.centre):
        assert not Acknowledgement.objects.filter(referral__referral_id=handed.referral).exists()


def test_the_pages_write_and_take_files_for_those_who_refer(handed: Handed) -> None:
    client = handed.cast.client(handed.cast.centre, "analyst")
    address = f"/desk/reports/{handed.id}/referrals/{handed.referral}/signed.zip"
    with zipfile.ZipFile(io.BytesIO(sealed.body(client.get(address)))) as archive:
        assert "signed.json" in archive.namelist()
    assert handed.cast.client(handed.cast.pixelpost, "lead").get(address).status_code == 404
    inbox_offline_files.open_file(handed.authority, handed.path)
    answers.acknowledge(handed.investigator, handed.referral, "A-1", **HAVE)
    data = inbox_offline_files.answers(handed.authority)[0]
    page = client.post("/desk/reports/offline-answers/", {"file": SimpleUploadedFile("a.json", data)}).content.decode()
    assert ">accepted<" in page
    for wrong in (b"", b"{}", data[:-5], b"\xff" * 100):
        answer = client.post("/desk/reports/offline-answers/", {"file": SimpleUploadedFile("a.json", wrong)})
        assert answer.status_code == 200
        assert "taken</span>" not in answer.content.decode()
    assert client.post("/desk/reports/offline-answers/", {}).status_code == 200


def test_a_public_key_of_another_node_is_entered_once(handed: Handed) -> None:
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    made = signing.trust(handed.cast.centre, handed.cast.hotline_ie.organisation_id, "answer", public)
    assert signing.owner_of(made.key_id) == handed.cast.hotline_ie.organisation_id
    for text in (public, "x", "00", ""):
        with pytest.raises(Invalid):
            signing.trust(handed.cast.centre, handed.cast.hotline_ie.organisation_id, "answer", text)


def test_what_does_not_fit_in_a_file_is_carried_by_the_next(handed: Handed, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox_offline_files.open_file(handed.authority, handed.path)
    answers.acknowledge(handed.investigator, handed.referral, "A-1", **HAVE)
    reasons = [f"{number} " + "x" * 1800 for number in range(5)]
    for reason in reasons:
        answers.report_outcome(
            handed.investigator, handed.referral, kind="taken_up", reason=reason, release="centre_only"
        )
    monkeypatch.setattr(inbox_offline_files, "MOST_BYTES", 5000)
    first, left = inbox_offline_files.answers(handed.authority)
    assert (len(handed.messages(first)), left) == (3, 3)
    assert [one.kind for one in handed.messages(first)] == ["acknowledgement", "outcome", "outcome"]
    assert inbox_offline_files.answers(handed.authority)[1] == 3, "it waits until it is handed over"
    inbox_offline_files.handed_over(handed.authority, first)
    second, left = inbox_offline_files.answers(handed.authority)
    assert (len(handed.messages(second)), left) == (2, 1)
    monkeypatch.setattr(inbox_offline_files, "MOST_BYTES", 1)
    assert len(handed.messages(inbox_offline_files.answers(handed.authority)[0])) == 1, "one always goes"
    monkeypatch.setattr(inbox_offline_files, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr(inbox_offline_files, "MOST_MESSAGES", 2)
    assert inbox_offline_files.answers(handed.authority)[1] == 1


def test_a_full_file_of_answers_is_one_that_a_centre_takes(handed: Handed) -> None:
    from django.conf import settings as configured

    from tutela.reports.web import offline_pages

    whole = 4 * (inbox_offline_files.MOST_BYTES + 4096) // 3 + 4096  # base64, and what stands around it
    assert whole < offline_pages.MOST_MEGABYTES * 1_000_000
    assert whole < configured.FILE_UPLOAD_MAX_MEMORY_SIZE


@contextlib.contextmanager
def _renamed(organisation_id: UUID, change: Callable[[str], str]) -> Iterator[None]:
    """Another name for a while: the organisations are shared by all tests."""
    row = Organisation.objects.get(pk=organisation_id)
    Organisation.objects.filter(pk=row.pk).update(name=change(row.name))
    yield
    Organisation.objects.filter(pk=row.pk).update(name=row.name)


def test_a_file_for_a_name_that_is_written_otherwise_here_is_taken(handed: Handed) -> None:
    """No signature of a file names its addressee: the name decides, and blanks, case and accents do not."""
    with _renamed(
        handed.authority.organisation_id, lambda name: f" {name.upper()} ".replace("A", "\u00c0").replace(" ", "  ")
    ):
        assert inbox_offline_files.open_file(handed.authority, handed.path).referral_id == handed.referral


def test_the_sender_of_a_message_is_its_key_and_not_its_name(handed: Handed) -> None:
    with zipfile.ZipFile(handed.path) as archive:
        package = Referral.from_bytes(Envelope.from_bytes(archive.read("signed.json")).payload)
    other = package.model_copy(update={"centre": "Le Centre"})
    there = directory.entry(handed.authority.organisation_id)
    status, _answer = receive.receive(handed.cast.centre, there, "renamed", other.to_bytes())
    assert status == 201
    with acting(handed.authority):
        row = Inbox.objects.get(referral_id=package.referral_id)
    assert row.centre_name == handed.cast.centre.organisation_name, "what is shown is what this directory says"
