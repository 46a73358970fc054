"""Indicators as cases: the register is shared, notes and claims are each organisation's own."""

from __future__ import annotations

import secrets
from uuid import UUID

import pytest

from tests.integration.indicators.register.test_register import _propose, _scheme
from tests.integration.indicators.register.test_retention import _later, _retention
from tests.support.cast import Cast
from tests.support.reports_world import entry_of
from tutela.casework.assignment import claim, next_case, notes
from tutela.casework.models import Note
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, NotFound
from tutela.events.transaction import acting
from tutela.indicators import cases
from tutela.indicators.models import Indicator
from tutela.indicators.register import certify, dispute, revoke

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


def _only(monkeypatch: pytest.MonkeyPatch, *own: UUID) -> None:
    """Of the shared register, only these proposals: other tests propose too, some in the future."""
    found = cases.to_certify
    monkeypatch.setattr(cases, "to_certify", lambda by, _most: [one for one in found(by, 10_000) if one in own])


def test_after_a_certification_the_next_indicator_is_offered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    older, newer = (_propose(cast.hotline_ie) for _ in range(2))
    _only(monkeypatch, older, newer)
    ours = cast.actor(cast.hotline_de, "analyst")
    client = cast.client(cast.hotline_de, "analyst")
    address = "/desk/work/indicator/offer/"
    assert address not in client.get(f"/desk/indicators/{newer}/").content.decode()
    assert _offered(ours) == newer
    certify.certify(ours, newer)
    assert _offered(ours) == older
    assert address in client.get(f"/desk/indicators/{newer}/").content.decode()
    shown = client.get(address).content.decode()
    with acting(ours):
        number = Indicator.objects.get(pk=older).number
    assert number in shown
    assert cast.hotline_ie.organisation_name in shown
    claim.claim(cast.actor(cast.hotline_de, "analyst"), KIND, older)
    assert _offered(ours) != older, "a colleague has claimed it"
    assert _offered(cast.actor(cast.hotline_ie, "analyst")) not in {older, newer}, "nobody certifies an own proposal"


def test_a_passed_indicator_is_not_offered_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _propose(cast.hotline_ie)
    _only(monkeypatch, made)
    ours = cast.actor(cast.hotline_de, "analyst")
    client = cast.client(cast.hotline_de, "analyst")
    assert _offered(ours) == made
    claim.pass_on(ours, KIND, made)
    assert _offered(ours) != made
    passed = client.post(f"/desk/work/indicator/{made}/", {"step": "pass"})
    assert passed["Location"] == "/desk/work/indicator/next/"
    assert client.get(passed["Location"]).status_code == 200


def test_only_who_may_certify_is_offered_an_indicator(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    lead, auditor = cast.actor(cast.centre, "lead"), cast.actor(cast.auditor, "auditor")
    for actor in (auditor, *([] if lead.can("indicators.certify") else [lead])):
        with pytest.raises(NotFound):
            next_case.offer(actor, KIND)
    for organisation, role in ((cast.auditor, "auditor"), (cast.pixelpost, "lead")):
        assert cast.client(organisation, role).get("/desk/work/indicator/next/").status_code == 404
    page = cast.client(cast.auditor, "auditor").get(f"/desk/indicators/{made}/").content.decode()
    assert "/desk/work/indicator/next/" not in page


def _offered(actor: Actor) -> UUID | None:
    found = next_case.offer(actor, KIND).case
    return found.subject_id if found else None
