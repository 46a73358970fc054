"""Contact with the person: what they chose, by which safe channel and when, and what staff did about it.

Without a choice nobody is contacted: answers stand in the conversation. Nothing is ever sent to a carer or to a
representative in place of the person.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record, record_of_hour
from tutela.events.transaction import acting
from tutela.victims.errors import RequestEnded
from tutela.victims.models import ENDED, ContactChoice, RemovalRequest, StepKind
from tutela.victims.removal import rows

MOST_CHARACTERS = 300


@dataclass(frozen=True)
class SafeContact:
    """What a person chose: the way, where they are reached, and when it is safe."""

    choice: str = ContactChoice.NONE.value
    where: str = ""
    when: str = ""


def choose(actor: Actor, request: RemovalRequest, given: SafeContact) -> None:
    """Store what the person chose; the choice before is gone. Raises `Invalid`, `RequestEnded`.

    Call inside `acting(actor)`, the request locked.
    """
    if request.stage in ENDED:
        raise RequestEnded
    if given.choice not in ContactChoice.values:
        raise Invalid("Choose whether we may contact you.", field="contact")
    where, when = given.where.strip(), given.when.strip()
    if given.choice != ContactChoice.NONE and not where:
        raise Invalid("Write how we reach you.", field="where")
    for name, text in (("where", where), ("when", when)):
        if len(text) > MOST_CHARACTERS:
            raise Invalid("Enter at most {most} characters.", field=name, most=MOST_CHARACTERS)
    request.contact = given.choice
    said = json.dumps({"where": where, "when": when}).encode()
    request.sealed_contact = b"" if given.choice == ContactChoice.NONE else rows.seal(actor, request, said, "contact")
    request.save(update_fields=["contact", "sealed_contact"])
    rows.step(actor, request, StepKind.CONTACT, hourly=True)
    record_of_hour(actor, "removal.contact_chosen", rows.SUBJECT, request.pk, choice=given.choice)


def chosen(request: RemovalRequest) -> SafeContact:
    """What the person chose. Call inside `acting(actor)`."""
    body = rows.unseal(request, request.sealed_contact, "contact") if request.sealed_contact else None
    return SafeContact(request.contact, **json.loads(body)) if body else SafeContact(request.contact)


def note(actor: Actor, request_id: UUID, text: str, *, reached: bool) -> None:
    """Record that staff contacted the person, or tried to. Raises `Invalid` without a choice to be contacted."""
    actor.require(rows.WORK)
    said = rows.checked(text, "text")
    with acting(actor):
        request = rows.locked(request_id)
        if request.contact == ContactChoice.NONE:
            raise Invalid("The person does not want to be contacted. Write in the conversation.", field="text")
        rows.step(actor, request, StepKind.CONTACTED if reached else StepKind.NOT_CONTACTED, said)
        record(actor, "removal.contacted", rows.SUBJECT, request.pk, reached=reached)
