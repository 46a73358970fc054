"""People: invitations, roles, deactivation. Rights are recomputed from rows at every request, never cached."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError
from django.db.models import OuterRef, Prefetch, Subquery

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.errors import InvitationUnusable, LastAdministrator
from tutela.organisations.models import Invitation, Person, PersonStatus, RoleGrant
from tutela.organisations.people import directory, session_lookup
from tutela.organisations.vocabulary.roles_and_permissions import (
    DEFAULT_PURPOSE,
    FOUNDING_ADMINISTRATION,
    permissions_of,
    roles_of,
)

# Long enough to be read after a weekend, short enough that a forwarded mail is soon worthless.
INVITATION_LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Member:
    """A person as the administrator sees them."""

    id: UUID
    name: str
    email: str
    roles: list[str]
    active: bool
    second_factor: bool
    last_login: datetime | None


def actor_of(person: Person, purpose: str | None = None) -> Actor:
    """The actor that a signed-in person is. The purpose is the kind's usual one unless another is chosen."""
    now = session_lookup.now(person)
    organisation, roles = now.organisation, now.roles
    permissions = permissions_of(organisation.kind, roles, verified=organisation.verified)
    if "administrator" in roles and organisation.verified and directory.founder() == organisation:
        permissions |= FOUNDING_ADMINISTRATION
    return Actor(
        organisation_id=organisation.id,
        organisation_kind=organisation.kind,
        organisation_name=organisation.name,
        country=organisation.country,
        verified=organisation.verified,
        reference=f"person:{person.id}",
        name=person.name,
        permissions=permissions,
        purpose=purpose or DEFAULT_PURPOSE[organisation.kind],
        language=person.language,
        time_zone=person.time_zone,
    )


def able_since(actor: Actor, permission: str) -> datetime | None:
    """Since when a person's roles let them do something, without a break; None where none of their roles does."""
    grants = RoleGrant.objects.filter(person=actor.person_id, ended_at=None).order_by("at", "id")
    for role, at in grants.values_list("role", "at"):
        if permission in permissions_of(actor.organisation_kind, frozenset({role}), verified=actor.verified):
            return at
    return None


def actor_by_email(email: str) -> Actor:
    """As `actor_of`, by address. Raises `NotFound`. For commands, never for requests."""
    person = Person.objects.filter(email=email).first()
    if person is None:
        raise NotFound
    return actor_of(person)


def members(actor: Actor) -> list[Member]:
    """The people of the actor's organisation, by name."""
    actor.require("organisation.read")
    rows = Person.objects.filter(organisation_id=actor.organisation_id).order_by("name")
    secured = set(Authenticator.objects.filter(user__in=rows).values_list("user_id", flat=True))
    newest = PersonStatus.objects.filter(person=OuterRef("pk")).order_by("-at", "-id").values("status")[:1]
    roles = Prefetch("role_grants", RoleGrant.objects.filter(ended_at=None), "standing")
    with_status = rows.annotate(newest=Subquery(newest)).prefetch_related(roles)
    return [
        Member(
            row.id,
            row.name,
            row.email,
            [grant.role for grant in row.standing],
            row.newest in (None, "active"),
            row.id in secured,
            row.last_login,
        )
        for row in with_status
    ]


def invitations(actor: Actor) -> list[Invitation]:
    """Invitations that can still be accepted."""
    actor.require("organisation.manage")
    open_rows = Invitation.objects.filter(organisation_id=actor.organisation_id, accepted_at=None, withdrawn_at=None)
    return list(open_rows.filter(expires_at__gt=clock.now()).order_by("-at"))


def check_words(email: str, name: str) -> None:
    """Raise `Invalid`, naming the field, for what is no person's name or address. Asks no database."""
    if not name.strip():
        raise Invalid("The name is missing.", field="name")
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid("This is no e-mail address.", field="email") from None


