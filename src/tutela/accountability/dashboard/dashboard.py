"""Accountability summary on an auditor's start page, as plain values for the app package to render."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela.accountability.chain import erasure
from tutela.accountability.public_log import status
from tutela.events.actor import Actor
from tutela.events.record import newest_purposes
from tutela.events.transaction import acting

# Enough to show a habit, few enough to be read at every look.
MOST_ROWS_COUNTED = 1000
DAYS_SHOWN = 14


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos` and `charts` of somebody who audits, `todos` of who may erase facts; None for others."""
    with acting(actor):
        todos = list(_to_erase(actor)) if actor.can("events.erase") else []
        if not actor.can("audit.verify"):
            return {"todos": todos} if todos else None
        state, purposes = status.state(), newest_purposes(MOST_ROWS_COUNTED)
    return {"todos": [*todos, *_todos(state)], "charts": list(_charts(state, purposes))}


def _to_erase(actor: Actor) -> Iterable[tuple[Any, ...]]:
    for event in erasure.waiting_for(actor):
        yield _("Event erasure pending approval by a second person"), 1, f"/desk/events/{event}/", False


def _todos(state: status.LogStatus | None) -> Iterable[tuple[Any, ...]]:
    if state is None:
        return
    silent = sum(not one.cosigned for one in state.witnesses)
    yield _("Witnesses that did not cosign the newest checkpoint"), silent, "/log/#silent", True
    if state.stopped:
        yield _("The public log has fewer than two witnesses: nothing is added to lists"), 1, "/log/#stopped", True
    if state.delayed:
        yield _("Entries waiting more than 1 minute for the public log"), state.waiting, "/log/#delayed", True


def _charts(state: status.LogStatus | None, purposes: dict[str, int]) -> Iterable[tuple[Any, ...]]:
    labels, values = list(purposes), [float(n) for n in purposes.values()]
    yield _("Purposes of the newest 1,000 events"), _("events"), labels, values, "funnel"
    if state:
        growth = state.growth
        yield growth.title, _("entries"), growth.labels[-DAYS_SHOWN:], growth.values[-DAYS_SHOWN:], "bars"
