"""Keyed hashes of an address and of its host, by which equal addresses are one case.

The key is derived from the node's key for blind hashes, for each organisation: nobody without it can guess an address.
"""

from __future__ import annotations

import hmac
from uuid import UUID

from django.conf import settings

from tutela.exchange.takedown.web_address import WebAddress


def address_key(organisation_id: UUID, address: WebAddress) -> bytes:
    """The key of an address's normal form."""
    return _key(organisation_id, "address", address.normal)


def host_key(organisation_id: UUID, address: WebAddress) -> bytes:
    """The key of an address's host."""
    return _key(organisation_id, "host", address.host)


def item_key(organisation_id: UUID, sha256: str) -> bytes:
    """The key of a file, by its SHA-256."""
    return _key(organisation_id, "item", sha256)


def _key(organisation_id: UUID, what: str, text: str) -> bytes:
    said = f"takedown:{what}:{organisation_id}:{text}"
    return hmac.digest(settings.BLIND_KEY, said.encode(), "sha256")
