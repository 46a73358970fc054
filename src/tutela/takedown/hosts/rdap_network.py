"""Network object of RDAP (RFC 9083): its holder, country, origin networks, and contacts for abuse.

Contacts are found in this order: entities with the role abuse, technical, then noc; within a role depth first. An
address is never taken from a reported page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, summarize_address_range
from typing import Any

from tutela.exchange.errors import ExchangeError

ROLES = ("abuse", "technical", "noc")
# Countries of a registry that are none (`hosting.md`): satellite, proxy, region.
NO_COUNTRIES = frozenset({"A1", "A2", "O1", "EU", "AP", "ZZ"})
MOST_DEPTH = 8
MOST_CONTACTS = 5
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
# Private use and documentation (RFC 6996, RFC 5398): never a host.
_NO_HOSTS = ((64496, 64511), (64512, 65534), (65536, 65551), (4200000000, 4294967294))


class NetworkInvalidError(ExchangeError):
    """The answer of a registry is not an RDAP network."""


@dataclass(frozen=True)
class Contact:
    """E-mail address of a network, and the role of its entity."""

    email: str
    role: str


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
    entities = list(_entities(data, 0))
    holder = next((one for role in ("registrant", *ROLES) for one in entities if role in _roles(one)), {})
    return Network(
        prefix=_prefix(data),
        name=_text(data.get("name")),
        organisation=_value(holder, "fn") or _text(data.get("name")),
        country=_country(data.get("country")) or _country_of_label(_label(holder)),
        asns=tuple(one for one in _numbers(data.get("arin_originas0_originautnums")) if _may_host(one)),
        contacts=tuple(_contacts(entities))[:MOST_CONTACTS],
    )


def _entities(data: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    found = data.get("entities")
    if depth >= MOST_DEPTH or not isinstance(found, list):
        return
    for one in found:
        if isinstance(one, dict):
            yield one
            yield from _entities(one, depth + 1)


def _contacts(entities: list[dict[str, Any]]) -> Iterator[Contact]:
    """Contacts of the first role that has any."""
    for role in ROLES:
        found = dict.fromkeys(mail for one in entities if role in _roles(one) for mail in _emails(one))
        if found:
            yield from (Contact(mail, role) for mail in found)
            return


def _emails(entity: dict[str, Any]) -> list[str]:
    """E-mail addresses of an entity, the preferred first."""
    rows = [row for row in _card(entity) if row[0] == "email" and isinstance(row[3], str)]
    rows.sort(key=lambda row: _preference(row[1]))
    return [row[3].strip() for row in rows if _EMAIL.fullmatch(row[3].strip())]


def _preference(parameters: object) -> int:
    said = parameters.get("pref") if isinstance(parameters, dict) else None
    text = said if isinstance(said, str) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 101


def _roles(entity: dict[str, Any]) -> list[Any]:
    found = entity.get("roles")
    return found if isinstance(found, list) else []


def _card(entity: dict[str, Any]) -> Iterator[list[Any]]:
    card = entity.get("vcardArray")
    if isinstance(card, list) and len(card) > 1 and isinstance(card[1], list):
        yield from (row for row in card[1] if isinstance(row, list) and len(row) > 3)


def _value(entity: dict[str, Any], name: str) -> str:
    return next((_text(row[3]) for row in _card(entity) if row[0] == name and isinstance(row[3], str)), "")


def _label(entity: dict[str, Any]) -> str:
    rows = (row[1] for row in _card(entity) if row[0] == "adr" and isinstance(row[1], dict))
    return next((one["label"] for one in rows if isinstance(one.get("label"), str)), "")


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
            return f"{_text(start)}/{_text(str(one.get('length', '')))}"
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


def _text(value: object) -> str:
    said = "".join(one for one in str(value or "") if one.isprintable())
    return " ".join(said.split())[:200]
