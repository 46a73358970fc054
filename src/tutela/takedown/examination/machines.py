"""Machines of analysts: register the own one, confirm another person's, remove.

1. A person registers the own machine: its keys, and the document by which this person may look at content.
2. It gets tasks once a second person has confirmed it. Only its person makes tasks for it.
3. Evidence is sealed only on a machine whose mandate says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.age_encryption import NotARecipientError, recipient_of
from tutela.takedown.errors import MachineConfirmed, OwnMachine, SameMachine
from tutela.takedown.models import AnalystMachine

READ, CHANGE = "takedown.read", "takedown.assess"
SUBJECT = "analyst_machine"


@dataclass(frozen=True)
class MachineInput:
    """A machine as its person enters it; the keys are the two lines that `tutela examine init` printed."""

    name: str
    public_key: str
    recipient: str
    mandate: str
    seals_evidence: bool = False


def add(actor: Actor, given: MachineInput) -> UUID:
    """Register the own machine; returns its ID. Raises `Invalid` naming the field, and `SameMachine`."""
    actor.require(CHANGE)
    for name in ("name", "mandate"):
        if not getattr(given, name).strip():
            raise Invalid("Enter a text.", field=name)
    key, recipient = given.public_key.strip().lower(), _recipient(given.recipient)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    except ValueError:
        raise Invalid("Enter the first line that tutela examine init printed.", field="public_key") from None
    with acting(actor):
        row = AnalystMachine(
            organisation_id=actor.organisation_id,
            name=given.name.strip()[:80],
            person=actor.reference,
            person_name=actor.name[:200],
            public_key=key,
            recipient=recipient,
            mandate=given.mandate.strip()[:300],
            seals_evidence=given.seals_evidence,
        )
        if not insert_ignore(row):
            raise SameMachine
        record(actor, "analyst_machine.added", SUBJECT, row.pk, seals_evidence=row.seals_evidence)
    return row.pk


def confirm(actor: Actor, machine_id: UUID) -> None:
    """Confirm another person's machine. Raises `OwnMachine`, `MachineConfirmed`, `NotFound`."""
    actor.require(CHANGE)
    with acting(actor):
        row = locked(machine_id)
        if row.person == actor.reference:
            raise OwnMachine
        if row.confirmed_by:
            raise MachineConfirmed
        row.confirmed_by, row.confirmed_by_name = actor.reference, actor.name[:200]
        row.save(update_fields=["confirmed_by", "confirmed_by_name"])
        record(actor, "analyst_machine.confirmed", SUBJECT, row.pk)


def remove(actor: Actor, machine_id: UUID) -> None:
    """Give a machine no further task, and take no further result of it. Raises `NotFound`."""
    actor.require(CHANGE)
    with acting(actor):
        row = locked(machine_id)
        row.removed_at = clock.now()
        row.save(update_fields=["removed_at"])
        record(actor, "analyst_machine.removed", SUBJECT, row.pk)


def list_machines(actor: Actor) -> list[AnalystMachine]:
    """The machines of the actor's organisation, by person."""
    actor.require(READ)
    with acting(actor):
        return list(AnalystMachine.objects.filter(removed_at=None).order_by("person_name", "name", "pk"))


def exists(actor: Actor, machine_id: UUID) -> bool:
    """Whether the actor's organisation has this machine."""
    with acting(actor):
        return AnalystMachine.objects.filter(pk=machine_id, removed_at=None).exists()


def own(actor: Actor) -> list[AnalystMachine]:
    """The actor's own machines that another person has confirmed. Call inside `acting(actor)`."""
    rows = AnalystMachine.objects.filter(removed_at=None, person=actor.reference).exclude(confirmed_by="")
    return list(rows.order_by("name", "pk"))


def locked(machine_id: UUID) -> AnalystMachine:
    """A machine that was not removed, locked. Raises `NotFound`."""
    row = AnalystMachine.objects.select_for_update().filter(pk=machine_id, removed_at=None).first()
    if row is None:
        raise NotFound
    return row


def _recipient(text: str) -> str:
    try:
        return recipient_of(text)
    except NotARecipientError:
        raise Invalid("Enter the second line that tutela examine init printed.", field="recipient") from None
