"""Journeys: a demonstration of their own and real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support import browser


@pytest.fixture(scope="package")
def demo() -> Iterator[browser.Demo]:
    with browser.demonstration() as running:
        yield running


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if browser.CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with browser.chromium() as running:
        yield running
