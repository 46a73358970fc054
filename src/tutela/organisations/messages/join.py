"""Join a Centre on another node, for the command line (`tutela join`); enter another organisation of another node.

Joining enters the Centre, trusts its receipt key, stores the API key that it issued, and issues one to it. Both nodes
must use the same id for the provider: the id in the Centre's directory, given to `tutela setup --organisation-id`.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Forbidden, Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import signing
from tutela.organisations.keys.signing import key_id_of
from tutela.organisations.messages import message_signing, outbox
from tutela.organisations.models import Organisation, OrganisationStatus, SigningKey
from tutela.organisations.people import api_keys, directory
from tutela.organisations.people.encryption_recipients import may_hold


@dataclass(frozen=True)
class Centre:
    """Data of the Centre for an organisation that joins: its name, country, id, address and public receipt key."""

    name: str
    country: str
    id: UUID
    api_url: str
    receipt_key: str


def join(actor: Actor, centre: Centre, token: str, *, offline: bool = False) -> str:
    """Join; returns the key with which the Centre reaches us, or nothing where files go between us (`offline`).

    Raises `Invalid` naming the field, `Conflict`.
    """
    actor.require("organisation.manage")
    public = _public(centre.receipt_key)
    if not offline and not token.startswith("tut_"):
        raise Invalid("Enter the key that the Centre issued to you. The key begins with tut_.", field="token")
    if directory.the_centre() is not None:
        raise Conflict("This node already has a Centre.")
    with acting(actor):  # all of it or nothing: half a Centre would be trusted by half of us
        row = Organisation.objects.create(
            id=centre.id, name=centre.name, kind="centre", country=centre.country, api_url=centre.api_url
        )
        OrganisationStatus.objects.create(
            organisation=row, status="verified", by=actor.reference, reason="Joined; the receipt key was compared"
        )
        SigningKey.objects.create(
            organisation=row,
            use="receipt",
            key_id=key_id_of(public),
            public=public,
            wrapped_private=b"",
            by=actor.reference,
        )
        record(actor, "centre.joined", "organisation", row.id, receipt_key=key_id_of(public), address=centre.api_url)
        if offline:
            return ""
        outbox.set_credential(actor, row.id, token)
        scope = "referrals:submit" if may_hold(actor.organisation_kind) else "feedback:submit"
        _row, ours = api_keys.issue_key(actor, row.id, name="Centre: messages to us", scopes=[scope])
    return ours


@dataclass(frozen=True)
class Peer:
    """Data of an organisation on another node: its name, country, id, address and public message key."""

    name: str
    kind: str
    country: str
    id: UUID
    api_url: str
    message_key: str


def may_enter(actor: Actor) -> bool:
    """Whether the actor's organisation looks after a node without a Centre. Otherwise the Centre enters others."""
    founder = directory.founder()
    return founder is not None and founder.id == actor.organisation_id and directory.the_centre() is None


def enter_peer(actor: Actor, peer: Peer) -> None:
    """Enter an organisation on another node as verified, with its message key that was compared.

    Raises `Forbidden`, `Invalid` naming the field.
    """
    actor.require("organisation.manage")
    if not may_enter(actor):
        raise Forbidden("Ask the Centre or the node's first organisation to enter this one in the directory.")
    directory.check_new(peer.name, peer.kind, peer.country)
    address = directory.check_api_address(peer.api_url)
    if not address:
        raise Invalid("Enter the address of the node, such as https://tutela.example.", field="api_url")
    with acting(actor):
        row = Organisation.objects.create(
            id=peer.id, name=peer.name.strip(), kind=peer.kind, country=peer.country, api_url=address
        )
        OrganisationStatus.objects.create(
            organisation=row, status="verified", by=actor.reference, reason="Entered; the message key was compared"
        )
        record(actor, "organisation.created", "organisation", row.id, kind=peer.kind, address=address)
        signing.trust(actor, row.id, message_signing.use_of(peer.kind), peer.message_key)


def _public(text: str) -> bytes:
    try:
        public = bytes.fromhex(text)
        Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        raise Invalid("The receipt key must be 64 hex digits.", field="receipt_key") from None
    return public
