"""Members of an organisation and their actors. Rights are recomputed from rows, never cached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import OuterRef, Prefetch, Subquery

from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.organisations.models import Person, PersonStatus, RoleGrant
from tutela.organisations.people import directory, session_lookup
from tutela.organisations.vocabulary.roles_and_permissions import (
    DEFAULT_PURPOSE,
    FOUNDING_ADMINISTRATION,
    permissions_of,
)


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


def actor_by_email(email: str) -> Actor:
    """Return the actor as `actor_of`, by email address. Raises `NotFound`. For commands, never for requests."""
    person = Person.objects.filter(email=email).first()
    if person is None:
        raise NotFound
    return actor_of(person)


def actor_by_reference(organisation_id: UUID, reference: str, purpose: str) -> Actor:
    """The actor of an active person of an organisation, with today's rights. Raises `NotFound`. For jobs."""
    kind, _, value = reference.partition(":")
    person = Person.objects.filter(pk=value, organisation_id=organisation_id).first() if kind == "person" else None
    if person is None or not session_lookup.now(person).active:
        raise NotFound
    return actor_of(person, purpose)


def name_by_reference(organisation_id: UUID, reference: str) -> str:
    """Today's name of a person of an organisation; empty for a key, a job and who was erased."""
    kind, _, value = reference.partition(":")
    people = Person.objects.filter(organisation_id=organisation_id)
    return people.filter(pk=value).values_list("name", flat=True).first() or "" if kind == "person" else ""


def members(actor: Actor) -> list[Member]:
    """The people of the actor's organisation, by name."""
    actor.require("organisation.read")
    return members_of(actor.organisation_id)


def members_of(organisation_id: UUID) -> list[Member]:
    """The people of an organisation, by name. For capabilities that act for nobody, such as jobs."""
    rows = Person.objects.filter(organisation_id=organisation_id).order_by("name")
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


def check_words(email: str, name: str) -> None:
    """Raise `Invalid`, naming the field, for what is no person's name or address. Asks no database."""
    if not name.strip():
        raise Invalid("Enter a name.", field="name")
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid("Enter a valid e-mail address.", field="email") from None


def create_person(organisation_id: UUID, *, email: str, name: str, password: str) -> Person:
    """A person without roles. For the first administrator (command line), the demo and invitations."""
    return Person.objects.create_user(email, password, name=name, organisation_id=organisation_id)


def end_all_sessions(person: Person) -> int:
    """End every session of a person; returns how many there were."""
    rows = UserSession.objects.filter(user=person)
    Session.objects.filter(session_key__in=rows.values_list("session_key", flat=True)).delete()
    return int(rows.delete()[0])
