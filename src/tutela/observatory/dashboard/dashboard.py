"""Overview of the observatory for the start page, as plain values for the app package."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.observatory.due import alerts, claim_reviews
from tutela.observatory.returns import filed


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business with returns."""
    if not actor.can(filed.READ):
        return None
    now = clock.now()
    missing = filed.missing_forms(actor, now)
    todos: list[tuple[Any, ...]] = [(_("Returns to file after their date"), len(missing), f"{alerts.PAGE}#late", True)]
    if actor.can(claim_reviews.REVIEW):
        with acting(actor):
            overdue = claim_reviews.overdue(now.date())
        todos.append((_("Claims to review"), len(overdue), f"{alerts.PAGE}#claims", False))
    return {"todos": todos, "dues": [], "charts": []}
