"""The register's jobs: publish what is new, remove what is gone, keep the head fresh."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tutela.events.actor import Actor
from tutela.indicators import releases
from tutela.organisations import directory


def _centre() -> Actor | None:
    entry = directory.the_centre()
    return directory.acting_for(entry, "system:register", "Register") if entry else None


@app.task(name="indicators.publish", queue="register", lock="register")
def publish() -> None:
    """Build and sign a new version."""
    if (centre := _centre()) is not None:
        releases.publish(centre)


@app.task(name="indicators.refresh_head", queue="register_head")
def refresh_head() -> None:
    """Sign a new head: removals take effect on every connected Edge."""
    if (centre := _centre()) is not None:
        releases.refresh_head(centre)


def log_grew() -> None:
    """After the public log was published: a version that it names now is announced."""
    centre = _centre()
    if centre is not None and not releases.announced(centre):
        refresh_head.defer()


@app.periodic(cron="0 * * * *")
@app.task(name="indicators.hourly", queue="register", lock="register")
def hourly(timestamp: int) -> None:
    """A head that nobody renews expires; once an hour it is renewed, and removals become a new version.

    That a log grows at least hourly is also how an Edge knows that nobody froze it.
    """
    publish()
