"""Examination: a task is for one machine and one time, and a result is of one task."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from tutela.exchange.errors import ContextMismatchError, EnvelopeMalformedError, UnknownKeyError
from tutela.exchange.message.signed_envelope import sign, trusted_keys
from tutela.exchange.referral import age_encryption
from tutela.exchange.takedown.examination import messages
from tutela.exchange.takedown.examination.evidence import seal_evidence
from tutela.exchange.takedown.examination.fetch import FetchedAddress, FetchedFile
from tutela.exchange.takedown.examination.messages import (
    Asked,
    EvidenceRecipient,
    ExaminationRefusedError,
    ExaminationResult,
    ExaminationTask,
    FoundItem,
    SealedEvidence,
)

NOW = datetime(2026, 2, 10, 14, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
NODE, MACHINE = Ed25519PrivateKey.from_private_bytes(b"n" * 32), Ed25519PrivateKey.from_private_bytes(b"m" * 32)
NODE_KEYS, MACHINE_KEYS = trusted_keys([NODE.public_key()]), trusted_keys([MACHINE.public_key()])
IDENTITY, RECIPIENT = age_encryption.new_identity()
POLICE_IDENTITY, POLICE = age_encryption.new_identity()
ID, OTHER = UUID(int=1), UUID(int=2)
ITEM = FoundItem(position=1, format="jpeg", size=3, sha256="a" * 64, md5="b" * 32)


def task(**change: Any) -> ExaminationTask:
    values: dict[str, Any] = {
        "task_id": UUID(int=4),
        "sender": UUID(int=5),
        "machine": ID,
        "nonce": "ab" * 16,
        "case_number": "T-1",
        "address": "https://host.example.org/x",
        "issued_at": NOW,
        "expires_at": NOW + messages.VALID,
        "evidence": EvidenceRecipient(authority="Police", recipient=POLICE),
    }
    return ExaminationTask(**values | change)


def result(**change: Any) -> ExaminationResult:
    values: dict[str, Any] = {
        "task_id": UUID(int=4),
        "machine": ID,
        "nonce": "ab" * 16,
        "fetched_at": NOW,
        "sent_at": NOW + HOUR,
        "status": 200,
        "items": (ITEM,),
    }
    return ExaminationResult(**values | change)


ASKED = Asked(UUID(int=4), ID, "ab" * 16, NOW, NOW + messages.VALID, POLICE)


def test_a_task_and_its_result_are_read_as_they_were_written() -> None:
    sealed = messages.seal_task(task(), NODE, RECIPIENT)
    assert b"host.example.org" not in sealed
    assert messages.open_task(sealed, IDENTITY, NODE_KEYS, ID, NOW) == task()
    signed = messages.sign_result(result(), MACHINE)
    assert messages.open_result(signed, MACHINE_KEYS, ASKED, NOW + HOUR) == result()


@pytest.mark.parametrize(
    ("change", "now", "field"),
    [
        ({"machine": OTHER}, NOW, "machine"),
        ({}, NOW + messages.VALID, "expires_at"),
        ({}, NOW - HOUR, "issued_at"),
    ],
)
def test_a_task_for_another_machine_or_time_is_refused(change: dict[str, Any], now: datetime, field: str) -> None:
    sealed = messages.seal_task(task(**change), NODE, RECIPIENT)
    with pytest.raises(ExaminationRefusedError, match=field):
        messages.open_task(sealed, IDENTITY, NODE_KEYS, ID, now)


def test_only_its_machine_reads_a_task_and_only_its_node_writes_one() -> None:
    with pytest.raises(age_encryption.CannotOpenError):
        messages.open_task(messages.seal_task(task(), NODE, RECIPIENT), POLICE_IDENTITY, NODE_KEYS, ID, NOW)
    with pytest.raises(UnknownKeyError):
        messages.open_task(messages.seal_task(task(), MACHINE, RECIPIENT), IDENTITY, NODE_KEYS, ID, NOW)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"nonce": "cd" * 16}, "nonce"),
        ({"task_id": OTHER}, "nonce"),
        ({"machine": OTHER}, "nonce"),
        ({"fetched_at": NOW - HOUR}, "fetched_at"),
        ({"fetched_at": NOW + 2 * HOUR, "sent_at": NOW + 2 * HOUR}, "fetched_at"),
        ({"sent_at": NOW + 2 * HOUR}, "sent_at"),
        ({"evidence": SealedEvidence(sha256="c" * 64, size=1, recipient=RECIPIENT)}, "evidence"),
    ],
)
def test_a_result_of_another_task_or_time_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ExaminationRefusedError, match=field):
        messages.open_result(messages.sign_result(result(**change), MACHINE), MACHINE_KEYS, ASKED, NOW + HOUR)


def test_a_result_has_one_purpose_and_one_key() -> None:
    with pytest.raises(ContextMismatchError):
        messages.open_result(
            sign(result().to_bytes(), messages.TASK_CONTEXT, MACHINE).to_bytes(), MACHINE_KEYS, ASKED, NOW
        )
    with pytest.raises(UnknownKeyError):
        messages.open_result(messages.sign_result(result(), NODE), MACHINE_KEYS, ASKED, NOW)
    with pytest.raises(EnvelopeMalformedError):
        messages.open_result(sign(b"{}", messages.RESULT_CONTEXT, MACHINE).to_bytes(), MACHINE_KEYS, ASKED, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"items": (ITEM, ITEM)},
        {"sent_at": NOW - HOUR},
        {"items": (ITEM.model_copy(update={"viewed_seconds": 4000}),)},
        {"status": 600},
        {"content": "x"},
    ],
)
def test_a_result_that_contradicts_itself_cannot_be_built(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        result(**change)


def test_evidence_is_opened_by_the_police_and_has_everything() -> None:
    found = FetchedAddress(
        200, FetchedFile("https://host.example.org/x", "text/html", b"<p>"), [FetchedFile("u", "image/jpeg", b"abc")]
    )
    out = io.BytesIO()
    to = EvidenceRecipient(authority="Police", recipient=POLICE)
    sealed = seal_evidence(task(), to, found, [ITEM], NOW, out)
    assert (sealed.size, sealed.recipient) == (len(out.getvalue()), POLICE)
    clear = io.BytesIO()
    age_encryption.unseal(io.BytesIO(out.getvalue()), clear, [POLICE_IDENTITY])
    with zipfile.ZipFile(clear) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", "page.txt", "files/001.jpeg"]
        assert archive.read("files/001.jpeg") == b"abc"
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["files"][0]["sha256"] == ITEM.sha256
    assert manifest["address"] == task().address
