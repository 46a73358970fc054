"""The register's way to an Edge in one process: what the worker's jobs do one after another."""

from __future__ import annotations

from tutela.accountability import publishing, sequencing
from tutela.events.actor import Actor
from tutela.indicators import releases
from tutela.indicators.models import Release


def log() -> publishing.Published:
    """Everything that is in order becomes public, as far as its witnesses sign."""
    sequencing.sequence_all()
    done = publishing.publish()
    assert done is not None
    return done


def release(centre: Actor) -> Release | None:
    """A new version, in the log, and announced by a head."""
    made = releases.publish(centre)
    log()
    releases.refresh_head(centre)
    return made
