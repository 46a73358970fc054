"""What the start page shows of an organisation's messages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.organisations import outbox


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """Messages that another organisation refused, and who does not answer; None for who cannot send them again."""
    if not actor.can("messages.resend"):
        return None
    found = [
        (_("Messages that were refused"), outbox.refused(actor), "/desk/messages/", True),
        (_("Recipients that do not answer"), len(outbox.absences(actor)), "/desk/messages/", False),
    ]
    todos = [one for one in found if one[1]]
    return {"todos": todos} if todos else None
