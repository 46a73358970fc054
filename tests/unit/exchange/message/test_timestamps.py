"""Moments that messages carry: whatever is let in can be kept, read again and shown in every time zone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tutela.events.identifiers import uuid7
from tutela.exchange.feeds.feed import Request
from tutela.exchange.feeds.stopncii import StopNcii
from tutela.exchange.hash_sharing.entries import read_moment
from tutela.exchange.message import timestamps
from tutela.exchange.referral.hold import HoldAsked
from tutela.exchange.referral.outcome import Acknowledgement, Outcome

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
BEYOND = ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "9999-12-31T12:00:00-12:00"]
FOR_EVER = ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00"]


@given(st.datetimes(timezones=OFFSETS))
def test_what_is_read_has_a_moment_in_utc(at: datetime) -> None:
    found = timestamps.read(at.isoformat())
    if found is None:
        assert at.year in (1, 9999)
        return
    assert found == at.astimezone(UTC)


@pytest.mark.parametrize("text", FOR_EVER)
def test_for_ever_and_never_are_let_in(text: str) -> None:
    assert timestamps.read(text) == datetime.fromisoformat(text)


@given(st.text(max_size=40))
def test_any_other_text_is_none(text: str) -> None:
    found = timestamps.read(text)
    assert found is None or found.tzinfo is not None


@pytest.mark.parametrize("text", BEYOND)
def test_a_message_of_beyond_the_end_of_time_is_refused_with_its_field(text: str) -> None:
    said: dict[str, Any] = {
        "outcome_id": str(uuid7()),
        "referral_id": str(uuid7()),
        "kind": "taken_up",
        "at": text,
        "authority": "A",
        "release": "provider",
    }
    with pytest.raises(ValidationError) as refused:
        Outcome.from_bytes(json.dumps(said).encode())
    assert [error["loc"] for error in refused.value.errors()] == [("at",)]
    said = {"referral_id": str(uuid7()), "received_at": text, "referral_sha256": "0" * 64, "authority": "A"}
    with pytest.raises(ValidationError):
        Acknowledgement.from_bytes(json.dumps(said).encode())
    with pytest.raises(ValidationError):
        HoldAsked.model_validate_json(json.dumps({"referral_id": str(uuid7()), "reason": "R", "until": text}))
    with pytest.raises(ValueError, match=r"year"):
        read_moment(text)


def test_a_stamp_beyond_every_year_breaks_one_record_and_no_page() -> None:
    record = {"lastModtimestamp": 5 * 10**11, "signalType": "ImagePDQ", "hashValue": "ab" * 32, "hashStatus": "Active"}
    body = {"nextSetTimestamp": 1, "hasMoreRecords": False, "hashRecords": [record, {**record, "lastModtimestamp": 1}]}
    read = StopNcii().read("", Request("/"), 200, json.dumps(body).encode(), datetime(2026, 11, 28, tzinfo=UTC))
    assert len(read.items) == 1
    assert [one.partition(":")[0] for one in read.broken] == ["record 0"]
