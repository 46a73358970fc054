"""Addresses of the public internet: those of IANA's registries, where the library of Python does not know all."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network

# IPv4-translated addresses (RFC 2765, 7915) and segment identifiers (RFC 9602): Python takes them for public.
_NEVER_PUBLIC = (IPv6Network("::ffff:0:0:0/96"), IPv6Network("5f00::/16"))


def is_global(ip: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public internet; an address in another one is not looked at."""
    return ip.is_global and not (ip.version == 6 and any(ip in network for network in _NEVER_PUBLIC))
