"""Hosts that accepted the scheme: their terms as received, and the list of them.

1. The API key and the signature say who sent the message. Only providers accept the scheme.
2. The newest sequence counts; an older one changes nothing.
3. A host that leaves, or is not verified any more, gets nothing more. What it has, it deletes at its expiry or on a
   withdrawal.
4. A shape for adults only is refused.
"""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import NumberTaken, redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.removal.requested_hashes import AdultsOnlyShapeError, require_under_18
from tutela.exchange.removal.scheme import SchemeAcceptance
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.victims.errors import AdultsOnly, NotInScheme
from tutela.victims.models import SchemeHost
from tutela.victims.removal.rows import READ

SUBJECT = "scheme_host"


def receive(sender: Actor, support: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Store the terms of a host, once. Raises `NotInScheme`, `AdultsOnly`, or a ValidationError."""
    message = SchemeAcceptance.from_bytes(body)
    if not sender.verified or sender.organisation_kind != "provider":
        raise NotInScheme
    try:
        require_under_18(message.shape)
    except AdultsOnlyShapeError:
        raise AdultsOnly from None
    actor = directory.acting_for(support, sender.reference, sender.organisation_name)

    def work() -> tuple[int, str]:
        _store(actor, sender, message)
        return 201, "{}"

    return redrawn(lambda: inbox.once(actor, sender.organisation_id, key, body, work))


def list_hosts(actor: Actor) -> list[SchemeHost]:
    """Every host, those that accept first. The view is recorded."""
    actor.require(READ)
    with acting(actor):
        found = list(SchemeHost.objects.order_by("-accepts", "host_name", "pk"))
        record(actor, "scheme_host.listed", SUBJECT, actor.organisation_id, count=len(found))
        return found


def accepting() -> list[SchemeHost]:
    """Verified hosts that accept hashes now, by name. Call inside `acting(actor)`."""
    verified = {one.id for one in directory.list_organisations(kind="provider") if one.verified}
    found = SchemeHost.objects.filter(accepts=True).order_by("host_name", "pk")
    return [one for one in found if one.host_id in verified]


def of_sender(host_id: UUID) -> SchemeHost | None:
    """The row of a host, by its organisation. Call inside `acting(actor)`."""
    return SchemeHost.objects.filter(host_id=host_id).first()


def _store(actor: Actor, sender: Actor, message: SchemeAcceptance) -> None:
    types = [one.value for one in message.types]
    said = {
        "host_name": sender.organisation_name[:200],
        "shape": message.shape.value,
        "types": types,
        "recipient": message.recipient,
        "most_days": message.most_days,
        "sequence": message.sequence,
        "accepts": message.accepts,
        "changed_at": message.at,
    }
    row = SchemeHost.objects.select_for_update().filter(host_id=sender.organisation_id).first()
    if row is None:
        row = SchemeHost(organisation_id=actor.organisation_id, host_id=sender.organisation_id, **said)
        if not insert_ignore(row):
            raise NumberTaken
    elif message.sequence > row.sequence:
        for name, value in said.items():
            setattr(row, name, value)
        row.save()
    else:
        return
    record(actor, "scheme_host.changed", SUBJECT, row.pk, accepts=message.accepts, types=",".join(types))
