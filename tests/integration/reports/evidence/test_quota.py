"""A provider's allowance of sealed evidence: exact where it is nearly used up, asked seldom where it is not."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.db.models import Sum

from tests.support.cast import Cast
from tests.support.sealed import addressed
from tutela import clock
from tutela.app import config
from tutela.events.transaction import acting
from tutela.reports.evidence import quota, storage
from tutela.reports.models import Evidence

SIZE = 10_000


def test_what_fits_is_kept_and_the_next_one_is_not(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    world = addressed()
    with acting(cast.centre):
        kept = Evidence.objects.filter(provider_id=world.esp.provider.organisation_id, gone_at=None)
        before = kept.aggregate(sum=Sum("size"))["sum"] or 0
    most = config.load().model_copy(update={"evidence_provider_bytes": before + 25_000})
    monkeypatch.setattr("django.conf.settings.CONFIG", most)
    numbers = [world.submit() for _ in range(5)]
    for number in numbers:
        world.esp.upload(number, os.urandom(SIZE))
    # Each file is a little longer than what is in it: two are below the allowance, the third goes over it.
    assert [len(world.kept(number)) for number in numbers] == [1, 1, 1, 0, 0]
    # What is deleted makes room at once.
    (row,) = world.kept(numbers[0])
    with acting(cast.centre):
        storage.drop(cast.centre, Evidence.objects.filter(pk=row.pk), "time")
    world.esp.upload(numbers[3], os.urandom(SIZE))
    assert len(world.kept(numbers[3])) == 1


def test_a_sum_far_below_the_allowance_is_believed_for_a_while(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    together = quota.run_statements
    monkeypatch.setattr(quota, "run_statements", lambda some: asked.append("") or together(some))
    provider, now = cast.pixelpost.organisation_id, clock.now()
    monkeypatch.setattr(quota, "_found", {})
    with acting(cast.centre):
        for seconds, times in ((0, 1), (5, 1), (9.9, 1), (10, 2), (12, 2), (1, 3)):  # the last: a clock put back
            with clock.simulate(now + timedelta(seconds=seconds)):
                assert quota.has_room(provider)
            assert len(asked) == times
        # What this process keeps is added: beyond the half it is asked anew, and what is found counts again.
        quota.count(provider, quota.settings.CONFIG.evidence_provider_bytes // 2 + 1)
        for times in (4, 4):
            with clock.simulate(now + timedelta(seconds=1)):
                assert quota.has_room(provider)
            assert len(asked) == times
