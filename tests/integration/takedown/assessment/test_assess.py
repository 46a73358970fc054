"""An exact copy of a certified item is assessed unseen, and an urgent case meets its deadline by being assessed."""

from __future__ import annotations

import secrets

import pytest

from tests.support.cast import Cast
from tests.support.takedown_world import LABEL, Hotline
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.register import certify, propose
from tutela.law import clocks
from tutela.takedown.assessment import assess
from tutela.takedown.models import Assessment, Stage


def test_an_exact_copy_of_an_active_entry_needs_no_viewing_and_goes_on(cast: Cast) -> None:
    hotline, digest = Hotline(cast), secrets.token_hex(32)
    other = cast.actor(cast.hotline_de, "analyst")
    made = propose.propose(
        hotline.analyst,
        given=[HashValue("sha256", digest)],
        media_type="image",
        classification=LABEL,
        reason="Assessed for the test",
    )
    case = hotline.reported().id
    given = assess.Judgement("illegal", label=LABEL, reality="unclear", certified_sha256=digest.upper())
    with pytest.raises(Invalid) as refused:
        assess.assess(hotline.analyst, case, given)
    assert refused.value.field == "certified_sha256", "proposed by one hotline alone"
    certify.certify(other, made)
    assess.assess(hotline.analyst, case, given)
    with acting(hotline.analyst):
        assert Assessment.objects.get(case=case).certified_copy
    assert hotline.row(case).stage == Stage.ACT, "the notice and the report to the police follow all the same"


def test_the_deadline_of_an_urgent_case_is_met_by_assessing_it(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.reported(urgent=True).id
    for state in ("running", "stopped"):
        with acting(hotline.analyst):
            ((_what, found),) = clocks.of_subject("takedown", case)
        assert found.state == state
        if state == "running":
            hotline.assessed(case=case)
