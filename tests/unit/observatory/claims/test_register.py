"""The register of claims is complete, says its age, and is recomputed from public tables."""

from __future__ import annotations

from datetime import date

import pytest

from tutela.observatory.claims import recompute, register
from tutela.observatory.claims.register import ClaimStatus
from tutela.observatory.definitions import catalogue

TODAY = date(2026, 11, 30)


def test_every_figure_of_the_strategy_is_there() -> None:
    assert {f"F{number}" for number in range(1, 27)} <= set(register.claims())
    assert len(register.claims()) >= 32


def test_every_claim_has_what_a_reader_needs() -> None:
    for one in register.claims().values():
        assert all((one.sentence, one.value, one.unit, one.chain, one.critique)), one.id
        assert one.quote.endswith("."), one.id
        assert one.reviewed <= TODAY < one.review_by, one.id
        assert not one.own_definition or catalogue.definition(one.own_definition), one.id
        holds = bool(one.recomputed_by) and recompute.recompute(one.recomputed_by).holds
        assert (one.status is ClaimStatus.REPRODUCED) == holds, one.id


@pytest.mark.parametrize(
    ("claim", "number", "text"),
    [
        ("F3", 725_232, "725,232"),
        ("F17", 15_884_511, "94.34%"),
        ("F18", 4, "Reddit 724, TikTok 596, LinkedIn 88, Quora 1"),
    ],
)
def test_a_claim_is_recomputed_from_the_public_table(claim: str, number: int, text: str) -> None:
    found = recompute.recompute(register.claims()[claim].recomputed_by)
    assert (found.number, found.holds) == (number, True)
    assert text in found.text


def test_a_sentence_of_which_one_half_is_wrong_does_not_agree_with_the_table() -> None:
    claim = register.claims()["F5"]
    found = recompute.recompute(claim.recomputed_by)
    assert not found.holds
    assert found.text == "2010: 223,374; 2019: 16,987,361"
    assert claim.status is ClaimStatus.CONTESTED


def test_a_claim_becomes_old_after_ten_years() -> None:
    claim = register.claims()["F1"]
    assert (claim.is_old(TODAY), claim.age_years(TODAY)) == (True, 16)
    assert register.claims()["F15"].is_old(TODAY)
