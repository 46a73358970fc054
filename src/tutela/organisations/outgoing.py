"""Where a node asks outside: the private networks that its operator listed."""

from __future__ import annotations

from ipaddress import ip_network

from django.conf import settings

from tutela.exchange.outgoing import Network


def networks() -> tuple[Network, ...]:
    """Private networks that may be asked; everywhere else only public addresses are."""
    return tuple(ip_network(one.strip()) for one in settings.FEED_NETWORKS.split(",") if one.strip())
