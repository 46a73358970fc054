"""The authority's jobs: fetch what waits, and say anew what perishes next."""

from __future__ import annotations

import structlog
from django.conf import settings
from procrastinate.contrib.django import app

from tutela.investigations import desk, pulling
from tutela.organisations import directory, peers, recipients
from tutela.organisations.peers import PeerSilent

log = structlog.get_logger("tutela.jobs")


@app.periodic(cron="* * * * *")
@app.task(name="investigations.pull", queue="housekeeping", queueing_lock="investigations.pull")
def pull(timestamp: int) -> None:
    """Fetch what waits at the Centre, on an authority's own node that holds a key to it."""
    founder, centre = directory.founder(), directory.the_centre()
    if founder is None or centre is None or not founder.verified or not recipients.may_hold(founder.kind):
        return
    if centre.api_url in ("", settings.CONFIG.public_url):
        return
    actor = directory.acting_for(founder, "system:pull", "Inbox")
    if not peers.token_for(actor, centre):
        return
    try:
        found = pulling.pull(actor, centre)
    except PeerSilent:
        log.warning("the Centre did not answer", centre=str(centre.id))
        return
    for number, reason in found.refused:
        log.warning("a referral was not taken", number=number, reason=reason)


@app.periodic(cron="17 * * * *")
@app.task(name="investigations.perishing", queue="housekeeping", queueing_lock="investigations.perishing")
def renew_perishing(timestamp: int) -> None:
    """Where something is gone, or the operator's periods are others, what is the next to go stands in the inbox."""
    for entry in directory.listing():
        if entry.verified and recipients.may_hold(entry.kind):
            actor = directory.acting_for(entry, "system:perishing", "Inbox")
            while desk.renew_perishing(actor):
                pass
