"""The address from which a request comes, also behind a proxy that the operator trusts."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def of(request: HttpRequest) -> str:
    """The peer's address; where the peer is a trusted proxy, the nearest one in X-Forwarded-For that is none.

    What stands further left in that header anybody may have written. Empty where the address is no address.
    """
    found = _address(request.META.get("REMOTE_ADDR", ""))
    for said in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not found or not trusted(found):
            break
        found = _address(said) or found
    return found


def trusted(address: str) -> bool:
    """Whether a proxy of the operator has this address."""
    listed = (ip_network(one.strip()) for one in settings.TRUSTED_PROXIES.split(",") if one.strip())
    return any(ip_address(address) in network for network in listed)


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip().strip("[]").partition("%")[0]))
    except ValueError:
        return ""
