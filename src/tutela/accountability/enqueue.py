"""Enqueue this domain's background tasks. `jobs.py` defines them."""

from __future__ import annotations

from tutela.organisations.enqueue import once


def publish_log() -> None:
    """Enqueue a publication of the log, unless one waits already. Call inside the transaction of the change."""
    once("accountability.publish_now", "accountability.publish_now", lock="public_log")
