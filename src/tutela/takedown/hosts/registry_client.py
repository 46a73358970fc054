"""Ask registries for the network of an address and the registrar of a domain, by the guarded client.

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
from tutela.takedown.hosts import rdap_bases, rdap_domain, rdap_network
from tutela.takedown.hosts.rdap_domain import Registrar
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
        domain_bases: rdap_bases.DomainBases | None = None,
        resolve: http_client.Resolve = http_client.resolved,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._bases, self._networks = bases or rdap_bases.shipped(), tuple(networks)
        self._domain_bases = domain_bases or rdap_bases.shipped_domains()
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
        found = None if base is None else self._ask(f"{base}ip/{address}")
        return None if found is None else rdap_network.parse(found)

    def registrar_of(self, domain: str) -> Registrar | None:
        """The registrar of a registered domain; None if no registry knows it, or has RDAP for it.

        Raises `NoAnswerError`, `AddressRefusedError`, `DomainInvalidError`.
        """
        base = self._domain_bases.base_for(domain)
        found = None if base is None else self._ask(f"{base}domain/{domain}")
        return None if found is None else rdap_domain.parse(found)

    def _ask(self, url: str) -> bytes | None:
        for _hop in range(MOST_HOPS + 1):
            http_client.check_base(url.partition("?")[0], self._networks)
            place, _listed = http_client.located(url, self._networks, self._resolve)
            with http_client.asked(url, place, _HEADERS, SECONDS, self._transport) as answer:
                if answer.is_redirect:
                    url = _joined(url, answer.headers.get("Location", ""))
                    continue
                if answer.status_code == 404:
                    return None
                if answer.status_code != 200:
                    raise NoAnswerError(f"The registry answered {answer.status_code}.")
                return http_client.read(answer, MOST_BYTES, SECONDS)
        raise AddressRefusedError("The registry redirects too often.")


def _joined(url: str, onward: str) -> str:
    """Where a redirect leads. Raises `NoAnswerError`."""
    try:
        return urljoin(url, onward)
    except ValueError:
        raise NoAnswerError("The registry redirects to no address.") from None
