"""Delivers outboxes in tests: the real HTTP layer of the node, called in process."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import httpx
from django.core.wsgi import get_wsgi_application
from django.test import Client

from tests.support.cast import Cast
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.message.signed_message import HEADER
from tutela.organisations.messages import delivery, message_signing, outbox
from tutela.organisations.models import ApiKey, OutboxMessage
from tutela.organisations.people import api_keys, directory
from tutela.organisations.people.bootstrap import machine


def introduce(cast: Cast, sender: Actor, recipient: Actor, *scopes: str) -> None:
    """Give `sender` a key of its own that `recipient`'s API accepts."""
    _row, text = api_keys.issue_key(sender, sender.organisation_id, name=f"to {recipient.name}", scopes=list(scopes))
    outbox.set_credential(sender, recipient.organisation_id, text)


class SigningClient(Client):
    """A client that speaks as an organisation's outbox would: the message is signed by the holder of the key that it
    shows, and a key that had no recipient yet is for this one.
    """

    def generic(self, method: str, path: str, data: Any = "", *args: Any, **extra: Any) -> Any:
        headers = dict(extra.pop("headers", None) or {})
        body = data.encode() if isinstance(data, str) else data
        row = ApiKey.objects.filter(prefix=headers.get("Authorization", "").partition("tut_")[2][:10]).first()
        named = re.search(r"/organisations/([0-9a-f-]{36})/", path)
        centre = directory.the_centre()
        whom = UUID(named[1]) if named else centre.id if centre else None
        if row is not None and whom is not None and HEADER not in headers:
            row.recipient_id = row.recipient_id or whom
            row.save(update_fields=["recipient_id"])
            sign = message_signing.signer(machine(row.organisation_id, "outbox"), whom)
            headers[HEADER] = sign(path, headers.get("Idempotency-Key", ""), body)
        return super().generic(method, path, body, *args, headers=headers, **extra)


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