def invite(actor: Actor, *, email: str, name: str, roles: list[str]) -> str:
    """Invite somebody; returns the token of the link, which is shown once. Raises `Invalid` naming the field."""
    actor.require("organisation.manage")
    unknown = set(roles) - set(roles_of(actor.organisation_kind))
    if unknown or not roles:
        raise Invalid("Choose from: {known}.", field="roles", known=", ".join(roles_of(actor.organisation_kind)))
    check_words(email, name)
    if Person.objects.filter(email__iexact=email).exists():
        raise Invalid("Somebody signs in with this address already.", field="email")
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
        raise Invalid("Somebody signs in with this address already.", field="email") from None
    return person


def create_person(organisation_id: UUID, *, email: str, name: str, password: str) -> Person:
    """A person without roles. For the first administrator (command line), the demo and invitations."""
    return Person.objects.create_user(email, password, name=name, organisation_id=organisation_id)


def grant_role(actor: Actor, person_id: UUID, role: str) -> None:
    """Give a role; giving it twice changes nothing."""
    actor.require("organisation.manage")
    person = _own(actor, person_id)
    if role not in roles_of(actor.organisation_kind):
        raise Invalid("Choose from: {known}.", field="role", known=", ".join(roles_of(actor.organisation_kind)))
    with acting(actor):
        _, made = RoleGrant.objects.get_or_create(
            person=person, role=role, ended_at=None, defaults={"by": actor.reference}
        )
        if made:
            record(actor, "role.granted", "person", person_id, role=role)


def end_role(actor: Actor, person_id: UUID, role: str) -> None:
    """Take a role away; it works at the person's next request. The last administrator stays."""
    actor.require("organisation.manage")
    person = _own(actor, person_id)
    with acting(actor):
        if role == "administrator":
            _another_administrator(actor, person)
        changed = person.role_grants.filter(role=role, ended_at=None).update(
            ended_at=clock.now(), ended_by=actor.reference
        )
        if changed:
            record(actor, "role.ended", "person", person_id, role=role)


def set_person_status(actor: Actor, person_id: UUID, status: str, reason: str = "") -> None:
    """Deactivate or reactivate somebody. Deactivation ends every session of theirs before it returns."""
    actor.require("organisation.manage")
    person = _own(actor, person_id)
    if status not in ("active", "deactivated"):
        raise Invalid("The status must be active or deactivated.", field="status")
    with acting(actor):
        if status == "deactivated":
            _another_administrator(actor, person)
        PersonStatus.objects.create(person=person, status=status, by=actor.reference, reason=reason[:300])
        if status == "deactivated":
            end_all_sessions(person)
        record(actor, f"person.{status}", "person", person_id)


def refuse_change(actor: Actor, person_id: UUID) -> None:
    """Nothing was chosen. Raises `NotFound` for somebody of another organisation, `Invalid` otherwise."""
    actor.require("organisation.manage")
    _own(actor, person_id)
    raise Invalid("Choose what to change.", field="action")


def end_all_sessions(person: Person) -> int:
    """End every session of a person; returns how many there were."""
    rows = UserSession.objects.filter(user=person)
    Session.objects.filter(session_key__in=rows.values_list("session_key", flat=True)).delete()
    return int(rows.delete()[0])


def _own(actor: Actor, person_id: UUID) -> Person:
    person = Person.objects.filter(pk=person_id, organisation_id=actor.organisation_id).first()
    if person is None:
        raise NotFound
    return person


def _another_administrator(actor: Actor, person: Person) -> None:
    # Two who take each other's role away at the same time: the second sees what the first did.
    lock(f"administrators:{actor.organisation_id}")
    others = RoleGrant.objects.filter(
        person__organisation_id=actor.organisation_id, role="administrator", ended_at=None
    ).exclude(person=person)
    mine = person.role_grants.filter(role="administrator", ended_at=None).exists()
    if mine and not any(grant.person.is_active for grant in others.select_related("person")):
        raise LastAdministrator


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
