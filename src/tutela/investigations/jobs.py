"""Background jobs of the authority: fetch messages, renew expiry dates, and run the daily query."""

from __future__ import annotations

import structlog
from django.conf import settings
from procrastinate.contrib.django import app

from tutela.investigations.deconfliction import daily_run
from tutela.investigations.errors import NoCentre
from tutela.investigations.inbox import fetch
from tutela.investigations.referral_work import work_queue
from tutela.organisations.messages import peer_client
from tutela.organisations.messages.peer_client import PeerSilent
from tutela.organisations.people import clock_monitor, directory, encryption_recipients

log = structlog.get_logger("tutela.jobs")


@app.periodic(cron="* * * * *")
@app.task(name="investigations.pull", queue="housekeeping", queueing_lock="investigations.pull")
def pull(timestamp: int) -> None:
    """Fetch what waits at the Centre, on an authority's own node that holds a key to it."""
    founder, centre = directory.founder(), directory.the_centre()
    if founder is None or centre is None or not founder.verified or not encryption_recipients.may_hold(founder.kind):
        return
    if centre.api_url in ("", settings.CONFIG.public_url):
        return
    actor = directory.acting_for(founder, "system:pull", "Inbox")
    if not peer_client.token_for(actor, centre):
        return
    try:
        found = fetch.pull(actor, centre)
    except PeerSilent:
        log.warning("the Centre did not answer", centre=str(centre.id))
        return
    for number, reason in found.refused:
        log.warning("referral not accepted", number=number, reason=reason)


@app.periodic(cron="17 * * * *")
@app.task(name="investigations.expiring", queue="housekeeping", queueing_lock="investigations.expiring")
def renew_expiring(timestamp: int) -> None:
    """Update the next expiry in the inbox, if evidence has expired or the operator's periods have changed."""
    for entry in directory.list_organisations():
        if entry.verified and encryption_recipients.may_hold(entry.kind):
            actor = directory.acting_for(entry, "system:expiring", "Inbox")
            while work_queue.renew_expiring(actor):
                pass


# Late in the day of the budget, which is people's first, and early enough for what is asked to be counted on that day.
@app.periodic(cron="41 21 * * *")
@app.task(name="investigations.deconfliction", queue="housekeeping", queueing_lock="investigations.deconfliction")
def ask_others(timestamp: int) -> None:
    """Every authority that takes part in deconfliction asks the others. One's failure keeps no other from it."""
    for entry in directory.list_organisations():
        # A day that a moved clock makes up has no budget.
        if not clock_monitor.steady():
            return
        if not entry.verified or not encryption_recipients.may_hold(entry.kind):
            continue
        permissions = frozenset({"investigations.answer"})
        try:
            daily_run.ask(directory.acting_for(entry, "system:deconfliction", "Deconfliction", permissions))
        except NoCentre:
            return
        except Exception:
            log.exception("no questions sent", organisation=str(entry.id))
