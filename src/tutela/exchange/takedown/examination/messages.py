"""Task for an analyst's machine (`tutela examine`), and its result: digests of what is at an address, never content.

1. A task has an address and its access conditions, cookie and password too. It is signed by the node and sealed to one
   machine (age), so that nobody else reads it on the way.
2. The result is signed by the machine. It repeats the task's `nonce`, and is taken once.
3. Items have digests, kind, size and the seconds for which they were shown. Nothing of the content is in it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, StringConstraints, ValidationError, model_validator

from tutela.exchange.errors import EnvelopeMalformedError, ExchangeError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Country, Line, Md5, Sha256, Size
from tutela.exchange.message.signed_envelope import Envelope, TrustedKeys, sign, verify
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.referral import age_encryption
from tutela.exchange.takedown.fields import Address, Reference
from tutela.exchange.takedown.vantage import CLOCK_TOLERANCE, Nonce

TASK_CONTEXT = "tutela/examination-task/1"
RESULT_CONTEXT = "tutela/examination-result/1"
MOST_ITEMS = 500
# An address moves; what is older is asked for again.
VALID = timedelta(days=2)
LONGEST_VIEWING = 4 * 3600
MOST_NOT_FETCHED = 100_000

type Recipient = Annotated[str, Field(pattern=r"^age1[0-9a-z]{58}$")]
type Pdq = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# A header's value, or nothing.
type Header = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[ -~]*$")]


class ExaminationRefusedError(ExchangeError):
    """The task or result is not valid here or now."""


class AccessConditions(Wire):
    """What a site asks of a visitor, and what the analyst arranges: country of the network, time of day."""

    referrer: Header = ""
    cookie: Header = ""
    password: Annotated[str, Field(max_length=300)] = ""
    device: Header = ""
    country: Country | None = None
    time: Annotated[str, Field(max_length=60)] = ""


class EvidenceRecipient(Wire):
    """The authority to which evidence is sealed, and its key."""

    authority: Line
    recipient: Recipient


class ExaminationTask(Wire):
    """One address for one machine."""

    schema_version: Literal["1"] = "1"
    task_id: UUID
    sender: UUID
    machine: UUID
    nonce: Nonce
    case_number: Reference
    address: Address
    conditions: AccessConditions = AccessConditions()
    evidence: EvidenceRecipient | None = None
    issued_at: Moment
    expires_at: Moment

    @model_validator(mode="after")
    def _valid_for_a_time(self) -> Self:
        if not timedelta() < self.expires_at - self.issued_at <= VALID:
            raise ValueError("expires_at must be at most 2 days after issued_at")
        return self


class FoundItem(Wire):
    """A file at the address. `refused`: why it has no perceptual hash. `part`: a page shows it."""

    position: Annotated[int, Field(ge=1, le=MOST_ITEMS)]
    part: bool = False
    format: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._+-]{0,39}$")]
    size: Size
    sha256: Sha256
    md5: Md5
    pdq: Pdq | None = None
    refused: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None = None
    viewed_seconds: Annotated[int, Field(ge=0, le=LONGEST_VIEWING)] = 0


class SealedEvidence(Wire):
    """The sealed file that the machine wrote: its own digest and size, and whose key opens it."""

    sha256: Sha256
    size: Size
    recipient: Recipient


class ExaminationResult(Wire):
    """What a machine found. `status` is of the address itself, 0 if it did not answer."""

    schema_version: Literal["1"] = "1"
    task_id: UUID
    machine: UUID
    nonce: Nonce
    fetched_at: Moment
    sent_at: Moment
    status: Annotated[int, Field(ge=0, le=599)]
    items: Annotated[tuple[FoundItem, ...], Field(max_length=MOST_ITEMS)]
    # Files that the page shows and that were not fetched: too many, too large, no answer.
    not_fetched: Annotated[int, Field(ge=0, le=MOST_NOT_FETCHED)] = 0
    evidence: SealedEvidence | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if [one.position for one in self.items] != list(range(1, len(self.items) + 1)):
            raise ValueError("items must be numbered from 1")
        if self.sent_at < self.fetched_at:
            raise ValueError("sent_at must not be before fetched_at")
        if sum(one.viewed_seconds for one in self.items) > (self.sent_at - self.fetched_at).total_seconds() + 1:
            raise ValueError("items were shown for longer than the examination lasted")
        return self


@dataclass(frozen=True)
class Asked:
    """What a node keeps of a task, to read its result."""

    task_id: UUID
    machine: UUID
    nonce: str
    issued_at: datetime
    expires_at: datetime
    recipient: str


def seal_task(task: ExaminationTask, key: Ed25519PrivateKey, recipient: str) -> bytes:
    """The task signed by the node's key and sealed to the machine."""
    out = io.BytesIO()
    sealer = age_encryption.Sealer(recipient, out)
    sealer.write(sign(task.to_bytes(), TASK_CONTEXT, key).to_bytes())
    sealer.close()
    return out.getvalue()


def open_task(data: bytes, identity: str, keys: TrustedKeys, machine: UUID, now: datetime) -> ExaminationTask:
    """Unseal and verify a task for this machine.

    Raises `ExaminationRefusedError`, `EnvelopeMalformedError`, and the errors of age and of `signed_envelope.verify`.
    """
    out = io.BytesIO()
    age_encryption.unseal(io.BytesIO(data), out, [identity])
    try:
        task = ExaminationTask.from_bytes(verify(Envelope.from_bytes(out.getvalue()), TASK_CONTEXT, keys))
    except ValidationError:
        raise EnvelopeMalformedError from None
    if task.machine != machine:
        raise ExaminationRefusedError("machine: the task is for another machine.")
    if task.issued_at > now + CLOCK_TOLERANCE:
        raise ExaminationRefusedError("issued_at: is in the future.")
    if task.expires_at <= now:
        raise ExaminationRefusedError("expires_at: the task has expired.")
    return task


def sign_result(result: ExaminationResult, key: Ed25519PrivateKey) -> bytes:
    """The signed result as bytes."""
    return sign(result.to_bytes(), RESULT_CONTEXT, key).to_bytes()


def open_result(data: bytes, keys: TrustedKeys, asked: Asked, now: datetime) -> ExaminationResult:
    """Verify a result: signature, task, nonce, times, and that evidence was sealed to the authority of the task.

    `keys` are those of this machine alone. Raises as `open_task`.
    """
    try:
        result = ExaminationResult.from_bytes(verify(Envelope.from_bytes(data), RESULT_CONTEXT, keys))
    except ValidationError:
        raise EnvelopeMalformedError from None
    if (result.task_id, result.machine, result.nonce) != (asked.task_id, asked.machine, asked.nonce):
        raise ExaminationRefusedError("nonce: the result is of another task.")
    latest = min(now, asked.expires_at) + CLOCK_TOLERANCE
    if not asked.issued_at - CLOCK_TOLERANCE <= result.fetched_at <= latest:
        raise ExaminationRefusedError("fetched_at: must be while the task was valid, and not in the future.")
    if result.sent_at > now + CLOCK_TOLERANCE:
        raise ExaminationRefusedError("sent_at: must not be in the future.")
    if result.evidence is not None and result.evidence.recipient != asked.recipient:
        raise ExaminationRefusedError("evidence: was sealed to another key than that of the task's authority.")
    return result
