"""Private networks that a node may connect to, as its operator listed them.

All other destinations must have a public address.
"""

from __future__ import annotations

from ipaddress import ip_network

from django.conf import settings

from tutela.exchange.feeds.http_client import Network


def networks() -> tuple[Network, ...]:
    """Private networks that may be asked; everywhere else only public addresses are."""
    return _listed(settings.FEED_NETWORKS)


def peer_networks() -> tuple[Network, ...]:
    """Private networks in which other nodes may be, and what belongs to the operator's sign-on."""
    return _listed(settings.PEER_NETWORKS)


def _listed(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())
