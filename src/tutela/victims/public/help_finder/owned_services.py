"""Services that an organisation adds to the help finder, or corrects: its entry replaces that of the data pack.

Whoever receives removal requests, and whoever looks after the node, answer for what the public sees. A change is a new
row with its author, a public source and the day of the source. Nothing is deleted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from tutela import clock
from tutela.casework.public_languages import names
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.victims.models import HelpServiceEntry
from tutela.victims.public.help_finder.services import CHANNELS, UNION, Service, Span, pack

READ, MANAGE = "help_services.read", "help_services.manage"
SUBJECT = "help_service"
SPAN = re.compile(r"([1-7])(?:-([1-7]))? ([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
NUMBER = re.compile(r"\d{2,15}")


@dataclass(frozen=True)
class ServiceInput:
    """A service as a person enters it. Hours have one line a span: first and last weekday, from and to."""

    country: str
    name: str
    languages: Collection[str]
    ages: Collection[str]
    needs: Collection[str]
    phone: str
    text: str
    chat: str
    mail: str
    sign: str
    always: bool
    hours: str
    chat_hours: str
    source: str
    confirmed: date


def entries(actor: Actor) -> list[HelpServiceEntry]:
    """Newest entry of each service of the actor's organisation, withdrawn ones too, by country and name."""
    actor.require(READ)
    with acting(actor):
        return _newest()


def exists(actor: Actor, entry_id: UUID) -> bool:
    """Whether the actor's organisation has this entry."""
    with acting(actor):
        return HelpServiceEntry.objects.filter(pk=entry_id).exists()


def save(actor: Actor, given: ServiceInput) -> UUID:
    """Add an entry, which replaces earlier ones of its country and name. Raises `Invalid` naming the field."""
    actor.require(MANAGE)
    _check(given)
    with acting(actor):
        return _added(actor, {**asdict(given), "withdrawn": False})


def withdraw(actor: Actor, entry_id: UUID) -> UUID:
    """Hide a service from the public, with a new row. Raises `NotFound`."""
    actor.require(MANAGE)
    with acting(actor):
        row = HelpServiceEntry.objects.filter(pk=entry_id).first()
        if row is None:
            raise NotFound
        kept = {name: getattr(row, name) for name in ServiceInput.__dataclass_fields__}
        return _added(actor, {**kept, "withdrawn": True})


def public_services(owners: Iterable[DirectoryEntry | None]) -> tuple[Service, ...]:
    """The data pack with the entries of the organisations that answer for this node, a later one before an earlier."""
    found = {(one.country, one.name): one for one in pack()}
    for owner in owners:
        if owner is None:
            continue
        with acting(directory.acting_for(owner, "public:help", "Public help")):
            rows = _newest()
        for row in rows:
            found.pop((row.country, row.name), None)
            if not row.withdrawn:
                found[row.country, row.name] = service_of(row)
    return tuple(found.values())


def service_of(row: HelpServiceEntry) -> Service:
    """An entry as the help finder shows it."""
    return Service(
        country=row.country,
        name=row.name,
        languages=tuple(row.languages),
        ages=tuple(row.ages),
        needs=tuple(row.needs),
        source=row.source,
        confirmed=row.confirmed,
        phone=row.phone,
        text=row.text,
        chat=row.chat,
        mail=row.mail,
        sign=row.sign,
        always=row.always,
        hours=spans(row.hours),
        chat_hours=spans(row.chat_hours),
    )


def spans(text: str) -> tuple[Span, ...]:
    """Spans of weekdays and times from their lines. Raises `ValueError` for a line that is not one."""
    found = list[Span]()
    for line in filter(None, (one.strip() for one in text.splitlines())):
        read = SPAN.fullmatch(line)
        if read is None:
            raise ValueError(line)
        first, last, *times = read.groups()
        found.append((int(first), int(last or first), ":".join(times[:2]), ":".join(times[2:])))
    return tuple(found)


def _newest() -> list[HelpServiceEntry]:
    """Call inside `acting`."""
    ordered = HelpServiceEntry.objects.order_by("country", "name", "-created_at", "-pk")
    return list(ordered.distinct("country", "name"))


def _added(actor: Actor, facts: dict[str, object]) -> UUID:
    row = HelpServiceEntry(organisation_id=actor.organisation_id, by=actor.reference, by_name=actor.name[:200], **facts)
    row.save(force_insert=True)
    named = {"country": row.country, "name": row.name}
    if row.withdrawn:
        record(actor, "help_service.withdrawn", SUBJECT, row.pk, **named)
    else:
        record(actor, "help_service.changed", SUBJECT, row.pk, **named)
    return UUID(str(row.pk))


def _check(given: ServiceInput) -> None:
    known = {code for code, _name in names.countries("en")}
    if given.country not in known or given.country == UNION:
        raise Invalid("Choose a country.", field="country")
    if not any(getattr(given, one) for one in CHANNELS):
        raise Invalid("Enter at least one way to reach the service.", field="phone")
    for name in ("phone", "text"):
        if getattr(given, name) and not NUMBER.fullmatch(getattr(given, name)):
            raise Invalid("Enter digits only, as a telephone dials them.", field=name)
    for name in ("chat", "mail", "sign"):
        if getattr(given, name) and not getattr(given, name).startswith("https://"):
            raise Invalid("Enter an address that begins with https://.", field=name)
    for name in ("hours", "chat_hours"):
        try:
            spans(getattr(given, name))
        except ValueError:
            raise Invalid("Enter one span a line, such as “1-5 09:00-17:00”.", field=name) from None
    if given.confirmed > clock.now().date():
        raise Invalid("Enter a day that is not in the future.", field="confirmed")
