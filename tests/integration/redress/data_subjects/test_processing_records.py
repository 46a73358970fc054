"""Records of processing in versions, and a hand-over that leaves nothing open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.redress.complaints import intake
from tutela.redress.data_subjects import processing_records
from tutela.redress.data_subjects.processing_records import RecordInput
from tutela.redress.errors import OpenWork

FIELDS: dict[str, Any] = {
    "code": "reports",
    "regime": "gdpr",
    "purpose": "Report",
    "persons": "Users",
    "categories": "Accounts",
    "recipients": "The Centre",
    "erasure": "Twelve months",
    "security": "Sealed",
}


@pytest.fixture
def lead(cast: Cast) -> Actor:
    return cast.actor(cast.pixelpost, "lead")


def test_the_newest_version_of_a_record_counts(lead: Actor) -> None:
    for purpose in ("Report", "Detect and report"):
        processing_records.add(lead, RecordInput(**{**FIELDS, "purpose": purpose}))
    (row,) = processing_records.list_records(lead)
    assert row.purpose == "Detect and report"


def test_a_record_without_a_field_names_it(lead: Actor) -> None:
    for name in ("purpose", "erasure", "code"):
        with pytest.raises(Invalid) as raised:
            processing_records.add(lead, RecordInput(**{**FIELDS, name: " "}))
        assert raised.value.field == name
    with pytest.raises(Invalid) as raised:
        processing_records.add(lead, RecordInput(**{**FIELDS, "regime": "led"}))
    assert raised.value.field == "legal_basis"


def test_who_closes_names_a_successor_for_open_work(cast: Cast, lead: Actor) -> None:
    day = clock.now().date()
    with pytest.raises(Invalid):
        processing_records.hand_over(lead, day - timedelta(days=1), None, "Erased.")
    intake.enter(lead, "Please look again.", "en")
    with pytest.raises(OpenWork):
        processing_records.hand_over(lead, day, None, "Erased.")
    with pytest.raises(Invalid):
        processing_records.hand_over(lead, day, lead.organisation_id, "Erased.")
    successor = cast.other_provider.organisation_id
    processing_records.hand_over(lead, day, successor, "They continue.")
    (row,) = processing_records.list_hand_overs(lead)
    assert (row.successor_id, row.open_complaints, row.text) == (successor, 1, "They continue.")
