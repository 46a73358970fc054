"""Signed tasks for a vantage point (`tutela vantage`), and its signed answers: is an address still reachable?

1. A task has an address, conditions of access and times. It has no credentials, and no answer contains content.
2. A list is signed for one vantage point. `sequence` increases with every list, and a list expires.
3. An answer repeats the list's `nonce` and has a sequence of its own, so that an old answer cannot be played again.
4. The caller stores the last sequence after `open_tasks` and `open_results`, in the transaction that uses them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, IPvAnyAddress, ValidationError, model_validator

from tutela.exchange.errors import EnvelopeMalformedError, ExchangeError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Country, Line
from tutela.exchange.message.signed_envelope import Envelope, TrustedKeys, sign, verify
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.takedown.fields import Address, Language
from tutela.exchange.takedown.look import Answer

TASKS_CONTEXT = "tutela/vantage-tasks/1"
RESULTS_CONTEXT = "tutela/vantage-results/1"
MOST_TASKS = 1000
# A vantage point that was off for a week asks for a new list.
LONGEST_VALIDITY = timedelta(days=7)
# Clocks of volunteers' machines differ by minutes; a time in the future beyond this is an error.
CLOCK_TOLERANCE = timedelta(minutes=10)

type Nonce = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
type Sequence = Annotated[int, Field(ge=1, le=2**53 - 1)]


class VantageRefusedError(ExchangeError):
    """The list is not valid for this vantage point or time."""


class Reachability(StrEnum):
    """What the vantage point saw. `forbidden` includes legal blocks (451)."""

    AVAILABLE = "available"
    REDIRECTED = "redirected"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    NAME_NOT_FOUND = "name_not_found"
    UNREACHABLE = "unreachable"
    NOT_CHECKED = "not_checked"


# Statuses of each answer, the one that stands for all of them first.
_STATUSES = {
    Reachability.AVAILABLE: range(200, 300),
    Reachability.NOT_FOUND: (404, 410),
    Reachability.FORBIDDEN: (403, 451, 401, 407),
}
_FAULTS = {"redirect": Reachability.REDIRECTED, "name": Reachability.NAME_NOT_FOUND}


class AccessConditions(Wire):
    """What a site asks of a visitor before it shows the page."""

    referrer: Address | None = None
    language: Language | None = None
    mobile: bool = False
    network_country: Country | None = None


class VantageTask(Wire):
    """One address to check, between two times."""

    task_id: UUID
    address: Address
    conditions: AccessConditions = AccessConditions()
    not_before: Moment
    not_after: Moment

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.not_after <= self.not_before:
            raise ValueError("not_after must be after not_before")
        return self


class VantageTasks(Wire):
    """A list of tasks for one vantage point."""

    schema_version: Literal["1"] = "1"
    list_id: UUID
    sender: UUID
    vantage: UUID
    sequence: Sequence
    nonce: Nonce
    issued_at: Moment
    expires_at: Moment
    tasks: Annotated[tuple[VantageTask, ...], Field(max_length=MOST_TASKS)]

    @model_validator(mode="after")
    def _valid_for_a_time(self) -> Self:
        if not timedelta() < self.expires_at - self.issued_at <= LONGEST_VALIDITY:
            raise ValueError("expires_at must be at most 7 days after issued_at")
        if len({one.task_id for one in self.tasks}) < len(self.tasks):
            raise ValueError("tasks must not contain a task_id twice")
        return self


@dataclass(frozen=True)
class Asked:
    """What a sender keeps of a list, to read the answers: no address."""

    list_id: UUID
    vantage: UUID
    nonce: str
    issued_at: datetime
    task_ids: frozenset[UUID]

    @classmethod
    def of(cls, tasks: VantageTasks) -> Asked:
        """What there is to keep of a list."""
        known = frozenset(one.task_id for one in tasks.tasks)
        return cls(tasks.list_id, tasks.vantage, tasks.nonce, tasks.issued_at, known)


class VantageResult(Wire):
    """The answer to one task. `http_status` is of the last answer, `address` where a redirect ended."""

    task_id: UUID
    checked_at: Moment
    reachability: Reachability
    http_status: Annotated[int, Field(ge=100, le=599)] | None = None
    ip: IPvAnyAddress | None = None
    redirected_to: Address | None = None
    detail: Line | None = None

    @model_validator(mode="after")
    def _redirected_somewhere(self) -> Self:
        if self.redirected_to is not None and self.reachability is not Reachability.REDIRECTED:
            raise ValueError("redirected_to is for redirected addresses only")
        return self


class VantageResults(Wire):
    """The answers to one list. `sequence` increases with every answer of this vantage point."""

    schema_version: Literal["1"] = "1"
    list_id: UUID
    nonce: Nonce
    vantage: UUID
    sequence: Sequence
    sent_at: Moment
    network_country: Country | None = None
    results: Annotated[tuple[VantageResult, ...], Field(max_length=MOST_TASKS)]


def sign_tasks(tasks: VantageTasks, key: Ed25519PrivateKey) -> bytes:
    """The signed list as bytes."""
    return sign(tasks.to_bytes(), TASKS_CONTEXT, key).to_bytes()


def sign_results(results: VantageResults, key: Ed25519PrivateKey) -> bytes:
    """The signed answers as bytes."""
    return sign(results.to_bytes(), RESULTS_CONTEXT, key).to_bytes()


def open_tasks(data: bytes, keys: TrustedKeys, vantage: UUID, last_sequence: int, now: datetime) -> VantageTasks:
    """Verify a list for this vantage point: signature, addressee, sequence, time.

    Raises `VantageRefusedError`, `EnvelopeMalformedError`, and the errors of `signed_envelope.verify`.
    """
    try:
        tasks = VantageTasks.from_bytes(verify(Envelope.from_bytes(data), TASKS_CONTEXT, keys))
    except ValidationError:
        raise EnvelopeMalformedError from None
    if tasks.vantage != vantage:
        raise VantageRefusedError("vantage: the list is for another vantage point.")
    if tasks.sequence <= last_sequence:
        raise VantageRefusedError("sequence: the list was used before.")
    if tasks.issued_at > now + CLOCK_TOLERANCE:
        raise VantageRefusedError("issued_at: is in the future.")
    if tasks.expires_at <= now:
        raise VantageRefusedError("expires_at: the list has expired.")
    return tasks


def result_of(task_id: UUID, answer: Answer, at: datetime) -> VantageResult:
    """What was seen at the address of a task, as it is sent."""
    seen = next((one for one, statuses in _STATUSES.items() if answer.status in statuses), None)
    return VantageResult(
        task_id=task_id,
        checked_at=at,
        reachability=seen or _FAULTS.get(answer.fault, Reachability.UNREACHABLE),
        http_status=answer.status if 100 <= answer.status <= 599 else None,
    )


def answer_of(result: VantageResult) -> Answer | None:
    """What a vantage point saw; None if it did not look. A status that says otherwise than its word is left out."""
    if result.reachability is Reachability.NOT_CHECKED:
        return None
    allowed = _STATUSES.get(result.reachability)
    if allowed is not None:
        status = result.http_status
        return Answer(status if status is not None and status in allowed else allowed[0])
    if result.reachability is Reachability.UNREACHABLE and result.http_status and result.http_status >= 500:
        return Answer(result.http_status)
    return Answer(0, next((fault for fault, one in _FAULTS.items() if one is result.reachability), "connection"))


def open_results(data: bytes, keys: TrustedKeys, tasks: Asked, last_sequence: int, now: datetime) -> VantageResults:
    """Verify answers to a list: signature, list, nonce, sequence, and that each answers a task of the list.

    `keys` are those of this vantage point alone. Raises as `open_tasks`.
    """
    try:
        results = VantageResults.from_bytes(verify(Envelope.from_bytes(data), RESULTS_CONTEXT, keys))
    except ValidationError:
        raise EnvelopeMalformedError from None
    if (results.list_id, results.nonce, results.vantage) != (tasks.list_id, tasks.nonce, tasks.vantage):
        raise VantageRefusedError("nonce: the answer is to another list.")
    if results.sequence <= last_sequence:
        raise VantageRefusedError("sequence: the answer was used before.")
    if results.sent_at > now + CLOCK_TOLERANCE or results.sent_at < tasks.issued_at - CLOCK_TOLERANCE:
        raise VantageRefusedError("sent_at: must be after the list was issued and not in the future.")
    answered = [one.task_id for one in results.results]
    if not tasks.task_ids.issuperset(answered) or len(set(answered)) < len(answered):
        raise VantageRefusedError("results: each must answer one task of the list, once.")
    if any(one.checked_at > results.sent_at + CLOCK_TOLERANCE for one in results.results):
        raise VantageRefusedError("checked_at: must not be after sent_at.")
    return results
