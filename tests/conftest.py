"""Common to all tests. Folders that need the database have their own conftest, so that the others start at once."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: a test of more than ten seconds")
