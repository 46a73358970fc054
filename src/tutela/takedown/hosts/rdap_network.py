"""Network object of RDAP (RFC 9083): its holder, country, origin networks, and contacts for abuse.

Contacts are found in this order: entities with the role abuse, technical, then noc; within a role depth first. An
address is never taken from a reported page.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from ipaddress import ip_address, summarize_address_range
from typing import Any

from tutela.exchange.errors import ExchangeError
from tutela.takedown.hosts.rdap_entities import Contact, contacts_of, entities_of, label_of, plain, roles_of, value_of

ROLES = ("abuse", "technical", "noc")
# Countries of a registry that are none (`hosting.md`): satellite, proxy, region.
NO_COUNTRIES = frozenset({"A1", "A2", "O1", "EU", "AP", "ZZ"})
MOST_CONTACTS = 5
# Private use and documentation (RFC 6996, RFC 5398): never a host.
_NO_HOSTS = ((64496, 64511), (64512, 65534), (65536, 65551), (4200000000, 4294967294))


class NetworkInvalidError(ExchangeError):
    """The answer of a registry is not an RDAP network."""


@dataclass(frozen=True)
class Network:
    """What a registry says of the network of an address."""

    prefix: str
    name: str
    organisation: str
    country: str
    asns: tuple[int, ...]
    contacts: tuple[Contact, ...]


def parse(content: bytes) -> Network:
    """Read a network object. Raises `NetworkInvalidError`."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise NetworkInvalidError("The answer must be valid JSON.") from None
    if not isinstance(data, dict) or data.get("objectClassName") != "ip network":
        raise NetworkInvalidError
    entities = list(entities_of(data))
    holder = next((one for role in ("registrant", *ROLES) for one in entities if role in roles_of(one)), {})
    return Network(
        prefix=_prefix(data),
        name=plain(data.get("name")),
        organisation=value_of(holder, "fn") or plain(data.get("name")),
        country=_country(data.get("country")) or _country_of_label(label_of(holder)),
        asns=tuple(one for one in _numbers(data.get("arin_originas0_originautnums")) if _may_host(one)),
        contacts=tuple(contacts_of(entities, ROLES))[:MOST_CONTACTS],
    )


def _country(value: object) -> str:
    text = value.strip().upper() if isinstance(value, str) else ""
    return text if re.fullmatch("[A-Z]{2}", text) and text not in NO_COUNTRIES else ""


def _country_of_label(label: str) -> str:
    """The last line of a postal address, if it is a code. Names of countries are not guessed."""
    return _country(label.strip().splitlines()[-1]) if label.strip() else ""


def _prefix(data: dict[str, Any]) -> str:
    rows = data.get("cidr0_cidrs")
    for one in rows if isinstance(rows, list) else []:
        if isinstance(one, dict) and (start := one.get("v4prefix") or one.get("v6prefix")):
            return f"{plain(start)}/{plain(str(one.get('length', '')))}"
    try:
        ends = [ip_address(str(data.get(name))) for name in ("startAddress", "endAddress")]
        return str(next(iter(summarize_address_range(*ends))))
    except (TypeError, ValueError):
        return ""


def _numbers(value: object) -> list[int]:
    return (
        [one for one in value if isinstance(one, int) and not isinstance(one, bool)] if isinstance(value, list) else []
    )


def _may_host(number: int) -> bool:
    return 0 < number < 2**32 and not any(low <= number <= high for low, high in _NO_HOSTS)
