"""Who a request comes from: the connection's address, or what a trusted proxy says in `X-Forwarded-For`.

Only proxies that the operator lists in `TUTELA_TRUSTED_PROXIES` are believed. The header is read from its end: the last
address that is no trusted proxy is the visitor's. What stands before it was written by the visitor.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from tutela.exchange.outgoing import Network

HEADER = b"x-forwarded-for"


def client_of(peer: str, headers: Iterable[tuple[bytes, bytes]], proxies: Sequence[Network]) -> str:
    """The visitor's address as text; empty where nobody can tell (a trusted proxy that names nobody)."""
    if not _trusted(peer, proxies):
        return peer
    said = ",".join(value.decode("latin-1") for name, value in headers if name.lower() == HEADER)
    for one in reversed([part.strip() for part in said.split(",") if part.strip()]):
        if not _trusted(one, proxies):
            return one if _address(one) is not None else ""
    return ""


def networks(text: str) -> tuple[Network, ...]:
    """The networks of the setting. Raises `ValueError`."""
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())


def _trusted(text: str, proxies: Sequence[Network]) -> bool:
    found = _address(text)
    return found is not None and any(found in network for network in proxies)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
