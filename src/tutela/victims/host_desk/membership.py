"""Acceptance of the scheme by a host: its terms towards a victim support, changed or ended at any time.

1. A lead accepts the scheme, with the fewest types of hash by which the host finds copies, and the longest time.
2. The host makes an age identity of its own; victim support learns the recipient. The identity never leaves the node.
3. Take It Down and Report Remove are shapes for pictures of under-18s. StopNCII is for adults only, and refused.
4. A host that leaves deletes what it has, and is sent nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import NumberTaken, redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.age_encryption import new_identity
from tutela.exchange.removal.requested_hashes import AdultsOnlyShapeError, HashType, Shape, require_under_18
from tutela.exchange.removal.scheme import LONGEST_DAYS, SchemeAcceptance
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.victims.errors import AdultsOnly, NotInScheme, UnknownHost
from tutela.victims.models import SchemeMembership

SUBJECT, KIND = "scheme_membership", "removal-scheme"
READ, MANAGE = "removal_items.read", "removal_scheme.manage"


@dataclass(frozen=True)
class TermsInput:
    """Terms as a lead enters them. `types` in the order in which the host prefers them."""

    support: UUID
    shape: str
    types: Sequence[str]
    most_days: int


def supports(actor: Actor) -> list[DirectoryEntry]:
    """Verified victim supports of the directory whose API this provider can reach."""
    known = outbox.peers_with_credential(actor)
    return [one for one in directory.list_organisations(kind="victim_support") if one.verified and one.id in known]


def memberships(actor: Actor) -> list[SchemeMembership]:
    """The provider's terms towards each victim support, those that count first."""
    actor.require(READ)
    with acting(actor):
        return list(SchemeMembership.objects.defer("wrapped_identity").order_by("-accepts", "support_name", "pk"))


def exists(actor: Actor, membership_id: UUID) -> bool:
    """Whether the actor's organisation has these terms."""
    with acting(actor):
        return SchemeMembership.objects.filter(pk=membership_id).exists()


def accept(actor: Actor, given: TermsInput) -> UUID:
    """Accept the scheme of a victim support, or change the terms. Raises `AdultsOnly`, `UnknownHost`, `Invalid`."""
    actor.require(MANAGE)
    types, shape = _checked(given)
    support = next((one for one in supports(actor) if one.id == given.support), None)
    if support is None:
        raise UnknownHost(field="support")

    def work() -> UUID:
        with acting(actor):
            row = _row(actor, support)
            row.shape, row.types, row.most_days = shape.value, [one.value for one in types], given.most_days
            row.accepts = True
            _changed(actor, row)
            return row.pk

    return redrawn(work)


def leave(actor: Actor, membership_id: UUID) -> SchemeMembership:
    """Leave the scheme; the caller deletes what the host has. Raises `UnknownHost`. Call inside `acting(actor)`."""
    actor.require(MANAGE)
    row = SchemeMembership.objects.select_for_update().filter(pk=membership_id, accepts=True).first()
    if row is None:
        raise UnknownHost
    row.accepts = False
    _changed(actor, row)
    return row


def of_support(support_id: UUID) -> SchemeMembership:
    """The terms towards a victim support, if they count. Raises `NotInScheme`. Call inside `acting(actor)`."""
    row = SchemeMembership.objects.filter(support_id=support_id).first()
    if row is None:
        raise NotInScheme
    return row


def identity_of(row: SchemeMembership) -> str:
    """The age identity that opens what a victim support sent. Call inside `acting(actor)`."""
    return unwrap(bytes(row.wrapped_identity), place(row.pk)).decode()


def place(membership_id: object) -> str:
    """The purpose for which an identity is wrapped."""
    return f"removal-scheme:{membership_id}"


def _row(actor: Actor, support: DirectoryEntry) -> SchemeMembership:
    row = SchemeMembership.objects.select_for_update().filter(support_id=support.id).first()
    if row is not None:
        row.sequence += 1
        return row
    identity, recipient = new_identity()
    row = SchemeMembership(
        organisation_id=actor.organisation_id,
        support_id=support.id,
        support_name=support.name[:200],
        types=[],
        most_days=1,
        recipient=recipient,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    row.wrapped_identity = wrap(identity.encode(), place(row.pk))
    if not insert_ignore(row):
        raise NumberTaken
    return row


def _changed(actor: Actor, row: SchemeMembership) -> None:
    if not row.accepts:
        row.sequence += 1
    row.by, row.by_name = actor.reference, actor.name[:200]
    row.save()
    message = SchemeAcceptance(
        sequence=row.sequence,
        accepts=row.accepts,
        shape=Shape(row.shape),
        types=tuple(HashType(one) for one in row.types),
        recipient=row.recipient,
        most_days=row.most_days,
        at=clock.now(),
    )
    path = f"/api/v1/organisations/{row.support_id}/removal/scheme"
    key, body = f"removal-scheme:{row.pk}:{row.sequence}", message.to_bytes().decode()
    outbox.send(actor, row.support_id, KIND, path, body, key=key, subject_id=row.pk)
    record(actor, "scheme_membership.changed", SUBJECT, row.pk, accepts=row.accepts, types=",".join(row.types))


def _checked(given: TermsInput) -> tuple[list[HashType], Shape]:
    if given.shape not in list(Shape):
        raise Invalid("Choose a shape.", field="shape")
    shape = Shape(given.shape)
    try:
        require_under_18(shape)
    except AdultsOnlyShapeError:
        raise AdultsOnly from None
    types = [HashType(one) for one in dict.fromkeys(given.types) if one in list(HashType)]
    if not types:
        raise Invalid("Choose at least one type of hash.", field="types")
    if not 1 <= given.most_days <= LONGEST_DAYS:
        raise Invalid("Enter 1 to {most} days.", field="most_days", most=LONGEST_DAYS)
    return types, shape
