"""Partner hotlines: entered with their keys, listed and ended.

1. A partner is a verified hotline of the directory. The first organisation of a node without a Centre may enter one
   of another node, whose message key it has compared. On other nodes the Centre enters it.
2. Two API keys: the partner's for our messages, and one that we issue for its messages. Each is shown once.
3. A partner that is ended gets nothing more, and its key ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.errors import UnknownOrganisation
from tutela.organisations.messages import join, message_signing, outbox
from tutela.organisations.people import api_keys, directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.errors import AlreadyPartner, NotAHotline, UnknownPartner
from tutela.takedown.models import WITH_PARTNER, IncomingCase, Partner, Transfer

SUBJECT = "partner"
READ, MANAGE = "partners.read", "partners.manage"
SCOPE = "hotline-cases:exchange"


@dataclass(frozen=True)
class Entered:
    """A partner as an administrator enters it. Name, country, address and message key: of a hotline on another node."""

    organisation: UUID
    name: str = ""
    country: str = ""
    api_url: str = ""
    message_key: str = ""
    token: str = ""


@dataclass(frozen=True)
class PartnerLine:
    """A partner with what was exchanged. `has_key`: for our messages; `gave_key`: for its messages."""

    id: UUID
    peer: DirectoryEntry
    since: datetime
    ended: datetime | None
    has_key: bool
    gave_key: bool
    sent: int
    waiting: int
    received: int
    newest: datetime | None


@dataclass(frozen=True)
class OwnFacts:
    """What a partner on another node must enter about us."""

    id: UUID
    name: str
    country: str
    api_url: str
    message_key: str


def own_facts(actor: Actor) -> OwnFacts:
    """What a partner must enter about the actor's organisation."""
    actor.require(MANAGE)
    entry = directory.entry(actor.organisation_id)
    _use, public = message_signing.public_key(actor)
    return OwnFacts(entry.id, entry.name, entry.country, entry.api_url, public)


def add(actor: Actor, given: Entered) -> UUID:
    """Enter a partner, or enter one again that was ended. Raises `AlreadyPartner`, `NotAHotline`, `Invalid`."""
    actor.require(MANAGE)
    with acting(actor):
        peer = _peer(actor, given)
        if peer.kind != "hotline" or not peer.verified or peer.id == actor.organisation_id:
            raise NotAHotline(field="organisation")
        row = Partner.objects.select_for_update().filter(peer_id=peer.id).first()
        if row is not None and row.ended_at is None:
            raise AlreadyPartner
        if row is None:
            row = Partner(organisation_id=actor.organisation_id, peer_id=peer.id, by=actor.reference)
            row.by_name = actor.name[:200]
            if not insert_ignore(row):
                raise AlreadyPartner
        row.ended_at = None
        row.save(update_fields=["ended_at"])
        record(actor, "partner.entered", SUBJECT, row.pk, organisation=peer.id)
        if given.token:
            _set_key(actor, row, given.token)
    return row.pk


def set_key(actor: Actor, partner_id: UUID, token: str) -> None:
    """Store the API key that the partner issued to us. Raises `Invalid`, `UnknownPartner`."""
    actor.require(MANAGE)
    with acting(actor):
        _set_key(actor, active(partner_id), token)


def issue_key(actor: Actor, partner_id: UUID) -> str:
    """Issue a new key for the partner's messages to us; the one before ends. The text is never shown again."""
    actor.require(MANAGE)
    with acting(actor):
        row = active(partner_id)
        api_keys.revoke_issued(actor, row.peer_id, SCOPE)
        _key, text = api_keys.issue_key(actor, row.peer_id, name=f"to {actor.organisation_name}"[:80], scopes=[SCOPE])
    return text


def active(partner_id: UUID) -> Partner:
    """A partner that was not ended. Raises `UnknownPartner`. Call inside `acting(actor)`."""
    row = Partner.objects.filter(pk=partner_id, ended_at=None).first()
    if row is None:
        raise UnknownPartner
    return row


def exists(actor: Actor, partner_id: UUID) -> bool:
    """Whether the actor's organisation has this partner."""
    with acting(actor):
        return Partner.objects.filter(pk=partner_id).exists()


def is_partner(peer_id: UUID) -> bool:
    """Whether an organisation is a partner of the acting one. Call inside `acting(actor)`."""
    return Partner.objects.filter(peer_id=peer_id, ended_at=None).exists()


def is_victim_support(peer_id: UUID) -> bool:
    """Whether an organisation is a verified victim support. It sends what people ask to have removed."""
    entry = directory.entry(peer_id)
    return entry.kind == "victim_support" and entry.verified


def exchanges(peer_id: UUID) -> bool:
    """Whether cases are taken from an organisation, and statuses sent to it. Call inside `acting(actor)`."""
    return is_partner(peer_id) or is_victim_support(peer_id)


def candidates(actor: Actor) -> list[DirectoryEntry]:
    """Verified hotlines of the directory that are no partners yet."""
    actor.require(MANAGE)
    with acting(actor):
        known = set(Partner.objects.filter(ended_at=None).values_list("peer_id", flat=True))
    others = known | {actor.organisation_id}
    return [one for one in directory.list_organisations(kind="hotline") if one.verified and one.id not in others]


def list_partners(actor: Actor) -> list[PartnerLine]:
    """Every partner with its counts, active ones first. The view is recorded."""
    actor.require(READ)
    with acting(actor):
        rows = list(Partner.objects.order_by("created_at"))
        waits = Count("pk", filter=Q(state__in=WITH_PARTNER))
        sent = {
            partner: counts
            for partner, *counts in Transfer.objects.order_by()
            .values_list("partner_id")
            .annotate(all=Count("pk"), waits=waits)
        }
        received = {
            sender: counts
            for sender, *counts in IncomingCase.objects.order_by()
            .values_list("sender_id")
            .annotate(all=Count("pk"), newest=Max("created_at"))
        }
        record(actor, "partner.listed", SUBJECT, actor.organisation_id, count=len(rows))
        peers = {one.id: one for one in directory.some(row.peer_id for row in rows)}
        lines = [
            PartnerLine(
                row.pk,
                peers[row.peer_id],
                row.created_at,
                row.ended_at,
                outbox.has_credential(actor, row.peer_id),
                api_keys.has_issued(actor, row.peer_id, SCOPE),
                *sent.get(row.pk, [0, 0]),
                *received.get(row.peer_id, [0, None]),
            )
            for row in rows
        ]
    return sorted(lines, key=lambda one: (one.ended is not None, one.peer.name))


def _peer(actor: Actor, given: Entered) -> DirectoryEntry:
    """Rule 1."""
    try:
        return directory.entry(given.organisation)
    except UnknownOrganisation:
        told = join.Peer(given.name, "hotline", given.country, given.organisation, given.api_url, given.message_key)
        join.enter_peer(actor, told)
        return directory.entry(given.organisation)


def _set_key(actor: Actor, row: Partner, token: str) -> None:
    token = token.strip()
    if not token.startswith("tut_") or not 20 <= len(token) <= 200:
        raise Invalid("Enter the key that the partner issued to you. The key begins with tut_.", field="token")
    outbox.set_credential(actor, row.peer_id, token)
    record(actor, "partner.key_entered", SUBJECT, row.pk)


def locked(partner_id: UUID) -> Partner:
    """A partner, locked. Raises `UnknownPartner`. Call inside `acting(actor)`."""
    row = Partner.objects.select_for_update().filter(pk=partner_id).first()
    if row is None:
        raise UnknownPartner
    return row
