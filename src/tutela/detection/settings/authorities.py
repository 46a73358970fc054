"""The provider's dated directory of authorities that take notifications under Art. 18 DSA.

The notified authority under Art. 18(2) is that of the Member State where the offence takes place, or where the
suspected offender or the victim resides or is located. If none can be named with reasonable certainty, the authority is
Europol, the provider's own state, or both.

1. The residence of each user: residence, postal address, phone numbers, country set in the account.
2. The places named in the report.
3. The residence of each child, by the same data.
4. Europol, then the provider's own state. A country outside the Union is no Member State and is listed after both.

This is the order of the Centre's rule (`reports.jurisdiction`), without its weights: a person chooses. Belongings give
no residence, and IP addresses are not looked up here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from django.db.models import Q

from tutela import clock
from tutela.detection.models import AuthorityAddress
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.report.fields import Person
from tutela.exchange.report.report import Report
from tutela.organisations.vocabulary.countries import COUNTRIES, UNION
from tutela.organisations.vocabulary.phone_numbers import numbered

SEED = Path(__file__).parents[1] / "seed" / "authorities.toml"
EUROPOL = "EU"


@dataclass(frozen=True)
class Address:
    """Address of an authority for notifications, with its languages, start date and source."""

    country: str
    name: str
    address: str
    languages: list[str]
    valid_from: date
    source: str
    checked_on: date | None = None


def add(actor: Actor, given: Address) -> UUID:
    """Enter an address. Raises `Invalid` naming the field."""
    actor.require("detection.settings")
    if given.country not in {*COUNTRIES, EUROPOL}:
        raise Invalid("Enter two capital letters of ISO 3166-1, or EU for Europol.", field="country")
    for name in ("name", "address", "source"):
        if not getattr(given, name).strip():
            raise Invalid("This field is required.", field=name)
    with acting(actor):
        row = _enter(actor, given)
        record(actor, "authority.entered", "authority_address", row.id, country=given.country)
    return row.id


def end(actor: Actor, address_id: UUID) -> None:
    """The address no longer holds from today on; it stays in the history."""
    actor.require("detection.settings")
    with acting(actor):
        if not AuthorityAddress.objects.filter(pk=address_id, valid_to=None).update(valid_to=clock.now().date()):
            raise NotFound
        record(actor, "authority.ended", "authority_address", address_id)


def seed(actor: Actor) -> int:
    """Enter the addresses shipped with Tutela, unchecked, if they are missing; return how many were entered."""
    actor.require("detection.settings")
    entries = [Address(**entry) for entry in tomllib.loads(SEED.read_text())["authority"]]
    with acting(actor):
        known = set(AuthorityAddress.objects.values_list("country", "name"))
        new = [_enter(actor, one) for one in entries if (one.country, one.name) not in known]
        record(actor, "authority.seeded", "authority_address", "seed", entered=len(new))
    return len(new)


def list_authorities(actor: Actor) -> list[AuthorityAddress]:
    """Every address that ever held, by country."""
    actor.require("detection.read")
    with acting(actor):
        return list(AuthorityAddress.objects.order_by("country", "name", "-valid_from"))


def current(actor: Actor, report: Report | None = None) -> list[AuthorityAddress]:
    """The addresses that hold today: Member States that the report names first, then Europol, then one's own state."""
    today = clock.now().date()
    named = list(_named(report)) if report else []
    states = [country for country in named if country in UNION]
    own = [actor.country] if actor.country in UNION else []
    order = [*states, EUROPOL, *own, *named]
    with acting(actor):
        rows = AuthorityAddress.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today), valid_from__lte=today)
        return sorted(rows, key=lambda row: (_place(order, row.country), row.country, row.name))


def one(actor: Actor, address_id: UUID) -> AuthorityAddress:
    """An address that holds today. Raises `NotFound`."""
    found = next((row for row in current(actor) if row.pk == address_id), None)
    if found is None:
        raise NotFound
    return found


def _named(report: Report) -> Iterator[str]:
    """The countries that a report names, in the order above; one may come twice."""
    for user in report.users:
        yield from _resides(user)
    yield from (one.country for one in report.geography if one.country)
    for victim in report.victims:
        yield from _resides(victim)


def _resides(one: Person) -> Iterator[str]:
    if one.relation is not None:
        return
    phones = (numbered(phone) for phone in (*one.phones, *one.other_phones))
    regions = (found.region for found in phones if found is not None)
    found = (one.residence, *(one.postal_countries or ()), *regions, one.account_country)
    yield from (country for country in found if country)


def _place(order: list[str], country: str) -> int:
    return order.index(country) if country in order else len(order)


def _enter(actor: Actor, given: Address) -> AuthorityAddress:
    return AuthorityAddress.objects.create(
        organisation_id=actor.organisation_id,
        by=actor.reference,
        country=given.country,
        name=given.name.strip(),
        address=given.address.strip(),
        languages=given.languages,
        valid_from=given.valid_from,
        source=given.source.strip(),
        checked_on=given.checked_on,
    )
