"""Codes of what is unfounded: a closed set, with a text each, in a message that older nodes may have written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from tutela.exchange.message.identifiers import uuid7
from tutela.exchange.report.feedback import Feedback
from tutela.exchange.report.unfounded_reasons import CHOSEN, WORDS, UnfoundedReason, text_of


def message(**fields: Any) -> bytes:
    body = {
        "feedback_id": str(uuid7()),
        "report_id": str(uuid7()),
        "kind": "not_relevant",
        "at": "2026-11-27T10:00:00Z",
        "centre": "EU Centre",
        **fields,
    }
    return json.dumps(body).encode()


def test_every_code_has_a_text_and_the_centres_own_error_is_not_chosen() -> None:
    assert set(WORDS) == set(UnfoundedReason)
    assert all(text_of(one) for one in ["", *UnfoundedReason])
    assert set(UnfoundedReason) - set(CHOSEN) == {UnfoundedReason.CENTRE_ERROR}


def test_a_message_of_an_older_node_has_words_alone() -> None:
    found = Feedback.from_bytes(message(reason="A landscape."))
    assert (found.reason, found.reason_code) == ("A landscape.", None)


def test_a_code_is_enough_and_travels() -> None:
    found = Feedback.from_bytes(message(reason_code="adults"))
    assert found.reason_code is UnfoundedReason.ADULTS
    assert Feedback.from_bytes(found.to_bytes()) == found


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"reason_code": "other"},
        {"reason_code": "unheard_of", "reason": "x"},
        {"kind": "relevant", "reason_code": "adults"},
        {"kind": "closed", "reason_code": "adults"},
    ],
)
def test_no_word_at_all_or_a_code_out_of_place_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Feedback.from_bytes(message(**fields))
