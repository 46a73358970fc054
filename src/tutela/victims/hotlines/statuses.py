"""Statuses that a hotline reports about addresses, and about searches.

1. Only the hotline that has a case reports about it. For everybody else the case does not exist.
2. A number is one status of an address. The same status again changes nothing; another one with its number is refused.
3. A search reports addresses that only the hotline knows: each is a row without an address. What is found outside the
   days of the search, after a withdrawal, or beyond what a request may have, is refused.
4. The newest status counts. After a withdrawal nothing follows from one.
"""

from __future__ import annotations

from datetime import date, timedelta

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7_of_hour
from tutela.events.record import record
from tutela.exchange.takedown.hotline_message import HotlineStatus
from tutela.exchange.takedown.victim_support import SearchStatus
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.victims.errors import StatusOutOfOrder, UnknownSending
from tutela.victims.hotlines import hand_over
from tutela.victims.models import AddressState, AddressStep, HotlineHandover, RequestedAddress
from tutela.victims.removal import addresses, rows

# What was found on the last day is assessed before its first status.
TOLD_WITHIN = timedelta(days=14)


def receive(sender: Actor, support: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Record a status, once. Raises `UnknownSending`, `StatusOutOfOrder`, or a ValidationError."""
    status = HotlineStatus.from_bytes(body)
    actor = directory.acting_for(support, sender.reference, sender.organisation_name)

    def work() -> tuple[int, str]:
        row = _row(sender, status.case_reference)
        rows.locked(row.request_id)
        address = RequestedAddress.objects.filter(handover=row, reference=status.location).first()
        if address is None:
            address = _found(actor, row, status)
        _record(actor, row, address, status, sender.organisation_name)
        return 201, "{}"

    return inbox.once(actor, sender.organisation_id, key, body, work)


def receive_search(sender: Actor, support: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Record that a search was confirmed or has ended, once. Raises `UnknownSending`, or a ValidationError."""
    status = SearchStatus.from_bytes(body)
    actor = directory.acting_for(support, sender.reference, sender.organisation_name)

    def work() -> tuple[int, str]:
        row = _row(sender, status.request)
        rows.locked(row.request_id)
        row.search_state, row.hotline_reference = status.state.value, status.own_reference[:100]
        row.save(update_fields=["search_state", "hotline_reference"])
        record(actor, "removal.search", rows.SUBJECT, row.request_id, state=status.state.value)
        return 201, "{}"

    return inbox.once(actor, sender.organisation_id, key, body, work)


def _row(sender: Actor, reference: str) -> HotlineHandover:
    """Rule 1."""
    row = HotlineHandover.objects.filter(reference=reference, hotline_id=sender.organisation_id).first()
    if row is None or not sender.verified or sender.organisation_kind != "hotline":
        raise UnknownSending
    return row


def _found(actor: Actor, row: HotlineHandover, status: HotlineStatus) -> RequestedAddress:
    """Rule 3."""
    place = row.request.addresses.count() + 1
    if not _in_time(row, status.action.at.date()) or place > addresses.MOST_ADDRESSES:
        raise UnknownSending(field="location")
    made = RequestedAddress(
        id=uuid7_of_hour(),
        created_at=clock.this_hour(),
        organisation_id=actor.organisation_id,
        request_id=row.request_id,
        place=place,
        handover=row,
        reference=status.location,
    )
    made.save(force_insert=True)
    return made


def _in_time(row: HotlineHandover, day: date) -> bool:
    """Whether a search was under way on a day of its first status."""
    if row.first_day is None or row.last_day is None or row.withdrawn_at is not None:
        return False
    return row.first_day <= day <= row.last_day + TOLD_WITHIN


def _record(actor: Actor, row: HotlineHandover, address: RequestedAddress, status: HotlineStatus, name: str) -> None:
    digest = status.fingerprint()
    told = AddressStep.objects.filter(address=address, handover=row)
    known = told.filter(sequence=status.sequence).first()
    if known is not None:
        if known.sha256 != digest:
            raise StatusOutOfOrder(field="sequence")
        return
    if not row.hotline_reference:
        row.hotline_reference = status.own_reference[:100]
        row.save(update_fields=["hotline_reference"])
    newest = told.exclude(sequence=None).order_by("-sequence").values_list("sequence", flat=True).first()
    before = address.state
    state = AddressState(status.action.kind.value)
    hand_over.step(
        actor,
        address,
        state,
        sequence=status.sequence,
        sha256=digest,
        at=status.action.at,
        by_name=name[:200],
    )
    # Rule 4.
    if row.withdrawn_at is not None or (newest is not None and newest > status.sequence):
        address.state = before
        address.save(update_fields=["state"])
