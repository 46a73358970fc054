"""Roles and deactivation. The last administrator cannot be removed.

Both changes take effect at the person's next request.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.errors import LastAdministrator
from tutela.organisations.models import Person, PersonStatus, RoleGrant
from tutela.organisations.people.members import end_all_sessions
from tutela.organisations.vocabulary.roles_and_permissions import (
    permissions_of,
    roles_of,
)


def able_since(actor: Actor, permission: str) -> datetime | None:
    """Return since when a person's roles have permitted an action without a break; None if no role permits it."""
    grants = RoleGrant.objects.filter(person=actor.person_id, ended_at=None).order_by("at", "id")
    for role, at in grants.values_list("role", "at"):
        if permission in permissions_of(actor.organisation_kind, frozenset({role}), verified=actor.verified):
            return at
    return None


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
    """Refuse a form without a choice. Raises `NotFound` for a person of another organisation, `Invalid` otherwise."""
    actor.require("organisation.manage")
    _own(actor, person_id)
    raise Invalid("Choose a rule to change.", field="action")


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
