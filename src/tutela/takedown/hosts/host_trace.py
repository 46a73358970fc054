"""Trace the host of a case: names, networks, contacts and three countries that are never merged.

1. The name is looked up; every address is kept with its lifetime. Nothing of the page is requested.
2. For each address: the registry's network (country, holder, contacts), and the location by the data of this node.
   For the domain: its registrar, with the contact for abuse.
3. The establishment country comes from the directory of organisations: a provider of that name.
4. Each trace is a new row. If contact or country differ from the trace before, it is marked as moved.
5. An onion service or content of a distributed network has no host: police only.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from tutela import clock
from tutela.casework import geolocation
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.takedown.hotline_message import ActionKind
from tutela.exchange.takedown.web_address import AddressKind
from tutela.organisations.keys import subject_keys
from tutela.organisations.people import directory
from tutela.organisations.vocabulary import allowed_networks
from tutela.takedown import case_changes
from tutela.takedown import case_rows as rows
from tutela.takedown.errors import NoHost
from tutela.takedown.hosts import name_lookup
from tutela.takedown.hosts.name_lookup import Lookup
from tutela.takedown.hosts.registry_client import RegistryClient
from tutela.takedown.intake.open_case import address_of
from tutela.takedown.models import HostTrace, Source, Stage, TakedownCase

# A person waits for the result. Addresses after this time are listed without their network.
SECONDS = 20.0
NOT_ASKED = "The time for this trace was over."
HOSTLESS = frozenset({AddressKind.ONION, AddressKind.DECENTRALISED})


@dataclass(frozen=True)
class TracedAddress:
    """One address of a host: countries, holder and contacts. `fault`: why the registry said nothing."""

    address: str
    lifetime: int
    registration_country: str = ""
    location_country: str = ""
    location_source: str = ""
    network: str = ""
    organisation: str = ""
    asns: tuple[int, ...] = ()
    contacts: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Trace:
    """Result of a trace, as its row seals it."""

    host: str
    at: str
    code: str
    aliases: tuple[str, ...] = ()
    registries_published: str = ""
    addresses: tuple[TracedAddress, ...] = field(default_factory=tuple)
    # Who sold the domain, its contacts for abuse, and why its registry said nothing.
    registrar: str = ""
    registrar_contacts: tuple[str, ...] = ()
    registrar_fault: str = ""

    @property
    def contacts(self) -> tuple[str, ...]:
        """Contacts of all addresses, each once."""
        return tuple(dict.fromkeys(mail for one in self.addresses for mail in one.contacts))


def trace(
    actor: Actor, case_id: UUID, *, client: RegistryClient | None = None, lookup: Lookup = name_lookup.look_up
) -> Trace:
    """Trace the host of a case and store the result. Raises `NoHost`, `NotFound`, `CaseClosed`.

    The network is asked outside the transaction.
    """
    actor.require("takedown.assess")
    with acting(actor):
        address = address_of(rows.locked_open(case_id))
    if address.kind in HOSTLESS:
        raise NoHost
    asker = client or RegistryClient(networks=allowed_networks.networks())
    found = run(address.host, clock.now(), asker, lookup, domain=address.registered_domain)
    with acting(actor):
        _store(actor, case_id, found)
    return found


def untraced(actor: Actor, most: int = 10) -> list[UUID]:
    """Open cases with a host that was never traced, oldest first. For a job.

    A public report is traced once a person has assessed it: a look-up at once would tell the owner of a name server
    that the address was new.
    """
    entered = Q(stage=Stage.ASSESS) & ~Q(source=Source.PUBLIC)
    with acting(actor):
        found = TakedownCase.objects.filter(entered | Q(stage=Stage.ACT), traces=None, erased_at=None)
        rest = found.exclude(kind__in=HOSTLESS).order_by("created_at")
        return list(rest.values_list("pk", flat=True)[:most])


def run(
    host: str, at: datetime, client: RegistryClient, lookup: Lookup = name_lookup.look_up, *, domain: str = ""
) -> Trace:
    """Ask names and registries about a host and its domain. Faults are part of the result."""
    answer = lookup(host)
    places, end = geolocation.known(), time.monotonic() + SECONDS
    traced = tuple(_address(one, lifetime, client, places, end) for one, lifetime in answer.addresses)
    registrar, contacts, fault = _registrar(domain, client, end)
    return Trace(
        host, at.isoformat(), answer.code, answer.aliases, client.published, traced, registrar, contacts, fault
    )


def traces_of(case_id: UUID) -> list[tuple[HostTrace, Trace]]:
    """Every trace of a case, newest first; none once the contents are erased. Call inside `acting(actor)`."""
    found = HostTrace.objects.filter(case_id=case_id, created_at__gte=F("case__sealed_since")).order_by("-created_at")
    bodies = [(case_id, bytes(row.sealed), _purpose(row.pk)) for row in found]
    opened = subject_keys.unseal_all(rows.SUBJECT, bodies)
    return [(row, _parsed(body)) for row, body in zip(found, opened, strict=True) if body is not None]


def _address(text: str, lifetime: int, client: RegistryClient, places: geolocation.Places, end: float) -> TracedAddress:
    location = places.find(ip_address(text))
    country, source = (location.country, location.edition) if location else ("", "")
    if time.monotonic() > end:
        return TracedAddress(text, lifetime, "", country, source, fault=NOT_ASKED)
    try:
        network = client.network_of(text)
    except ExchangeError as error:
        return TracedAddress(text, lifetime, "", country, source, fault=str(error)[:200])
    if network is None:
        return TracedAddress(text, lifetime, "", country, source)
    contacts = tuple(one.email for one in network.contacts)
    return TracedAddress(
        text,
        lifetime,
        network.country,
        country,
        source,
        network.prefix,
        network.organisation,
        network.asns,
        contacts,
    )


def _registrar(domain: str, client: RegistryClient, end: float) -> tuple[str, tuple[str, ...], str]:
    """Name and contacts of the registrar of a domain, or why there is none."""
    if not domain:
        return "", (), ""
    if time.monotonic() > end:
        return "", (), NOT_ASKED
    try:
        found = client.registrar_of(domain)
    except ExchangeError as error:
        return "", (), str(error)[:200]
    return ("", (), "") if found is None else (found.name, tuple(one.email for one in found.contacts), "")


def _store(actor: Actor, case_id: UUID, found: Trace) -> None:
    case = rows.locked_open(case_id)
    before = next(iter(traces_of(case_id)), None)
    first = next((one for one in found.addresses if one.organisation), None)
    provider = first.organisation if first else ""
    row = HostTrace(
        organisation_id=actor.organisation_id,
        case=case,
        registration_country=_one(one.registration_country for one in found.addresses),
        location_country=_one(one.location_country for one in found.addresses),
        establishment_country=_establishment(provider),
        provider=provider,
        asn=next((asn for one in found.addresses for asn in one.asns), None),
        answer=found.code,
        by=actor.reference,
    )
    row.moved = before is not None and (before[1].contacts, before[0].location_country) != (
        found.contacts,
        row.location_country,
    )
    body = json.dumps(asdict(found)).encode()
    row.sealed = subject_keys.seal(actor, rows.SUBJECT, case.pk, body, _purpose(row.pk))
    row.save()
    case.hosting_country, case.provider = row.location_country, provider
    case.save(update_fields=["hosting_country", "provider"])
    record(
        actor,
        "takedown.traced",
        rows.SUBJECT,
        case.pk,
        answer=found.code,
        country=row.location_country,
        moved=row.moved,
    )
    if before is not None and row.location_country not in ("", before[0].location_country):
        case_changes.changed(actor, case.pk, ActionKind.MOVED)


def _one(countries: Any) -> str:
    """The one country of all addresses. Different countries are not averaged: then there is none."""
    found = {one for one in countries if one}
    return found.pop() if len(found) == 1 else ""


def _establishment(provider: str) -> str:
    wanted = provider.casefold()
    known = directory.list_organisations(kind="provider") if wanted else []
    return next((one.country for one in known if one.verified and one.name.casefold() == wanted), "")


def _parsed(body: bytes) -> Trace:
    data = json.loads(body)
    addresses = tuple(
        TracedAddress(**{**one, "asns": tuple(one["asns"]), "contacts": tuple(one["contacts"])})
        for one in data.pop("addresses")
    )
    several = {name: tuple(data.get(name, ())) for name in ("aliases", "registrar_contacts")}
    return Trace(**{**data, **several}, addresses=addresses)


def _purpose(row_id: UUID) -> str:
    return f"takedown:{row_id}:trace"
