"""Attacks on a node, with the real PostgreSQL and the runtime role."""

from tests.integration.conftest import _close_connections, cast, client

__all__ = ["_close_connections", "cast", "client"]
