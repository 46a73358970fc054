"""Somebody asks many times at one moment, so that every budget is read before any of them is counted."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from tests.integration.indicators.hosted_matching.test_match import grant
from tests.integration.indicators.register.test_register import _scheme
from tests.support.cast import Cast
from tutela.events.errors import TutelaError
from tutela.events.rate_limits import RateLimit
from tutela.events.transaction import acting
from tutela.indicators.access.errors import BudgetSpent
from tutela.indicators.hosted_matching import match
from tutela.indicators.models import MatchUse
from tutela.indicators.register import search
from tutela.indicators.register.errors import SearchedTooOften
from tutela.indicators.releases import certified_set
from tutela.indicators.releases.errors import ProofsSpent

__all__ = ["_scheme"]
TWINS = 8


def _together(act: Callable[[], object], rounds: int = 3) -> list[type[TutelaError] | None]:
    """What came of the same act, done by several at once, so many times each."""
    start = Barrier(TWINS)

    def twin(_number: int) -> list[type[TutelaError] | None]:
        said: list[type[TutelaError] | None] = []
        try:
            start.wait()
            for _round in range(rounds):
                try:
                    act()
                    said.append(None)
                except TutelaError as error:
                    said.append(type(error))
        finally:
            connections.close_all()
        return said

    with ThreadPoolExecutor(TWINS) as pool:
        return [one for twins in pool.map(twin, range(TWINS)) for one in twins]


def test_a_limit_lets_through_exactly_as_many_as_it_says() -> None:
    limit, subject = RateLimit("attack.twins", timedelta(hours=1), 7), secrets.token_hex(8)
    taken: list[bool] = []
    first: list[bool] = []

    def take() -> None:
        found = limit.take(subject)
        taken.append(found.allowed)
        first.append(found.first_refusal)

    _together(take)
    assert (sum(taken), sum(first)) == (7, 1)


def test_several_at_once_are_counted_as_several() -> None:
    limit, subject = RateLimit("attack.lines", timedelta(hours=1), 10), secrets.token_hex(8)
    assert [limit.take(subject, 4).allowed for _ in range(4)] == [True, True, False, False]
    assert [limit.take(subject, 0).first_refusal, limit.take(secrets.token_hex(8), 11).first_refusal] == [False, True]


def test_no_more_digests_are_answered_than_a_day_has(cast: Cast) -> None:
    asker = cast.organisation("Greedy", "provider", "IE")
    grant(cast, asker, per_day=10)
    centre = cast.centre
    said = _together(lambda: match.match(centre, asker, [("sha256", secrets.token_hex(32))] * 2))
    assert (said.count(None), said.count(BudgetSpent)) == (5, TWINS * 3 - 5)
    with acting(cast.centre):
        assert MatchUse.objects.get(recipient_id=asker.organisation_id).asked == 10


def test_no_more_proofs_of_absence_are_tried_than_a_day_has(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals count too: who tries files learns of no more than of these."""
    monkeypatch.setattr(certified_set, "PROOFS_A_DAY", 5)
    auditor = cast.actor(cast.organisation("Court of auditors", "auditor", "BE"), "auditor")
    value = secrets.token_hex(32)
    centre = cast.centre
    said = _together(lambda: certified_set.prove_absent(auditor, centre, "sha256", value, case="A 1"), 2)
    assert said.count(ProofsSpent) == TWINS * 2 - 5


def test_no_more_digests_are_searched_for_than_an_hour_has(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "DIGESTS_PER_HOUR", RateLimit("register.searched", timedelta(hours=1), 5))
    asker = cast.hotline_ie
    said = _together(lambda: search.list_indicators(asker, search.RegisterFilter(text=secrets.token_hex(32))), 2)
    assert (said.count(None), said.count(SearchedTooOften)) == (5, TWINS * 2 - 5)
