"""What the start page shows of an organisation's messages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.organisations import outbox


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """Messages that another organisation refused; None for somebody who cannot send them again."""
    if not actor.can("messages.resend"):
        return None
    count = outbox.refused(actor)
    return {"todos": [(_("Messages that were refused"), count, "/desk/messages/", True)]} if count else None
