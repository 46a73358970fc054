"""What tests share is still what it was when they come to it, in whatever order they run."""

from __future__ import annotations

from datetime import timedelta

from tests.support.cast import Cast
from tests.support.reports_world import Authority, Centre, shared
from tests.support.sealed import COUNTRY, addressed
from tutela import clock
from tutela.organisations.people import directory


def test_an_addressee_whose_place_another_test_took_is_made_anew(cast: Cast) -> None:
    first = addressed()
    assert addressed() is first
    Authority(Centre(cast), COUNTRY)
    second = addressed()
    assert second is not first
    now = directory.authority_for(COUNTRY)
    assert now is not None
    assert now.id == second.authority.machine.organisation_id
    assert addressed() is second


def test_so_is_an_authority_that_tests_share(cast: Cast) -> None:
    first = shared(cast, "MT")
    assert shared(Cast(), "MT") is first
    Authority(Centre(cast), "MT")
    assert shared(cast, "MT") is not first


def test_an_authority_that_is_verified_at_a_time_to_come_is_none_any_longer(cast: Cast) -> None:
    with clock.simulate(clock.now() + timedelta(days=365)):
        cast.organisation("Kriminalamt", "authority", "CY")
    made = cast.authority_of("CY")
    now = directory.authority_for("CY")
    assert now is not None
    assert now.id == made.organisation_id
