"""Overview of an organisation's messages, and of actions that need a second person."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.organisations.approvals import second_person
from tutela.organisations.messages import outbox_status
from tutela.organisations.people import sign_in_events


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """Return the actions pending approval, refused messages and unreachable recipients; None if there are none."""
    found = [
        (
            _("Actions pending your approval as the second person"),
            second_person.count(actor),
            "/desk/approvals/?state=mine",
            True,
        )
    ]
    if actor.can("organisation.manage"):
        since = f"{sign_in_events.alerts_since():%Y-%m-%dT%H:%M}"
        guesses = f"/desk/events/?{urlencode({'kind': sign_in_events.GUESSED, 'since': since})}"
        found.append((_("Repeated failed sign-ins to accounts"), sign_in_events.alerts(actor), guesses, True))
    if actor.can("messages.resend"):
        found += [
            (_("Refused messages"), outbox_status.refused(actor), "/desk/messages/?state=refused", True),
            (_("Unreachable recipients"), len(outbox_status.absences(actor)), "/desk/messages/#absent", False),
        ]
    todos = [one for one in found if one[1]]
    return {"todos": todos} if todos else None
