"""Block of addresses of a visitor of a public form, as a hash under the key of this hour (`events.rate_limits`).

The middleware that removes the address from a request leaves only this hash on it.
"""

from __future__ import annotations

from django.http import HttpRequest

from tutela.events import rate_limits
from tutela.organisations.vocabulary.client_address import client_address

ATTRIBUTE = "_tutela_visitor_block"


def remember(request: HttpRequest) -> None:
    """Keep the hash on a request that still has its address."""
    setattr(request, ATTRIBUTE, rate_limits.of_block(client_address(request)))


def block_of(request: HttpRequest) -> str:
    """The hash; empty where the address is unknown or private."""
    return getattr(request, ATTRIBUTE, "")
