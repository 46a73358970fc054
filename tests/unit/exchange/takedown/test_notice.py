"""Notices: complete by construction, anonymous for this subject only, and without contact details."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from tutela.exchange.message.problem import in_words
from tutela.exchange.takedown.notice import ActionTaken, Notice, NoticeAnswer, NoticeDecided, NoticeReceived, covered

NOTICE: dict[str, Any] = {
    "reference": "EX-2026-000123",
    "submitted_at": "2026-02-10T14:05:00Z",
    "notifier": {"kind": "trusted_flagger", "name": "Example Hotline", "email": "notices@hotline.example"},
    "explanation": "Assessed by two analysts as interpol:baseline.",
    "legal_grounds": ["Directive 2011/93/EU Art. 5"],
    "locations": [
        {"url": "https://host.example/x/1", "additional_information": "image 3", "hashes": {"sha256": "0a" * 32}},
        {"url": "https://host.example/x/2"},
    ],
    "good_faith": True,
    "requested_action": "remove",
    "language": "en",
}
DECIDED: dict[str, Any] = {
    "reference": "EX-2026-000123",
    "received_at": "2026-02-10T14:06:00Z",
    "decided_at": "2026-02-10T15:00:00Z",
    "action": "removed",
    "automated": False,
    "redress": "Complain to complaints@host.example within six months.",
}


def read(model: type[Notice | NoticeDecided], value: dict[str, Any]) -> Any:
    return model.from_bytes(json.dumps(value).encode())


def refusal(model: type[Notice | NoticeDecided], value: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        read(model, value)
    return in_words(refused.value)


def test_a_complete_notice_is_read_and_written() -> None:
    notice = read(Notice, NOTICE)
    assert read(Notice, json.loads(notice.to_bytes())) == notice
    assert notice.subject == "child_sexual_abuse"


@pytest.mark.parametrize("field", ["explanation", "locations", "good_faith", "reference", "submitted_at", "language"])
def test_every_element_of_article_16_is_required(field: str) -> None:
    assert field in refusal(Notice, {name: value for name, value in NOTICE.items() if name != field})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"good_faith": False}, "good_faith"),
        ({"explanation": "Illegal."}, "explanation"),
        ({"locations": []}, "locations"),
        ({"locations": [{"url": "/x/1"}]}, "locations.0.url: must be an absolute address"),
        ({"locations": [{"url": "https://u:p@host.example/"}]}, "must not contain a user name"),
        ({"locations": [{"url": "https://host.example/"}, {"url": "HTTPS://HOST.EXAMPLE#a"}]}, "twice"),
        ({"locations": [{"url": "https://host.example/", "hashes": {}}]}, "must contain md5, sha1 or sha256"),
        ({"explanation": "Write to child@family.example about it."}, "explanation: must not contain e-mail"),
        ({"explanation": "The number is +39 06 0000 0000 there."}, "explanation: must not contain e-mail"),
        ({"victim": {"name": "x"}}, "victim"),
        ({"notifier": {"kind": "hotline", "name": "H", "email": "a@b.example\nBcc: c@d.example"}}, "notifier.email"),
        ({"language": "English"}, "language"),
    ],
)
def test_a_refusal_names_field_and_reason(change: dict[str, Any], reason: str) -> None:
    assert reason in refusal(Notice, NOTICE | change)


def test_an_anonymous_notice_is_for_this_subject_only() -> None:
    anonymous = {name: value for name, value in NOTICE.items() if name != "notifier"}
    assert read(Notice, anonymous).notifier is None
    assert "notifier is required" in refusal(Notice, anonymous | {"subject": "other"})
    assert read(Notice, NOTICE | {"subject": "other"}).notifier is not None


def test_a_decision_has_redress_and_a_reason_for_doing_nothing() -> None:
    decision = read(NoticeDecided, DECIDED)
    assert decision.action is ActionTaken.REMOVED
    assert "redress" in refusal(NoticeDecided, {name: DECIDED[name] for name in DECIDED if name != "redress"})
    assert "reason is required" in refusal(NoticeDecided, DECIDED | {"action": "none"})
    assert "before" in refusal(NoticeDecided, DECIDED | {"decided_at": "2026-02-10T14:00:00Z"})
    assert NoticeReceived(reference="A-1", received_at=decision.received_at).provider_reference is None


def test_a_decision_covers_every_location_and_no_other() -> None:
    notice = read(Notice, NOTICE)
    one = DECIDED | {"locations": [{"url": "HTTPS://host.example/x/2#y", "action": "not_found"}]}
    assert covered(notice, read(NoticeDecided, one)) == {
        "https://host.example/x/1": "removed",
        "https://host.example/x/2": "not_found",
    }
    other = DECIDED | {"locations": [{"url": "https://host.example/y", "action": "removed"}]}
    with pytest.raises(ValueError, match="not part of the notice"):
        covered(notice, read(NoticeDecided, other))


def test_an_answer_is_one_receipt_decision_or_reversal() -> None:
    reversal = {"reference": "EX-2026-000123", "reversed_at": "2026-02-11T10:00:00Z", "reason": "After a complaint."}
    for said in ({"decision": DECIDED}, {"reversal": reversal}):
        answer = NoticeAnswer.from_bytes(json.dumps(said).encode())
        assert answer.reference == "EX-2026-000123"
        assert NoticeAnswer.from_bytes(answer.to_bytes()) == answer
    for wrong in ({}, {"decision": DECIDED, "reversal": reversal}):
        with pytest.raises(ValidationError) as refused:
            NoticeAnswer.from_bytes(json.dumps(wrong).encode())
        assert "exactly one" in in_words(refused.value)
