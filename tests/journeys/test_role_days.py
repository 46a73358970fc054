"""The day of each role in real browsers: the jobs of the tour, and no more clicks than each may take."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.support.browser import Demo
from tests.support.role_days import MOST_CLICKS, Days


@pytest.mark.slow
def test_each_role_does_its_jobs_with_few_clicks(demo: Demo, chromium: Browser) -> None:
    jobs = Days(demo, chromium).all()
    assert {one.name for one in jobs} == set(MOST_CLICKS)
    assert {one.name: one.clicks for one in jobs if one.clicks > MOST_CLICKS[one.name]} == {}
    assert len({one.role for one in jobs}) == 9
