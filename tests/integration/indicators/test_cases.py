"""Indicators as cases: the register is shared, notes and claims are each organisation's own."""

from __future__ import annotations

import secrets

import pytest

from tests.integration.indicators.register.test_register import _scheme
from tests.integration.indicators.register.test_retention import _later, _retention
from tests.support.cast import Cast
from tests.support.reports_world import entry_of
from tutela.casework.assignment import claim, notes
from tutela.casework.models import Note
from tutela.events.errors import Forbidden
from tutela.events.transaction import acting
from tutela.indicators.register import dispute, revoke

__all__ = ["_scheme"]
KIND = "indicator"


def test_each_member_has_notes_and_claims_of_its_own(cast: Cast) -> None:
    made = entry_of(cast, secrets.token_hex(32))
    ours, theirs = cast.actor(cast.hotline_ie, "analyst"), cast.actor(cast.hotline_de, "analyst")
    notes.add(ours, KIND, made, "fact", "Ours alone.")
    claim.claim(ours, KIND, made)
    claim.claim(theirs, KIND, made)
    with acting(theirs):
        assert notes.of_case(KIND, made) == []
        assert not Note.objects.filter(subject_id=made).exists()
    auditor = cast.actor(cast.auditor, "auditor")
    with pytest.raises(Forbidden):
        notes.add(auditor, KIND, made, "fact", "No.")
    with acting(auditor):
        assert not Note.objects.filter(subject_id=made).exists()


def test_a_dispute_ends_the_own_claim_alone(cast: Cast) -> None:
    made = entry_of(cast, secrets.token_hex(32))
    ours, theirs = cast.actor(cast.hotline_ie, "analyst"), cast.actor(cast.hotline_de, "analyst")
    for actor in (ours, theirs):
        claim.claim(actor, KIND, made)
    dispute.dispute(ours, made, "Another item")
    with acting(ours):
        assert claim.current(KIND, made) is None
    with acting(theirs):
        assert claim.current(KIND, made) is not None


def test_an_erased_indicator_takes_every_members_notes_with_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = entry_of(cast, secrets.token_hex(32))
    ours = cast.actor(cast.hotline_ie, "analyst")
    notes.add(ours, KIND, made, "fact", "Ours alone.")
    revoke.revoke(cast.actor(cast.centre, "lead"), made, "Wrong")
    _later(monkeypatch, 366)
    for organisation in (cast.centre, cast.hotline_ie):
        _retention(organisation)
    with acting(ours):
        assert notes.of_case(KIND, made) == []
