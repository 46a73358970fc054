"""Several indicators at once: the same checks for each, an answer for each, and one that fails stops no other."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from tests.integration.indicators.register.test_register import CLASS, _active, _propose, _scheme, _state
from tests.support.cast import Cast
from tutela import clock
from tutela.casework.models import PendingAction
from tutela.casework.undo import delayed_actions
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.models import Certification, Dispute
from tutela.indicators.register import bulk_actions, propose, revoke

__all__ = ["_scheme"]
LIST, CHOSEN = "/desk/indicators/", "/desk/indicators/bulk/"


def _odd(actor: Actor) -> UUID:
    given = [
        HashValue("sha256", secrets.token_hex(32)),
        HashValue("pdq", f"{(1 << 200) - 1 ^ secrets.randbits(20):064x}", 90, "x"),
    ]
    return propose.propose(actor, given=given, media_type="image", classification=CLASS, reason="Assessed")


def test_each_is_certified_by_itself_or_says_why_not(cast: Cast) -> None:
    good, mine, held = _propose(cast.hotline_ie), _propose(cast.hotline_de), _odd(cast.hotline_ie)
    again, active = _propose(cast.hotline_ie), _active(cast)
    done = {
        one.id: one for one in bulk_actions.do(cast.hotline_de, "certify", [good, mine, held, again, active, uuid4()])
    }
    assert set(done) == {good, mine, held, again, active}, "what is not there is left out"
    assert {one for one, row in done.items() if row.done} == {good, again}
    assert all(row.said for row in done.values())
    assert [_state(cast, one) for one in (good, again, mine, held)] == ["active", "active", "proposed", "proposed"]
    with acting(cast.hotline_de):
        signed = Certification.objects.filter(
            indicator__in=[good, again], organisation_id=cast.hotline_de.organisation_id
        )
        assert len({bytes(one.envelope or b"") for one in signed}) == 2, "each has its own signature"
        events = Event.objects.filter(kind="indicator.certified", subject_id__in=[str(good), str(again)])
        assert events.count() == 2


def test_one_reason_for_all_of_them(cast: Cast) -> None:
    lead, made = cast.actor(cast.centre, "lead"), [_active(cast) for _ in range(3)]
    with pytest.raises(Invalid):
        bulk_actions.do(cast.hotline_de, "dispute", made, " ")
    done = bulk_actions.do(cast.hotline_de, "dispute", made[:2], "A landscape", "not_csam")
    assert all(one.done for one in done)
    with acting(cast.hotline_de):
        rows = Dispute.objects.filter(indicator__in=made).values_list("reason", "ground")
        assert list(rows) == [("A landscape", "not_csam")] * 2
    stopped = {one.id: one for one in bulk_actions.do(lead, "suspend", made, "Under review")}
    assert stopped[made[2]].done
    assert not stopped[made[0]].done, "a certifier's doubt had stopped it before"
    assert _state(cast, made[2]) == "suspended"


def test_who_may_do_what(cast: Cast) -> None:
    made, analyst = _active(cast), cast.actor(cast.hotline_de, "analyst")
    assert bulk_actions.may(analyst) == ["certify", "dispute"]
    assert bulk_actions.may(cast.actor(cast.auditor, "auditor")) == []
    assert "suspend" in bulk_actions.may(cast.actor(cast.centre, "lead"))
    with pytest.raises(Forbidden):
        bulk_actions.do(analyst, "suspend", [made], "Why not")
    with pytest.raises(Invalid):
        bulk_actions.do(analyst, "revoke", [made], "Why not")
    for ids in ([], [uuid4() for _ in range(bulk_actions.MOST_INDICATORS + 1)]):
        with pytest.raises(Invalid):
            bulk_actions.do(analyst, "certify", ids)


def test_the_desk_shows_what_would_be_done_and_then_what_was(cast: Cast) -> None:
    made = [_propose(cast.hotline_ie) for _ in range(2)]
    browser: Any = cast.client(cast.hotline_de, "analyst")
    page = browser.get(LIST).content.decode()
    for key in ("c", "d"):
        assert f'data-key="{key}"' in page
    assert 'data-key="s"' not in page
    assert f'name="entry" value="{made[0]}"' in page
    sent = {"act": "certify", "entry": [str(one) for one in made]}
    asked = browser.post(CHOSEN, sent).content.decode()
    assert "Certify: we hold and assessed each item" in asked
    assert [_state(cast, one) for one in made] == ["proposed", "proposed"], "nothing is done before it was shown"
    done = browser.post(CHOSEN, {**sent, "sure": "1"}).content.decode()
    assert "2 of 2 done" in done
    assert [_state(cast, one) for one in made] == ["active", "active"]
    assert "not done" in browser.post(CHOSEN, {**sent, "sure": "1"}).content.decode()
    assert browser.post(CHOSEN, {**sent, "act": "suspend", "sure": "1"}).status_code == 404
    assert browser.post(CHOSEN, {**sent, "entry": "x"}).status_code == 404
    assert browser.post(CHOSEN, {"act": "certify"}).status_code == 302
    reader = cast.client(cast.auditor, "auditor")
    assert 'name="entry"' not in reader.get(LIST).content.decode()
    assert reader.post(CHOSEN, sent).status_code == 404


def test_what_a_person_does_to_several_is_undone_with_one_click(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    proposed, active = [_propose(cast.hotline_ie) for _ in range(2)], [_active(cast) for _ in range(2)]
    browser: Any = cast.client(cast.hotline_de, "analyst")
    for act, made, before in (("certify", proposed, "proposed"), ("dispute", active, "active")):
        sent = {"act": act, "entry": [str(one) for one in made], "reason": "A landscape", "ground": "not_csam"}
        done = browser.post(CHOSEN, {**sent, "sure": "1"}).content.decode()
        assert "2 of 2 done" in done
        assert "Undo all within 10 seconds" in done
        assert "0 of 2 done" in browser.post(CHOSEN, {**sent, "sure": "1"}).content.decode(), "nothing waits twice"
        assert [_state(cast, one) for one in made] == [before] * 2
        assert "2 of 2 done" in browser.post(CHOSEN, {**sent, "undo": "1"}).content.decode()
        assert "0 of 2 done" in browser.post(CHOSEN, {**sent, "undo": "1"}).content.decode()
        with acting(cast.hotline_de):
            assert not PendingAction.objects.filter(subject_id__in=made).exists()
        assert [_state(cast, one) for one in made] == [before] * 2


@pytest.mark.parametrize("act", ["certify", "dispute"])
def test_act_on_a_single_indicator_waits_and_is_undone(cast: Cast, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    made = _propose(cast.hotline_ie) if act == "certify" else _active(cast)
    before, page = _state(cast, made), f"/desk/indicators/{made}/"
    browser: Any = cast.client(cast.hotline_de, "analyst")
    sent = {"reason": "A landscape", "ground": "not_csam"} if act == "dispute" else {}
    assert 'data-reload-after="12"' in browser.post(f"{page}{act}/", sent, follow=True).content.decode()
    assert _state(cast, made) == before
    with acting(cast.hotline_de):
        pending = PendingAction.objects.get(subject_id=made).pk
    step = f"/desk/work/indicator/{made}/"
    assert "Undone" in browser.post(step, {"step": "undo", "pending": pending}, follow=True).content.decode()
    assert _state(cast, made) == before


def test_certification_with_a_wrong_proof_counts_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not tried first: a trial that is rolled back would let somebody guess without a limit."""
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    made = _propose(cast.hotline_ie)
    browser: Any = cast.client(cast.hotline_de, "analyst")
    browser.post(f"/desk/indicators/{made}/certify/", {"held": "ab" * 32})
    with acting(cast.hotline_de):
        assert not PendingAction.objects.filter(subject_id=made).exists()


