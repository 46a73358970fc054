"""Overview of prevention for the start page, as plain values for the app package."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.prevention.knowledge import overdue, studies
from tutela.prevention.knowledge.permissions import READ


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business with prevention."""
    if not actor.can(READ):
        return None
    with acting(actor):
        waiting = studies.to_judge().count()
        late = len(overdue.overdue_now())
    todos = [
        (_("Studies to judge"), waiting, "/desk/prevention/studies/?view=unjudged", False),
        (_("Studies that owe their results"), late, "/desk/prevention/overdue/", False),
    ]
    return {"todos": todos, "dues": [], "charts": []}
