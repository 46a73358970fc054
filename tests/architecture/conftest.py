"""Integration tests: the real PostgreSQL, as the runtime role."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import database

database.django()

from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402

from tests.support.cast import Cast  # noqa: E402


@pytest.fixture(autouse=True)
def _close_connections() -> Iterator[None]:
    yield
    for connection in connections.all(initialized_only=True):
        assert not connection.in_atomic_block, "a test left a transaction open"


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)
