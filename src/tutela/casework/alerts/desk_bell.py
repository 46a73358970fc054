"""Bell of a person: the unanswered alerts of every desk that the person may read on this node."""

from __future__ import annotations

from tutela.casework.alerts.bell import Bell, together
from tutela.casework.alerts.subjects import kinds_of
from tutela.events.actor import Actor
from tutela.events.transaction import acting


def has_bell(actor: Actor) -> bool:
    """Whether the actor may read alerts of a desk of this node."""
    return bool(kinds_of(actor))


def bell(actor: Actor) -> tuple[Bell, str]:
    """Count the actor's unanswered alerts, and name the page of the first of them; empty for who may read none."""
    with acting(actor):
        found = [(one.unanswered(), one.page) for one in kinds_of(actor)]
    pages = [page for counted, page in found if counted.unanswered] or [page for _counted, page in found]
    page = pages[0] if pages else ""
    return together(*(counted for counted, _page in found)), page
