"""Invitations: a link that creates a person with roles, valid once, within 1 week."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.errors import InvitationUnusable
from tutela.organisations.models import Invitation, Person, RoleGrant
from tutela.organisations.people import directory
from tutela.organisations.people.members import actor_of, check_words, create_person
from tutela.organisations.vocabulary.roles_and_permissions import (
    roles_of,
)

# Long enough to be read after a weekend, short enough that a forwarded mail is soon worthless.
INVITATION_LASTS = timedelta(days=7)


def open_invitations(actor: Actor) -> list[Invitation]:
    """Invitations that can still be accepted."""
    actor.require("organisation.manage")
    open_rows = Invitation.objects.filter(organisation_id=actor.organisation_id, accepted_at=None, withdrawn_at=None)
    return list(open_rows.filter(expires_at__gt=clock.now()).order_by("-at"))


def invite(actor: Actor, *, email: str, name: str, roles: list[str]) -> str:
    """Invite somebody; returns the token of the link, which is shown once. Raises `Invalid` naming the field."""
    actor.require("organisation.manage")
    unknown = set(roles) - set(roles_of(actor.organisation_kind))
    if unknown or not roles:
        raise Invalid("Choose from: {known}.", field="roles", known=", ".join(roles_of(actor.organisation_kind)))
    check_words(email, name)
    if Person.objects.filter(email__iexact=email).exists():
        raise Invalid("Somebody already signs in with this address. Use another address.", field="email")
    token = secrets.token_urlsafe(32)
    with acting(actor):
        row = Invitation.objects.create(
            organisation_id=actor.organisation_id,
            email=email.lower(),
            name=name,
            roles=roles,
            token_hash=_hash(token),
            by=actor.reference,
            expires_at=clock.now() + INVITATION_LASTS,
        )
        record(actor, "person.invited", "invitation", row.id, roles=sorted(roles))
    return token


def withdraw_invitation(actor: Actor, invitation_id: UUID) -> None:
    """Make an invitation's link worthless. Raises `NotFound`, also once it was accepted."""
    actor.require("organisation.manage")
    with acting(actor):
        rows = Invitation.objects.filter(pk=invitation_id, organisation_id=actor.organisation_id, accepted_at=None)
        if not rows.update(withdrawn_at=clock.now()):
            raise NotFound
        record(actor, "invitation.withdrawn", "invitation", invitation_id)


def invitation_by_token(token: str) -> Invitation:
    """The open invitation of a link. Raises `InvitationUnusable`, the same for every reason."""
    row = Invitation.objects.filter(token_hash=_hash(token), accepted_at=None, withdrawn_at=None).first()
    if row is None or row.expires_at <= clock.now():
        raise InvitationUnusable
    return row


def accept_invitation(token: str, password: str) -> Person:
    """Create the person of an invitation with its roles, once; twins lose.

    The caller signs them in and asks for a second factor. Raises `InvitationUnusable`, and `Invalid` where somebody has
    taken the address meanwhile.
    """
    found = invitation_by_token(token)
    house = directory.acting_for(directory.entry(found.organisation_id), f"invitation:{found.pk}", found.name)
    try:
        with acting(house):
            row = Invitation.objects.select_for_update().get(pk=found.pk)
            if row.accepted_at is not None or row.withdrawn_at is not None:
                raise InvitationUnusable
            person = create_person(row.organisation_id, email=row.email, name=row.name, password=password)
            row.accepted_at = clock.now()
            row.save(update_fields=["accepted_at"])
            for role in row.roles:
                RoleGrant.objects.create(person=person, role=role, by=row.by)
            actor = actor_of(person)
            record(actor, "person.joined", "person", person.id, invitation=row.id, roles=sorted(row.roles))
    except IntegrityError:
        raise Invalid("Somebody already signs in with this address. Use another address.", field="email") from None
    return person


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