def test_what_is_not_undone_takes_effect_and_what_changed_meanwhile_does_not(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "UNDO_SECONDS", 10)
    lead, analyst = cast.actor(cast.centre, "lead"), cast.actor(cast.hotline_de, "analyst")
    first, second = _active(cast), _active(cast)
    new = _propose(cast.hotline_ie)
    assert all(one.waits for one in bulk_actions.do(lead, "suspend", [first, second], "Under review"))
    assert all(one.waits for one in bulk_actions.do(analyst, "certify", [new]))
    revoke.revoke(cast.actor(cast.centre, "lead"), second, "A landscape")
    with clock.simulate(clock.now() + timedelta(seconds=11)):
        for organisation, made, carried in ((cast.centre, first, True), (cast.centre, second, False)):
            with acting(organisation):
                waiting = PendingAction.objects.get(subject_id=made).pk
            assert delayed_actions.run_due(organisation, waiting) is carried
        with acting(cast.hotline_de):
            waiting = PendingAction.objects.get(subject_id=new).pk
        assert delayed_actions.run_due(cast.hotline_de, waiting)
    assert [_state(cast, one) for one in (first, second, new)] == ["suspended", "revoked", "active"]
    (refused,) = bulk_actions.do(lead, "suspend", [second], "Under review")
    assert not refused.done
    assert not refused.waits
