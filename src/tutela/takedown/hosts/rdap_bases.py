"""Base addresses of registries for RDAP (RFC 9224): longest prefix, from a dated copy or an operator's newer one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path
from typing import Any

from tutela.exchange.feeds.http_client import Network

_SHIPPED = Path(__file__).with_name("rdap_bases.json")


@dataclass(frozen=True)
class Bases:
    """Networks with their base, longest prefix first. `published` is the date of the data."""

    published: str
    networks: tuple[tuple[Network, str], ...]

    def base_for(self, address: IPv4Address | IPv6Address) -> str | None:
        """The base of the registry that knows an address; None if no registry has RDAP for it."""
        return next((base for network, base in self.networks if address in network), None)


def parse(content: bytes) -> Bases:
    """Read a bootstrap file. Raises `ValueError` with the reason."""
    try:
        data: Any = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("The file must be valid JSON.") from None
    if not isinstance(data, dict) or not isinstance(data.get("services"), list):
        raise ValueError("The file must have a list of services.")
    found: list[tuple[Network, str]] = []
    for service in data["services"]:
        match service:
            case [[*networks], [*bases]]:
                base = next((one for one in bases if isinstance(one, str) and one.startswith("https://")), None)
                if base:
                    found += [(ip_network(str(one)), base.rstrip("/") + "/") for one in networks]
            case _:
                raise ValueError("A service must be a list of networks and a list of bases.")
    ordered = sorted(found, key=lambda one: -one[0].prefixlen)
    return Bases(str(data.get("publication", "")), tuple(ordered))


@lru_cache(maxsize=1)
def shipped() -> Bases:
    """The bases that came with this version."""
    return parse(_SHIPPED.read_bytes())
