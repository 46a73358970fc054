"""Vantage points: a list is for one of them, once, and an answer is to one list, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from tutela.exchange.errors import ContextMismatchError, EnvelopeMalformedError, SignatureInvalidError, UnknownKeyError
from tutela.exchange.message.signed_envelope import Envelope, sign, trusted_keys
from tutela.exchange.takedown.look import Answer
from tutela.exchange.takedown.vantage import (
    RESULTS_CONTEXT,
    TASKS_CONTEXT,
    Asked,
    Reachability,
    VantageRefusedError,
    VantageResult,
    VantageResults,
    VantageTask,
    VantageTasks,
    answer_of,
    open_results,
    open_tasks,
    result_of,
    sign_results,
    sign_tasks,
)

NOW = datetime(2026, 2, 10, 14, 5, tzinfo=UTC)
DAY = timedelta(days=1)
NODE, POINT = Ed25519PrivateKey.from_private_bytes(b"n" * 32), Ed25519PrivateKey.from_private_bytes(b"p" * 32)
NODE_KEYS, POINT_KEYS = trusted_keys([NODE.public_key()]), trusted_keys([POINT.public_key()])
VANTAGE, OTHER, TASK = UUID(int=1), UUID(int=2), UUID(int=3)


def tasks(**change: Any) -> VantageTasks:
    one = VantageTask(task_id=TASK, address="https://host.example/x/1", not_before=NOW, not_after=NOW + DAY)
    values: dict[str, Any] = {
        "list_id": UUID(int=4),
        "sender": UUID(int=5),
        "vantage": VANTAGE,
        "sequence": 7,
        "nonce": "ab" * 16,
        "issued_at": NOW,
        "expires_at": NOW + DAY,
        "tasks": (one,),
    }
    return VantageTasks(**values | change)


def results(**change: Any) -> VantageResults:
    one = VantageResult(task_id=TASK, checked_at=NOW, reachability=Reachability.NOT_FOUND, http_status=404)
    values: dict[str, Any] = {
        "list_id": UUID(int=4),
        "nonce": "ab" * 16,
        "vantage": VANTAGE,
        "sequence": 3,
        "sent_at": NOW,
        "results": (one,),
    }
    return VantageResults(**values | change)


def opened(data: bytes, *, last: int = 6, now: datetime = NOW) -> VantageTasks:
    return open_tasks(data, NODE_KEYS, VANTAGE, last, now)


def test_a_list_and_its_answer_are_read_as_they_were_signed() -> None:
    assert opened(sign_tasks(tasks(), NODE)) == tasks()
    assert open_results(sign_results(results(), POINT), POINT_KEYS, Asked.of(tasks()), 2, NOW) == results()


@pytest.mark.parametrize(
    ("data", "last", "now", "field"),
    [
        (sign_tasks(tasks(vantage=OTHER), NODE), 6, NOW, "vantage"),
        (sign_tasks(tasks(), NODE), 7, NOW, "sequence"),
        (sign_tasks(tasks(), NODE), 6, NOW + DAY, "expires_at"),
        (sign_tasks(tasks(), NODE), 6, NOW - DAY, "issued_at"),
    ],
)
def test_a_list_for_another_point_or_time_is_refused(data: bytes, last: int, now: datetime, field: str) -> None:
    with pytest.raises(VantageRefusedError, match=field):
        opened(data, last=last, now=now)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"nonce": "cd" * 16}, "nonce"),
        ({"list_id": OTHER}, "nonce"),
        ({"vantage": OTHER}, "nonce"),
        ({"sequence": 2}, "sequence"),
        ({"sent_at": NOW - DAY}, "sent_at"),
        ({"sent_at": NOW + DAY}, "sent_at"),
        ({"results": results().results * 2}, "results"),
        ({"results": (results().results[0].model_copy(update={"task_id": OTHER}),)}, "results"),
        ({"results": (results().results[0].model_copy(update={"checked_at": NOW + DAY}),)}, "checked_at"),
    ],
)
def test_an_answer_to_another_list_or_an_old_one_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(VantageRefusedError, match=field):
        open_results(sign_results(results(**change), POINT), POINT_KEYS, Asked.of(tasks()), 2, NOW)


def test_signatures_are_of_a_known_key_for_one_purpose() -> None:
    with pytest.raises(UnknownKeyError):
        opened(sign_tasks(tasks(), POINT))
    with pytest.raises(ContextMismatchError):
        opened(sign(tasks().to_bytes(), RESULTS_CONTEXT, NODE).to_bytes())
    with pytest.raises(EnvelopeMalformedError):
        opened(sign(b"{}", TASKS_CONTEXT, NODE).to_bytes())
    envelope = sign(tasks().to_bytes(), TASKS_CONTEXT, NODE)
    with pytest.raises(SignatureInvalidError):
        opened(Envelope(tasks(sequence=9).to_bytes(), TASKS_CONTEXT, envelope.key_id, envelope.signature).to_bytes())
    with pytest.raises(EnvelopeMalformedError):
        open_results(b"x", POINT_KEYS, Asked.of(tasks()), 2, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": NOW + timedelta(days=8)},
        {"expires_at": NOW},
        {"tasks": tasks().tasks * 2},
        {"nonce": "x"},
        {"password": "x"},
    ],
)
def test_a_list_that_breaks_a_rule_cannot_be_built(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        tasks(**change)
    with pytest.raises(ValidationError):
        VantageResult(
            task_id=TASK, checked_at=NOW, reachability=Reachability.AVAILABLE, redirected_to="https://a.example"
        )


@pytest.mark.parametrize("status", [200, 206, 403, 404, 410, 451, 401, 503])
def test_a_status_arrives_as_it_was_seen(status: int) -> None:
    assert answer_of(result_of(TASK, Answer(status), NOW)) == Answer(status)


@pytest.mark.parametrize("fault", ["redirect", "name", "connection"])
def test_a_fault_arrives_as_it_was_seen(fault: str) -> None:
    assert answer_of(result_of(TASK, Answer(0, fault), NOW)) == Answer(0, fault)


def test_a_status_that_contradicts_its_word_does_not_count() -> None:
    said = VantageResult(task_id=TASK, checked_at=NOW, reachability=Reachability.NOT_FOUND, http_status=200)
    assert answer_of(said) == Answer(404)
    assert answer_of(VantageResult(task_id=TASK, checked_at=NOW, reachability=Reachability.NOT_CHECKED)) is None
