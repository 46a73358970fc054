"""Searches of public hosts that victim support asks for: each becomes a mandate that a second person confirms.

1. The mandate has the sender, the ID of its request, and its days. Nothing says who asked, or for which pictures.
2. Its state is told to the sender; so is each address that is found under it (`report_status`).
"""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import NumberTaken, redrawn, uuid7
from tutela.events.record import record
from tutela.exchange.takedown.victim_support import SearchAsked, SearchState, SearchStatus
from tutela.organisations.messages import inbox, outbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.errors import AnotherHotlineCase, NotAPartner
from tutela.takedown.intake import search_mandates
from tutela.takedown.models import IncomingCase, IncomingLocation, SearchMandate
from tutela.takedown.partners import partner_list, report_status

KIND = "search-status"
STATES = {"confirmed": SearchState.CONFIRMED, "ended": SearchState.ENDED}


def receive(sender: Actor, hotline: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Store a search that is asked for, once. Raises `NotAPartner`, `AnotherHotlineCase`, or a ValidationError."""
    message = SearchAsked.from_bytes(body)
    if not sender.verified or sender.organisation_kind != "victim_support":
        raise NotAPartner
    actor = directory.acting_for(hotline, sender.reference, sender.organisation_name)
    return redrawn(lambda: inbox.once(actor, sender.organisation_id, key, body, lambda: _store(actor, sender, message)))


def tell(actor: Actor, mandate: SearchMandate, kind: str) -> None:
    """Tell the sender of a search that it was confirmed or has ended. Subscribed to the steps of mandates."""
    incoming = mandate.incoming
    if incoming is None or incoming.sender_id is None or incoming.withdrawn_at is not None:
        return
    message = SearchStatus(
        message_id=uuid7(),
        request=incoming.reference,
        state=STATES[kind],
        own_reference=mandate.number,
        at=clock.now(),
    )
    path = f"/api/v1/organisations/{incoming.sender_id}/removal/search-statuses"
    outbox_key, body = f"search-status:{mandate.pk}:{kind}", message.to_bytes().decode()
    outbox.send(actor, incoming.sender_id, KIND, path, body, key=outbox_key, subject_id=mandate.pk)


def found(actor: Actor, mandate_number: str, case_id: UUID, number: str) -> None:
    """Link an address that was found under a search with its sender. Subscribed to entered addresses."""
    mandate = SearchMandate.objects.filter(number=mandate_number, incoming__isnull=False).first()
    if mandate is None or mandate.incoming is None:
        return
    made = IncomingLocation(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        incoming=mandate.incoming,
        case_id=case_id,
        reference=f"{mandate.incoming.reference}/{number}",
        sealed=b"",
    )
    if insert_ignore(made):
        report_status.catch_up(actor, made, made.case)


def _store(actor: Actor, sender: Actor, message: SearchAsked) -> tuple[int, str]:
    digest = message.fingerprint()
    known = IncomingCase.objects.filter(sender_id=sender.organisation_id, reference=message.request).first()
    if known is not None:
        if known.sha256 != digest:
            raise AnotherHotlineCase(field="request")
        return 201, "{}"
    row = IncomingCase(
        organisation_id=actor.organisation_id,
        sender_id=sender.organisation_id,
        sender_name=sender.organisation_name[:200],
        reference=message.request,
        sha256=digest,
        receipt="{}",
        locations=0,
    )
    if not insert_ignore(row):
        raise NumberTaken
    search_mandates.from_victim_support(actor, row, message.first_day, message.last_day)
    record(actor, "partner.search_asked", partner_list.SUBJECT, row.pk)
    return 201, "{}"
