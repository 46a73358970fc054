"""Client address of a request, also behind a proxy that the operator trusts.

Only proxies in `TUTELA_TRUSTED_PROXIES` are believed. The header `X-Forwarded-For` is read from its end: the last
address that is not a trusted proxy is the visitor's. Everything before this address was written by the visitor.
"""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from tutela.exchange.feeds.http_client import Network


def client_address(request: HttpRequest) -> str:
    """The visitor's address; empty where the peer's is none."""
    return named(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def named(peer: str, forwarded: str) -> str:
    """Return the client address, as `client_address`, from a peer and the header's text.

    All visitors of a proxy that names nobody share the proxy's address.
    """
    found = _address(peer)
    for said in reversed(forwarded.split(",")):
        if found is None or not _trusted(found):
            break
        found = _address(said) or found
    return str(found) if found else ""


def trusted(address: str) -> bool:
    """Whether a proxy of the operator has this address."""
    found = _address(address)
    return found is not None and _trusted(found)


def _trusted(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in _networks(settings.TRUSTED_PROXIES))


@cache
def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
