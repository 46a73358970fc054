"""Compose an order on its wire format: complete by construction, with the field of the form for every error.

Orders of the DSA are `exchange.takedown.order`; simulated ones `exchange.takedown.csar_order`, which state that they
are a simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from pydantic import ValidationError

from tutela.exchange.message.base import Wire
from tutela.exchange.takedown.csar_order import (
    EXECUTION_HOURS,
    Detected,
    Measure,
    MeasureOrder,
    RemovalGround,
    RemovalOrder,
)
from tutela.exchange.takedown.order import (
    Authority,
    ContentOrder,
    InformationOrder,
    LegalBasis,
    OrderedLocation,
    OrderRedress,
)
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.errors import OrderIncomplete
from tutela.takedown.models import OrderKind as OrderKind
from tutela.takedown.orders.order_clock import FRESH

# Longest period that an authority may name, and the shortest.
LONGEST_HOURS, SHORTEST_HOURS = 24 * 60, 1
# Fields of the formats → fields of the form.
FIELDS = {
    "authority": "contact",
    "effect_to": "contact",
    "requesting_authority": "contact",
    "issuing_authority": "contact",
    "act": "act",
    "provisions": "provisions",
    "legal_basis": "provisions",
    "locations": "addresses",
    "territorial_scope": "territory",
    "recipients": "accounts",
    "inform_recipient_from": "inform_from",
    "redress_time_limits": "time_limit",
    "redress": "court",
}


@dataclass(frozen=True)
class OrderInput:
    """What an authority enters. Which fields count depends on the kind; the formats say which are required."""

    kind: str
    recipients: tuple[UUID, ...]
    token: UUID
    contact: str
    service: str
    reasons: str
    court: str
    time_limit: str
    language: str = "en"
    hours: int = EXECUTION_HOURS
    addresses: tuple[tuple[str, str], ...] = ()
    # DSA Art. 9 and 10.
    act: str = ""
    provisions: tuple[str, ...] = ()
    for_provider: str = ""
    for_recipient: str = ""
    translated_to: str = ""
    territory: tuple[str, ...] = ()
    scope_reason: str = ""
    accounts: tuple[str, ...] = ()
    information: tuple[str, ...] = ()
    purpose: str = ""
    inform_from: datetime | None = None
    # Simulated orders.
    contact_point: str = ""
    grounds: tuple[str, ...] = ()
    follow_up_contact: str = ""
    redress_provisions: str = ""
    safeguards: str = ""
    begins: date | None = None
    ends: date | None = None
    detects: tuple[str, ...] = ()
    # The request of a hotline that it answers.
    request: UUID | None = None


@dataclass(frozen=True)
class Sender:
    """The authority, and the person who signs."""

    entry: DirectoryEntry
    signatory: str


def compose(number: str, sender: Sender, provider: str, at: datetime, given: OrderInput) -> Wire:
    """The order to one provider. Raises `OrderIncomplete` naming the field of the form."""
    make = {
        OrderKind.CONTENT: _content,
        OrderKind.INFORMATION: _information,
        OrderKind.REMOVAL: _removal,
    }.get(OrderKind(given.kind), _measure)
    try:
        return make(number, sender, provider, at, given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        names = [str(one) for one in first["loc"] if isinstance(one, str)]
        raise OrderIncomplete(field=field_of(names, given), reason=_plain(str(first["msg"]))) from None


def due_at(given: OrderInput, at: datetime) -> datetime:
    """End of the period: 24 hours, the first day of a measure (UTC), or the hours that the authority names."""
    if given.kind in FRESH:
        return at + timedelta(hours=EXECUTION_HOURS)
    if given.kind in (OrderKind.BLOCKING, OrderKind.DETECTION) and given.begins is not None:
        return datetime.combine(given.begins, time(), UTC)
    if not SHORTEST_HOURS <= given.hours <= LONGEST_HOURS:
        raise OrderIncomplete(
            "The deadline must be {least} to {most} hours.", field="hours", least=SHORTEST_HOURS, most=LONGEST_HOURS
        )
    return at + timedelta(hours=given.hours)


def field_of(names: list[str], given: OrderInput) -> str:
    """The field of the form for a place in the format; the innermost known name counts."""
    for name in reversed(names):
        if name in FIELDS or hasattr(given, name):
            return FIELDS.get(name, name)
    return "begins" if given.kind in (OrderKind.BLOCKING, OrderKind.DETECTION) else "addresses"


def _plain(text: str) -> str:
    return text.removeprefix("Value error, ").rstrip(".")


def _authority(sender: Sender, contact: str) -> Authority:
    return Authority(name=sender.entry.name[:300], country=sender.entry.country, contact=contact)


def _locations(given: OrderInput) -> tuple[OrderedLocation, ...]:
    return tuple(OrderedLocation(url=url, additional_information=said or None) for url, said in given.addresses)


def _dsa(number: str, sender: Sender, provider: str, at: datetime, given: OrderInput) -> dict[str, object]:
    authority = _authority(sender, given.contact)
    return {
        "reference": number,
        "authority": authority,
        "provider": provider,
        "service": given.service,
        "legal_basis": LegalBasis(act=given.act, provisions=given.provisions),
        "reasons": given.reasons,
        "redress": OrderRedress(
            court=given.court,
            time_limit=given.time_limit,
            for_provider=given.for_provider,
            for_recipient=given.for_recipient,
        ),
        "effect_to": authority,
        "language": given.language,
        "translated_to": given.translated_to or None,
        "issued_at": at,
    }


def _content(number: str, sender: Sender, provider: str, at: datetime, given: OrderInput) -> Wire:
    return ContentOrder(
        **_dsa(number, sender, provider, at, given),  # type: ignore[arg-type]
        locations=_locations(given),
        territorial_scope=given.territory,
        scope_reason=given.scope_reason,
    )


def _information(number: str, sender: Sender, provider: str, at: datetime, given: OrderInput) -> Wire:
    return InformationOrder(
        **_dsa(number, sender, provider, at, given),  # type: ignore[arg-type]
        recipients=given.accounts,
        information=given.information,
        purpose=given.purpose,
        inform_recipient_from=given.inform_from,
    )


def _simulated(number: str, sender: Sender, provider: str, at: datetime, given: OrderInput) -> dict[str, object]:
    authority = _authority(sender, given.contact)
    return {
        "simulation": True,
        "requesting_authority": authority,
        "issuing_authority": authority,
        "reference": number,
        "provider": provider,
        "contact_point": given.contact_point,
        "service": given.service,
        "locations": _locations(given),
        "follow_up_contact": given.follow_up_contact,
        "reasons": given.reasons,
        "court": given.court,
        "redress_time_limits": given.time_limit,
        "redress_provisions": given.redress_provisions,
        "language": given.language,
        "issued_at": at,
        "signatory": sender.signatory,
    }


def _removal(number: str, sender: Sender, provider: str, at: datetime, given: OrderInput) -> Wire:
    return RemovalOrder(
        **_simulated(number, sender, provider, at, given),  # type: ignore[arg-type]
        grounds=tuple(RemovalGround(one) for one in given.grounds),
    )


def _measure(number: str, sender: Sender, provider: str, at: datetime, given: OrderInput) -> Wire:
    return MeasureOrder(
        **_simulated(number, sender, provider, at, given),  # type: ignore[arg-type]
        measure=Measure(given.kind),
        detects=tuple(Detected(one) for one in given.detects),
        begins=given.begins,
        ends=given.ends,
        safeguards=given.safeguards,
    )
