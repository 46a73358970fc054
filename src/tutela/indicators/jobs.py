"""Background tasks of the register: publish additions, remove ended indicators, keep the head fresh."""

from __future__ import annotations

import contextlib
from datetime import datetime
from uuid import UUID

from procrastinate.contrib.django import app

from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.transaction import acting
from tutela.indicators import enqueue, reconcile
from tutela.indicators.audits import sample_selection
from tutela.indicators.hashes import blind_index
from tutela.indicators.hosted_matching import match
from tutela.indicators.integrity import invalidation
from tutela.indicators.lifecycle import queries
from tutela.indicators.partner_lists import previous_entries, proposals, releases, source_feedback, subscriptions, sync
from tutela.indicators.releases import head, recheck
from tutela.indicators.releases import publish as releases_publish
from tutela.indicators.safeguards import hold_effects
from tutela.organisations.jobs import AfterTrouble
from tutela.organisations.people import directory


def _centre() -> Actor | None:
    entry = directory.the_centre()
    return directory.acting_for(entry, "system:register", "Register") if entry else None


@app.task(name="indicators.publish", queue="register", lock="register", retry=AfterTrouble())
def publish() -> None:
    """Build and sign a new version."""
    if (centre := _centre()) is not None:
        releases_publish.publish(centre)
        releases_publish.tidy(centre)
        enqueue.prepare_lookup()


@app.task(name="indicators.prepare_lookup", queue="lookup", lock="lookup")
def prepare_lookup() -> None:
    """Build the private look-up set, separately from publishing.

    At millions of indicators it takes longer than a version.
    """
    if (centre := _centre()) is not None:
        match.prepare(centre)


@app.task(name="indicators.refresh_head", queue="register_head", retry=AfterTrouble())
def refresh_head() -> None:
    """Sign a new head: removals take effect on every connected Edge."""
    if (centre := _centre()) is not None:
        head.refresh_head(centre)


@app.task(name="indicators.apply_hold", queue="register", retry=AfterTrouble())
def apply_hold(hold_id: str) -> None:
    """Apply a hold or its decision: suspend, revoke or continue material, apply accepted disputes and feedback."""
    if (centre := _centre()) is not None:
        hold_effects.run_effects(centre, UUID(hold_id))


@app.task(name="indicators.work_lapsed", queue="register", retry=AfterTrouble())
def work_lapsed(organisation_id: str) -> None:
    """Stop what lacks certifications since an organisation or a key of it counts no longer."""
    if (centre := _centre()) is not None:
        invalidation.suspend_for_organisation(centre, UUID(organisation_id))


@app.task(name="indicators.stop_unsound", queue="register", retry=AfterTrouble())
def stop_unsound(indicator_id: str) -> None:
    """Verify an entry behind which nothing that holds was found, and stop it."""
    if (centre := _centre()) is not None:
        invalidation.suspend_unverified(centre, [UUID(indicator_id)])


@app.periodic(cron="*/3 * * * *")
@app.task(name="indicators.look_at_new", queue="register", queueing_lock="indicators.look_at_new", lock="look_at_new")
def look_at_new(timestamp: int) -> None:
    """Check new active indicators; suspend invalid ones before a release or an answer uses them."""
    if (centre := _centre()) is not None:
        invalidation.scan_new(centre)


@app.task(name="indicators.dismiss_lapsed", queue="register", retry=AfterTrouble())
def dismiss_lapsed(by: str, until: str, reason: str) -> None:
    """Begin new rounds for what had lost its certifiers, as the Centre decided."""
    if (entry := directory.the_centre()) is not None:
        invalidation.dismiss(directory.acting_for(entry, by, "Register"), datetime.fromisoformat(until), reason)


@app.task(name="indicators.draw_sample", queue="register", retry=AfterTrouble())
def draw_sample(organisation_id: str, draw_id: str) -> None:
    """Draw a sample of a large register."""
    with contextlib.suppress(NotFound, Invalid):
        sample_selection.select_sample(_drawer(UUID(organisation_id)), UUID(draw_id))


def _drawer(organisation_id: UUID) -> Actor:
    return directory.acting_for(directory.entry(organisation_id), "system:register", "Register")


def log_grew() -> None:
    """After the public log was published: a version that it names now is announced."""
    centre = _centre()
    if centre is not None and not head.announced(centre):
        enqueue.refresh_head()


@app.periodic(cron="0 * * * *")
@app.task(name="indicators.hourly", queue="register", lock="register")
def hourly(timestamp: int) -> None:
    """A head that nobody renews expires; once an hour it is renewed, and removals become a new version.

    That a log grows at least hourly is also how an Edge knows that nobody froze it.
    """
    publish()
    if (centre := _centre()) is not None:
        queries.sum_tally(centre)
    for one in directory.list_organisations():
        blind_index.fill_sketches(machine := _drawer(one.id))
        with acting(machine):
            for asked in sample_selection.due(machine):
                enqueue.draw_sample(asked.organisation_id, asked.pk)


@app.periodic(cron="0 * * * *")
@app.task(name="indicators.reconcile", queue="register", lock="register")
def restore_missing(timestamp: int) -> None:
    """Add missing changes to the queues of the lists. Separate from `hourly`, so that a failure stops no head."""
    if (centre := _centre()) is not None and reconcile.restore_missing(centre):
        publish()


@app.periodic(cron="30 * * * *")
@app.task(name="indicators.resembling", queue="housekeeping", queueing_lock="indicators.resembling")
def resemble(timestamp: int) -> None:
    """Tell the Centre what is active and would not pass the entry gates today."""
    if (centre := _centre()) is not None:
        recheck.tell(centre)


@app.task(name="indicators.pull", queue="foreign")
def pull(organisation_id: str, list_id: str) -> None:
    """Read what is new in a foreign list; what went wrong stands on its page."""
    owner = _owner(organisation_id)
    with contextlib.suppress(NotFound):  # ended meanwhile
        sync.pull(owner, UUID(list_id))


@app.task(name="indicators.pass_on", queue="foreign")
def pass_on(organisation_id: str, list_id: str) -> None:
    """Build and sign a new version of a list of another for those to whom its owner passes it on."""
    releases.publish(_owner(organisation_id), UUID(list_id))


@app.task(name="indicators.propose_entries", queue="foreign")
def propose_entries(organisation_id: str, proposing_id: str) -> None:
    """Propose entries of a list of another."""
    proposals.run_proposals(UUID(organisation_id), UUID(proposing_id))


@app.task(name="indicators.tell_source", queue="foreign")
def tell_source(organisation_id: str, list_id: str) -> None:
    """Tell the source of a list how matches turned out."""
    source_feedback.tell(_owner(organisation_id), UUID(list_id))


def _owner(organisation_id: str) -> Actor:
    return directory.acting_for(directory.entry(UUID(organisation_id)), "system:foreign", "Partner lists")


@app.periodic(cron="*/5 * * * *")
@app.task(name="indicators.pull_due", queue="foreign", queueing_lock="indicators.pull_due")
def pull_due(timestamp: int) -> None:
    """Order a pull of every foreign list whose time has come, and again what was killed."""
    for one in directory.list_organisations():
        owner = directory.acting_for(one, "system:foreign", "Partner lists")
        with acting(owner):
            previous_entries.erase_old()
            for row in subscriptions.due(owner):
                subscriptions.enqueue_sync(row)
            for asked in proposals.due():
                proposals.enqueue_proposals(asked)
            for row in source_feedback.due():
                enqueue.tell_source(row.organisation_id, row.pk)
            for row in subscriptions.passed_on():
                if releases.due(row):
                    releases.enqueue_release(row)
