"""Mandates for proactive search: exact addresses of public hosts become cases only under one.

1. A mandate names who asks for the search, the document, the purpose and its days: at most `LONGEST`.
2. It counts once a second person has confirmed it, from its first to its last day, until somebody ends it.
   Victim support may ask for one: it waits for a person of the hotline, and its steps are told to the sender.
3. Addresses are entered, or come as a partner's list. Nothing is searched or fetched by this node.
4. Only public hosts: no onion service, no distributed network, no address inside a network that is not public.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.takedown.web_address import AddressKind, WebAddress
from tutela.takedown.errors import MandateEnded, NoSearchMandate, NotPublicHost, SamePerson
from tutela.takedown.models import IncomingCase, SearchMandate, SearchMandateStep

READ, CHANGE = "takedown.read", "takedown.assess"
SUBJECT = "search_mandate"
PREFIX = "M"
LONGEST = timedelta(days=366)
# What a row says of a search for victim support: a code, because no text comes with it.
REMOVAL = "removal_request"
type Listener = Callable[[Actor, SearchMandate, str], None]
_listeners: list[Listener] = []
PUBLIC_KINDS = (AddressKind.WEB, AddressKind.IP_LITERAL, AddressKind.IPFS_GATEWAY)


@dataclass(frozen=True)
class MandateInput:
    """A mandate as a person enters it."""

    requested_by: str
    document: str
    purpose: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class MandateState:
    """A mandate with the steps that it has."""

    row: SearchMandate
    confirmed_by: str
    ended: bool

    @property
    def counts(self) -> bool:
        """Whether addresses may be entered under it today."""
        today = clock.now().date()
        in_time = self.row.first_day <= today <= self.row.last_day
        return bool(self.confirmed_by) and not self.ended and in_time

    @property
    def of_victim_support(self) -> bool:
        """Whether victim support asked for it; its purpose is a code then."""
        return self.row.incoming_id is not None

    @property
    def waits(self) -> bool:
        """Whether a second person is asked to confirm it."""
        return not self.confirmed_by and not self.ended and clock.now().date() <= self.row.last_day


def add(actor: Actor, given: MandateInput) -> UUID:
    """Record a mandate; returns its ID. Raises `Invalid` naming the field."""
    actor.require(CHANGE)
    for name in ("requested_by", "document", "purpose"):
        if not getattr(given, name).strip():
            raise Invalid("Enter a text.", field=name)
    if given.last_day < max(given.first_day, clock.now().date()):
        raise Invalid("The last day must be today or later, and not before the first day.", field="last_day")
    if given.last_day - given.first_day > LONGEST:
        raise Invalid("A mandate lasts at most a year. Record another one then.", field="last_day")

    def work() -> UUID:
        with acting(actor):
            row = SearchMandate(
                organisation_id=actor.organisation_id,
                number=case_number(PREFIX),
                requested_by=given.requested_by.strip()[:200],
                document=given.document.strip()[:300],
                purpose=given.purpose.strip()[:500],
                first_day=given.first_day,
                last_day=given.last_day,
                by=actor.reference,
                by_name=actor.name[:200],
            )
            if not insert_ignore(row):
                raise NumberTaken
            record(actor, "search_mandate.added", SUBJECT, row.pk, number=row.number)
            return row.pk

    return redrawn(work)


def from_victim_support(actor: Actor, incoming: IncomingCase, first_day: date, last_day: date) -> None:
    """The mandate of a search that victim support asked for. Raises `NumberTaken`. Call inside `acting(actor)`."""
    row = SearchMandate(
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        requested_by=incoming.sender_name,
        document=incoming.reference,
        purpose=REMOVAL,
        first_day=first_day,
        last_day=last_day,
        incoming=incoming,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    if not insert_ignore(row):
        raise NumberTaken
    record(actor, "search_mandate.added", SUBJECT, row.pk, number=row.number)


def end_of(actor: Actor, incoming_id: UUID) -> None:
    """End the mandate of a search that its sender took back. Call inside `acting(actor)`."""
    row = SearchMandate.objects.filter(incoming_id=incoming_id).first()
    if row is not None and not _state(row).ended:
        _step(actor, row, "ended")


def on_step(listener: Listener) -> None:
    """Subscribe to the confirmation and the end of mandates, in their transaction. For `app/wiring.py`."""
    _listeners.append(listener)


def confirm(actor: Actor, mandate_id: UUID) -> None:
    """Confirm a mandate that another person recorded. Raises `SamePerson`, `MandateEnded`, `NotFound`."""
    actor.require(CHANGE)
    with acting(actor):
        row = _found(mandate_id)
        if row.by == actor.reference:
            raise SamePerson
        if not _state(row).waits:
            raise MandateEnded
        _step(actor, row, "confirmed")


def end(actor: Actor, mandate_id: UUID) -> None:
    """End a mandate before its last day. Raises `MandateEnded`, `NotFound`."""
    actor.require(CHANGE)
    with acting(actor):
        row = _found(mandate_id)
        if _state(row).ended:
            raise MandateEnded
        _step(actor, row, "ended")


def list_mandates(actor: Actor) -> list[MandateState]:
    """The mandates of the actor's organisation, the newest first."""
    actor.require(READ)
    with acting(actor):
        rows = SearchMandate.objects.order_by("-last_day", "-created_at").prefetch_related("steps")[:200]
        return [_state(row) for row in rows]


def exists(actor: Actor, mandate_id: UUID) -> bool:
    """Whether the actor's organisation has this mandate."""
    with acting(actor):
        return SearchMandate.objects.filter(pk=mandate_id).exists()


def counting(actor: Actor, mandate_id: UUID | None) -> str:
    """The number of a mandate that counts today. Raises `NoSearchMandate`."""
    with acting(actor):
        row = SearchMandate.objects.filter(pk=mandate_id).first() if mandate_id else None
        if row is None or not _state(row).counts:
            raise NoSearchMandate(field="mandate")
        return row.number


def require_public(address: WebAddress) -> None:
    """Raise `NotPublicHost` for what a proactive search may not name."""
    if address.kind not in PUBLIC_KINDS:
        raise NotPublicHost(field="addresses")


def _found(mandate_id: UUID) -> SearchMandate:
    row = SearchMandate.objects.filter(pk=mandate_id).first()
    if row is None:
        raise NotFound
    return row


def _step(actor: Actor, row: SearchMandate, kind: str) -> None:
    made = SearchMandateStep(
        organisation_id=actor.organisation_id, mandate=row, kind=kind, by=actor.reference, by_name=actor.name[:200]
    )
    if not insert_ignore(made):
        raise MandateEnded
    record(actor, f"search_mandate.{kind}", SUBJECT, row.pk, number=row.number)
    for listener in _listeners:
        listener(actor, row, kind)


def _state(row: SearchMandate) -> MandateState:
    steps = {one.kind: one.by_name for one in row.steps.all()}
    return MandateState(row, steps.get("confirmed", ""), "ended" in steps)
