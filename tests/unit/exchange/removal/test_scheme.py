"""Messages of a host: which hashes it takes, and what it did."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from tutela.exchange.referral import age_encryption
from tutela.exchange.removal.scheme import RemovalAnswer, SchemeAcceptance

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def acceptance(**changed: Any) -> dict[str, Any]:
    given = {"sequence": 1, "accepts": True, "shape": "take_it_down", "types": ["pdq"], "most_days": 365, "at": NOW}
    return {**given, "recipient": age_encryption.new_identity()[1], **changed}


def answer(**changed: Any) -> dict[str, Any]:
    return {
        "answer_id": uuid4(),
        "message_id": uuid4(),
        "sequence": 1,
        "outcome": "removed",
        "at": NOW,
        **changed,
    }


def test_messages_are_read_as_they_were_written() -> None:
    for message in (SchemeAcceptance.model_validate(acceptance()), RemovalAnswer.model_validate(answer())):
        assert type(message).from_bytes(message.to_bytes()) == message


@pytest.mark.parametrize(
    "changed",
    [{"types": []}, {"types": ["pdq", "pdq"]}, {"types": ["sha1"]}, {"most_days": 731}, {"recipient": "age1x"}],
)
def test_terms_of_a_host_have_limits(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SchemeAcceptance.model_validate(acceptance(**changed))


def test_what_is_kept_has_a_reason_and_nothing_else_has() -> None:
    RemovalAnswer.model_validate(answer(outcome="kept", because="lawful"))
    for wrong in ({"outcome": "kept"}, {"because": "lawful"}, {"outcome": "deleted", "because": "lawful"}):
        with pytest.raises(ValidationError):
            RemovalAnswer.model_validate(answer(**wrong))


def test_an_answer_names_no_item_and_no_account() -> None:
    for more in ("item", "account", "address"):
        with pytest.raises(ValidationError):
            RemovalAnswer.model_validate(answer(**{more: "x"}))
