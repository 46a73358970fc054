"""Overview of an organisation's messages, and of actions that need a second person."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.organisations.approvals import second_person
from tutela.organisations.messages import outbox_status
from tutela.organisations.people import sign_in_events

GUESSES = "/desk/events/?kind=sign_in.guessed"


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """Return the actions pending approval, refused messages and unreachable recipients; None if there are none."""
    found = [
        (_("Actions pending your approval as the second person"), second_person.count(actor), "/desk/approvals/", True)
    ]
    if actor.can("organisation.manage"):
        found.append((_("Accounts with repeated failed sign-ins"), sign_in_events.alerts(actor), GUESSES, True))
    if actor.can("messages.resend"):
        found += [
            (_("Refused messages"), outbox_status.refused(actor), "/desk/messages/", True),
            (_("Unreachable recipients"), len(outbox_status.absences(actor)), "/desk/messages/", False),
        ]
    todos = [one for one in found if one[1]]
    return {"todos": todos} if todos else None
