"""What the start page shows of an organisation's messages, and of acts that wait for a second person."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.organisations import outbox_state, seconding, sign_in_events

GUESSES = "/desk/events/?kind=sign_in.guessed"


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """Acts to agree to, messages that another organisation refused, and who does not answer; None where nothing is."""
    found = [(_("Acts that wait for you as the second person"), seconding.count(actor), "/desk/acts/", True)]
    if actor.can("organisation.manage"):
        found.append((_("Accounts that somebody guesses at"), sign_in_events.alerts(actor), GUESSES, True))
    if actor.can("messages.resend"):
        found += [
            (_("Messages that were refused"), outbox_state.refused(actor), "/desk/messages/", True),
            (_("Recipients that do not answer"), len(outbox_state.absences(actor)), "/desk/messages/", False),
        ]
    todos = [one for one in found if one[1]]
    return {"todos": todos} if todos else None
