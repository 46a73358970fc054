"""Base addresses of registries for RDAP (RFC 9224), of networks and of domains, from dated copies of IANA's files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path
from typing import Any

from tutela.exchange.feeds.http_client import Network

_SHIPPED = Path(__file__).with_name("rdap_bases.json")
_SHIPPED_DOMAINS = Path(__file__).with_name("rdap_domain_bases.json")


@dataclass(frozen=True)
class Bases:
    """Networks with their base, longest prefix first. `published` is the date of the data."""

    published: str
    networks: tuple[tuple[Network, str], ...]

    def base_for(self, address: IPv4Address | IPv6Address) -> str | None:
        """The base of the registry that knows an address; None if no registry has RDAP for it."""
        return next((base for network, base in self.networks if address in network), None)


@dataclass(frozen=True)
class DomainBases:
    """Names of registries with their base. `published` is the date of the data."""

    published: str
    names: dict[str, str]

    def base_for(self, domain: str) -> str | None:
        """The base of the registry that sold a domain: that of its longest suffix, whole labels alone."""
        labels = domain.lower().split(".")
        suffixes = (".".join(labels[at:]) for at in range(len(labels)))
        return next((self.names[one] for one in suffixes if one in self.names), None)


def parse(content: bytes) -> Bases:
    """Read a bootstrap file of networks. Raises `ValueError` with the reason."""
    published, services = _services(content)
    found = [(ip_network(name), base) for names, base in services for name in names]
    return Bases(published, tuple(sorted(found, key=lambda one: -one[0].prefixlen)))


def parse_domains(content: bytes) -> DomainBases:
    """Read a bootstrap file of domains. Raises `ValueError` with the reason."""
    published, services = _services(content)
    return DomainBases(published, {name.lower(): base for names, base in services for name in names})


def _services(content: bytes) -> tuple[str, list[tuple[list[str], str]]]:
    """Date of a file, and its services that have a base with https."""
    try:
        data: Any = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("The file must be valid JSON.") from None
    if not isinstance(data, dict) or not isinstance(data.get("services"), list):
        raise ValueError("The file must have a list of services.")
    found: list[tuple[list[str], str]] = []
    for service in data["services"]:
        match service:
            case [[*networks], [*bases]]:
                base = next((one for one in bases if isinstance(one, str) and one.startswith("https://")), None)
                if base:
                    found.append(([str(one) for one in networks], base.rstrip("/") + "/"))
            case _:
                raise ValueError("A service must be a list of networks and a list of bases.")
    return str(data.get("publication", "")), found


@lru_cache(maxsize=1)
def shipped() -> Bases:
    """The bases that came with this version."""
    return parse(_SHIPPED.read_bytes())


@lru_cache(maxsize=1)
def shipped_domains() -> DomainBases:
    """The bases of domains that came with this version."""
    return parse_domains(_SHIPPED_DOMAINS.read_bytes())
