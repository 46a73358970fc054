"""Contact after a hit: one authority asks, and the other answers with an address or declines."""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.referral.deconfliction import (
    ContactReply,
    ContactRequest,
    proof_of,
)
from tutela.investigations.deconfliction.query import SEALED_HIT, require_part, send
from tutela.investigations.errors import AlreadyAsked, AlreadyDecided
from tutela.investigations.models import (
    ContactAsked,
    ContactDecision,
    ContactWanted,
    Hit,
)
from tutela.organisations.keys.envelope_encryption import unwrap


def ask_contact(actor: Actor, hit_id: UUID, message: str = "") -> None:
    """Ask the other for its contact, under one's own name. Raises `NotFound`, `AlreadyAsked`, `NotTakingPart`."""
    actor.require("investigations.answer")
    with acting(actor):
        require_part(actor)
        hit = Hit.objects.select_related("identifier").filter(pk=hit_id).first()
        if hit is None:
            raise NotFound
        request = uuid7()
        made = ContactAsked(
            organisation_id=actor.organisation_id,
            request_id=request,
            hit=hit,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not insert_ignore(made):
            raise AlreadyAsked
        whole = unwrap(bytes(hit.sealed), SEALED_HIT)
        wire = ContactRequest(
            request_id=request,
            relay_id=hit.relay_id,
            tag=hit.tag,
            authority=actor.organisation_name,
            proof=proof_of(whole, request, hit.relay_id),
            message=typed(message) or None,
        )
        send(actor, "deconfliction-contact-ask", "contacts", wire.to_bytes(), request)
        record(actor, "deconfliction.contact_asked", "identifier", hit.identifier_id)


def decide(actor: Actor, wanted_id: UUID, *, accepted: bool, contact: str = "") -> None:
    """Give one's contact to who has the same identifier, or decline. Raises `NotFound`, `AlreadyDecided`, `Invalid`."""
    actor.require("investigations.answer")
    contact = typed(contact)
    if accepted and not contact:
        raise Invalid("Enter a contact person, and how to reach them.", field="contact")
    with acting(actor):
        wanted = ContactWanted.objects.filter(pk=wanted_id).first()
        if wanted is None:
            raise NotFound
        made = ContactDecision(
            organisation_id=actor.organisation_id,
            wanted=wanted,
            accepted=accepted,
            contact=contact if accepted else "",
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not insert_ignore(made):
            raise AlreadyDecided
        named = {"authority": actor.organisation_name, "contact": contact} if accepted else {}
        wire = ContactReply(request_id=wanted.request_id, accepted=accepted, **named)
        send(actor, "deconfliction-decision", "replies", wire.to_bytes(), wanted.request_id)
        kind = "deconfliction.accepted" if accepted else "deconfliction.declined"
        record(actor, kind, "identifier", wanted.identifier_id)
