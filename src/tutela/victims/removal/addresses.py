"""Addresses of a request: stored sealed, opened, and found by keyed digests. Call inside `acting(actor)`."""

from __future__ import annotations

import hmac

from django.conf import settings

from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7_of_hour
from tutela.exchange.takedown.web_address import WebAddress
from tutela.victims.models import RemovalRequest, RequestedAddress
from tutela.victims.removal import rows

MOST_ADDRESSES = 200
KEY_BYTES = 16


def add(actor: Actor, request: RemovalRequest, address: WebAddress) -> RequestedAddress | None:
    """Store an address; None if the request has it already, or has too many."""
    key = key_of(actor, address.normal)
    if RequestedAddress.objects.filter(request=request, found_by__contains=[key]).exists():
        return None
    place = request.addresses.count() + 1
    if place > MOST_ADDRESSES:
        return None
    row = RequestedAddress(
        id=uuid7_of_hour(),
        created_at=request.received_at,
        organisation_id=actor.organisation_id,
        request=request,
        place=place,
        found_by=[key],
    )
    row.sealed = rows.seal(actor, request, address.normal.encode(), _what(row))
    row.save(force_insert=True)
    return row


def text_of(row: RequestedAddress, request: RemovalRequest) -> str:
    """The address; empty once it is erased, or where only the hotline knows it."""
    body = rows.unseal(request, row.sealed, _what(row)) if row.sealed else None
    return body.decode() if body else ""


def key_of(actor: Actor, normal: str) -> bytes:
    """The keyed hash by which an address is found again."""
    said = f"removal:address:{actor.organisation_id}:{normal}"
    return hmac.digest(settings.BLIND_KEY, said.encode(), "sha256")[:KEY_BYTES]


def _what(row: RequestedAddress) -> str:
    return f"address:{row.pk}"
