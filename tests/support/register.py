"""The register's way to an Edge in one process: what the worker's jobs do one after another."""

from __future__ import annotations

from tutela.accountability.chain import sequencer
from tutela.accountability.public_log import publish
from tutela.events.actor import Actor
from tutela.indicators.models import Release
from tutela.indicators.releases import head
from tutela.indicators.releases import publish as releases_publish


def log() -> publish.Published:
    """Everything that is in order becomes public, as far as its witnesses sign."""
    sequencer.sequence_all()
    done = publish.publish()
    assert done is not None
    return done


def release(centre: Actor) -> Release | None:
    """A new version, in the log, and announced by a head."""
    made = releases_publish.publish(centre)
    log()
    head.refresh_head(centre)
    return made
