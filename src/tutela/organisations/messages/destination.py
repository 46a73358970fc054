"""Destination of a message to another organisation.

1. With an API key that this node issued itself, the message goes to the node's own configured address. Such a key opens
   nothing elsewhere. For this reason it is sent to nobody else, regardless of the address in the directory.
2. With a key that another node issued, the message goes to the organisation's address in the directory. HTTPS is
   required, except to this machine, where HTTP is allowed. The address must be public, or in a network that the
   operator listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from tutela.exchange.errors import ExchangeError
from tutela.exchange.feeds.http_client import AddressRefusedError, located
from tutela.organisations.people import api_keys
from tutela.organisations.vocabulary.allowed_networks import peer_networks


class NoAddressError(ExchangeError):
    """The recipient has no API address."""


@dataclass(frozen=True)
class Destination:
    """Destination of a message: the address to connect to, and the recipient's host name there."""

    base: str
    headers: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)


def place_of(api_url: str, token: str, *, connects: bool = True) -> Destination:
    """Resolve the destination of a message that carries `token`. The host name is resolved once, here.

    `connects`: false if something replaces the connection, so that no address is needed. Raises `NoAddressError`,
    `AddressRefusedError`, `NoAnswerError`.
    """
    if token and api_keys.issued_here(token):
        return Destination(settings.PUBLIC_URL)
    url = api_url.rstrip("/")
    if not url:
        raise NoAddressError
    if not connects:
        return Destination(url)
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise AddressRefusedError("The text is not an address.") from None
    if parts.scheme not in ("http", "https"):
        raise AddressRefusedError("The address must begin with https://")
    address, _all_listed = located(url, peer_networks())
    if parts.scheme == "http" and not ip_address(address).is_loopback:
        raise AddressRefusedError("Without TLS, only this machine is allowed.")
    host = f"[{address}]" if ":" in address else address
    pinned = f"{parts.scheme}://{host}{port}{parts.path}"
    return Destination(pinned, {"Host": parts.netloc}, {"sni_hostname": parts.hostname})
