"""Ask a registry for the network of an address, by the guarded client.

1. The registry's base comes from the dated table; an address without one has no network: an answer, not an error.
2. A redirect is followed at most `MOST_HOPS` times, by https alone, each hop resolved and checked as the first.
3. An answer has at most `MOST_BYTES`. A registry that is busy or away is asked again later (`NoAnswerError`).
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urljoin

import httpx

from tutela.exchange.feeds import http_client
from tutela.exchange.feeds.http_client import AddressRefusedError, NoAnswerError
from tutela.takedown.hosts import rdap_bases, rdap_network
from tutela.takedown.hosts.rdap_network import Network

MOST_HOPS = 5
MOST_BYTES = 1 << 20
SECONDS = 8.0
_HEADERS = {"Accept": "application/rdap+json"}


class RegistryClient:
    """Client of registries. Safe to share between threads."""

    def __init__(
        self,
        bases: rdap_bases.Bases | None = None,
        networks: Sequence[http_client.Network] = (),
        *,
        resolve: http_client.Resolve = http_client.resolved,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._bases, self._networks = bases or rdap_bases.shipped(), tuple(networks)
        self._resolve, self._transport = resolve, transport

    @property
    def published(self) -> str:
        """Date of the table of registries."""
        return self._bases.published

    def network_of(self, address: str) -> Network | None:
        """The network of an address; None if no registry knows it.

        Raises `NoAnswerError`, `AddressRefusedError`, `NetworkInvalidError`.
        """
        base = self._bases.base_for(ip_address(address))
        return None if base is None else self._ask(f"{base}ip/{address}")

    def _ask(self, url: str) -> Network | None:
        for _hop in range(MOST_HOPS + 1):
            http_client.check_base(url.partition("?")[0], self._networks)
            place, _listed = http_client.located(url, self._networks, self._resolve)
            with http_client.asked(url, place, _HEADERS, SECONDS, self._transport) as answer:
                if answer.is_redirect:
                    url = urljoin(url, answer.headers.get("Location", ""))
                    continue
                if answer.status_code == 404:
                    return None
                if answer.status_code != 200:
                    raise NoAnswerError(f"The registry answered {answer.status_code}.")
                return rdap_network.parse(http_client.read(answer, MOST_BYTES, SECONDS))
        raise AddressRefusedError("The registry redirects too often.")
