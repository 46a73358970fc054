"""Fields of an order in words: nothing of the format is left out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.support.orders_world import fields_of
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.models import OrderKind
from tutela.takedown.orders.compose import OrderInput, Sender, compose
from tutela.takedown.orders.order_rows import LABELS, rows

ENTRY = DirectoryEntry(uuid4(), "Example Authority", "authority", "Authority", "DE", "verified", "", "")
# Shown in other words, or the same as a field that is shown.
OTHERWISE = {"schema_version", "simulation", "effect_to", "requesting_authority", "legal_basis", "redress", "locations"}


@pytest.mark.parametrize("kind", OrderKind.values)
def test_every_field_has_a_row_with_a_label(kind: str) -> None:
    given = OrderInput(kind=kind, recipients=(), token=uuid4(), **fields_of(kind))
    wire = compose("O-1", Sender(ENTRY, "Robin"), "Example Hosting", datetime.now(UTC), given)
    data: dict[str, Any] = wire.model_dump(mode="json", exclude_none=True)
    fields = {name for name, value in data.items() if value != []} - OTHERWISE
    assert fields <= set(LABELS)
    shown = dict(rows(wire))
    assert {str(LABELS[one]) for one in fields} <= set(shown)
    assert not any("_" in label or "annex_" in text for label, text in shown.items())
    urls = [one["url"] for one in data.get("locations", [])]
    assert all(any(text.startswith(url) for text in shown.values()) for url in urls)
    assert not any(url in text for url in urls for _label, text in rows(wire, "locations"))
