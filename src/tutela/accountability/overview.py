"""What the start page shows an auditor, as plain values that the roof draws."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela.accountability import public_state
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.recording import newest_purposes

# Enough to show a habit, few enough to be read at every look.
NEWEST = 1000
DAYS_SHOWN = 14


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos` and `charts`; None for somebody who does not audit."""
    if not actor.can("audit.verify"):
        return None
    with acting(actor):
        state, purposes = public_state.state(), newest_purposes(NEWEST)
    return {"todos": list(_todos(state)), "charts": list(_charts(state, purposes))}


def _todos(state: public_state.State | None) -> Iterable[tuple[Any, ...]]:
    if state is None:
        return
    silent = sum(not one.cosigned for one in state.witnesses)
    yield _("Witnesses that did not cosign the newest checkpoint"), silent, "/log/", True
    if state.delayed:
        yield _("Entries that wait longer than a minute for the public log"), state.waiting, "/log/", True


def _charts(state: public_state.State | None, purposes: dict[str, int]) -> Iterable[tuple[Any, ...]]:
    labels, values = list(purposes), [float(n) for n in purposes.values()]
    yield _("Purposes of the newest 1,000 events"), _("events"), labels, values, "funnel"
    if state:
        growth = state.growth
        yield growth.title, _("entries"), growth.labels[-DAYS_SHOWN:], growth.values[-DAYS_SHOWN:], "bars"
