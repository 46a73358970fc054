"""Decide about what a rule held back."""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.victims.hosts import send
from tutela.victims.models import RequestStage
from tutela.victims.removal import rows, rules


def release(actor: Actor, request_id: UUID, kind: str, place: int, reason: str, *, allowed: bool) -> None:
    """Let a fingerprint go to hosts, or keep it back for good. Raises `RequestEnded`, `NoFlag`, `Invalid`.

    What the rule had taken back from hosts is sent again if it is allowed and nothing else holds it.
    """
    actor.require(rows.WORK)
    with acting(actor):
        request = rows.locked_open(request_id)
        rules.release(actor, request, kind, place, reason, allowed=allowed)
        if allowed and request.stage != RequestStage.PAUSED:
            send.send_again(actor, request)
