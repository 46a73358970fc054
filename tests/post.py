"""Delivers outboxes in tests: the real HTTP layer of the node, called in process."""

from __future__ import annotations

import httpx
from django.core.wsgi import get_wsgi_application

from tests.cast import Cast
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.organisations import apikeys, delivery, outbox
from tutela.organisations.models import OutboxMessage


def introduce(cast: Cast, sender: Actor, recipient: Actor, *scopes: str) -> None:
    """Give `sender` a key of its own that `recipient`'s API accepts."""
    _row, text = apikeys.issue_key(sender, sender.organisation_id, name=f"to {recipient.name}", scopes=list(scopes))
    outbox.set_credential(sender, recipient.organisation_id, text)


def deliver(*organisations: Actor) -> int:
    """Deliver everything that waits, also what deliveries cause; returns how many messages were answered."""
    count = 0
    with httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application())) as client:
        while waiting := [m for o in organisations for m in _waiting(o)]:
            for organisation_id, message_id in waiting:
                assert delivery.deliver_now(organisation_id, message_id, client) is None, _why(
                    organisations, message_id
                )
                count += 1
    return count


def _waiting(organisation: Actor) -> list[tuple[object, object]]:
    with acting(organisation):
        rows = OutboxMessage.objects.filter(answered_at=None).order_by("created_at")
        return [(organisation.organisation_id, pk) for pk in rows.values_list("pk", flat=True)]


def _why(organisations: tuple[Actor, ...], message_id: object) -> str:
    for organisation in organisations:
        with acting(organisation):
            row = OutboxMessage.objects.filter(pk=message_id).first()
            if row:
                return f"{row.kind} {row.path}: {row.last_error}"
    return "?"
