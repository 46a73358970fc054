"""Erasure of an event's facts: requires two people, and removes the facts from every inquiry."""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.record import check_erasable, erase_facts
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.organisations.approvals import four_eyes

ACT, SUBJECT = "facts.erase", "event"


def ask(actor: Actor, event_id: UUID, reason: str) -> None:
    """Request the erasure of an event's facts.

    Raises `AskedAlready`, `Invalid`, and `NotFound` if none are kept by the organisation.
    """
    actor.require("events.erase")
    with acting(actor):
        check_erasable(actor, event_id)
        four_eyes.ask(actor, ACT, SUBJECT, event_id, typed(reason))


def erase(actor: Actor, event_id: UUID) -> None:
    """Erase an event's facts as the second person. Raises `SamePerson`, and `NotFound` without a request."""
    actor.require("events.erase")
    with acting(actor):
        check_erasable(actor, event_id)
        asked = four_eyes.agree(actor, ACT, SUBJECT, event_id)
        erase_facts(actor, event_id, asked.reason)


def refuse(actor: Actor, event_id: UUID) -> None:
    """Refuse a requested erasure; the facts stay. Raises `NotFound` without a request."""
    actor.require("events.erase")
    with acting(actor):
        check_erasable(actor, event_id)
        four_eyes.refuse(actor, ACT, SUBJECT, event_id)


def pending_erasure(event_id: UUID) -> four_eyes.ApprovalRequest | None:
    """The pending request for an erasure. Call inside `acting(actor)`."""
    return four_eyes.pending_request(ACT, SUBJECT, event_id)


def waiting_for(actor: Actor) -> list[str]:
    """The events about which this person may decide. Call inside `acting(actor)`."""
    return four_eyes.subjects(actor, ACT)
