"""Domain object of RDAP (RFC 9083): the registrar that sold a domain, and its contacts for abuse.

Nothing about the holder of the domain is read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from tutela.exchange.errors import ExchangeError
from tutela.takedown.hosts.rdap_entities import Contact, contacts_of, entities_of, roles_of, value_of

MOST_CONTACTS = 5


class DomainInvalidError(ExchangeError):
    """The answer of a registry is not an RDAP domain."""


@dataclass(frozen=True)
class Registrar:
    """The registrar of a domain. Empty where the registry names none."""

    name: str
    contacts: tuple[Contact, ...]


def parse(content: bytes) -> Registrar:
    """Read a domain object. Raises `DomainInvalidError`."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise DomainInvalidError("The answer must be valid JSON.") from None
    if not isinstance(data, dict) or data.get("objectClassName") != "domain":
        raise DomainInvalidError
    registrar = next((one for one in entities_of(data) if "registrar" in roles_of(one)), None)
    if registrar is None:
        return Registrar("", ())
    # The contact for abuse stands inside the registrar; another one is not the registrar's.
    found = contacts_of(list(entities_of(registrar)), ("abuse",))
    return Registrar(value_of(registrar, "fn"), tuple(found)[:MOST_CONTACTS])
