"""An actor has a purpose of its organisation's vocabulary, or there is none."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tutela.events.actor import Actor
from tutela.events.errors import PurposeRequired


@pytest.mark.parametrize(("kind", "purpose"), [("provider", "assessment"), ("hotline", ""), ("unknown", "reporting")])
def test_an_actor_without_a_purpose_of_its_kind_is_refused(kind: str, purpose: str) -> None:
    facts = (uuid4(), kind, "Somebody", "IE", True, "key:1", "Key")
    with pytest.raises(PurposeRequired):
        Actor(*facts, purpose=purpose)
    with pytest.raises(PurposeRequired):
        Actor(*facts).with_purpose(purpose)
