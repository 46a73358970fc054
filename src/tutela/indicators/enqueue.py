"""Enqueue this domain's background tasks. `jobs.py` defines them. Call inside the transaction of the change."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from procrastinate.contrib.django import app

from tutela.organisations.enqueue import once


def publish_release() -> None:
    """Enqueue a new version of the list."""
    app.configure_task("indicators.publish", allow_unknown=False).defer()


def refresh_head() -> None:
    """Enqueue a new head of the list: removals take effect on every connected Edge."""
    app.configure_task("indicators.refresh_head", allow_unknown=False).defer()


def prepare_lookup() -> None:
    """Enqueue a new set for the private look-up, unless one waits already."""
    once("indicators.prepare_lookup", "indicators.prepare_lookup", lock="lookup")


def draw_sample(organisation_id: UUID, draw_id: UUID) -> None:
    """Enqueue the drawing of a sample of a large register."""
    app.configure_task("indicators.draw_sample", allow_unknown=False, lock=f"draw:{draw_id}").defer(
        organisation_id=str(organisation_id), draw_id=str(draw_id)
    )


def apply_hold(hold_id: UUID) -> None:
    """Enqueue what a hold or its decision asks for, after any that runs."""
    # No queueing lock: a job that is tried again after a trouble would find its place taken.
    app.configure_task("indicators.apply_hold", allow_unknown=False, lock=f"hold:{hold_id}").defer(hold_id=str(hold_id))


def suspend_unverified(organisation_id: UUID) -> None:
    """Enqueue the suspension of what lost its certifications with an organisation or with a key of it."""
    app.configure_task("indicators.work_lapsed", allow_unknown=False).defer(organisation_id=str(organisation_id))


def suspend_one(indicator_id: UUID) -> None:
    """Enqueue the verification of one indicator, and its suspension if its certifications are not valid."""
    app.configure_task("indicators.stop_unsound", allow_unknown=False).defer(indicator_id=str(indicator_id))


def begin_rounds(by: str, until: datetime, reason: str) -> None:
    """Enqueue the new rounds of certification that the Centre decided on."""
    app.configure_task("indicators.dismiss_lapsed", allow_unknown=False).defer(
        by=by, until=until.isoformat(), reason=reason
    )


def pull_list(organisation_id: UUID, list_id: UUID) -> None:
    """Enqueue a pull of a partner list, unless one waits already."""
    _list("indicators.pull", f"partner:{list_id}", organisation_id, list_id)


def redistribute_list(organisation_id: UUID, list_id: UUID) -> None:
    """Enqueue a new version of a partner list that is redistributed, unless one waits already."""
    _list("indicators.pass_on", f"passing:{list_id}", organisation_id, list_id)


def tell_source(organisation_id: UUID, list_id: UUID) -> None:
    """Enqueue feedback to the source of a partner list, unless it waits already."""
    _list("indicators.tell_source", f"telling:{list_id}", organisation_id, list_id)


def propose_entries(organisation_id: UUID, proposing_id: UUID) -> None:
    """Enqueue proposals from a partner list, unless they wait already."""
    once(
        "indicators.propose_entries",
        f"proposing:{proposing_id}",
        organisation_id=str(organisation_id),
        proposing_id=str(proposing_id),
    )


def _list(task: str, lock: str, organisation_id: UUID, list_id: UUID) -> None:
    once(task, lock, organisation_id=str(organisation_id), list_id=str(list_id))
