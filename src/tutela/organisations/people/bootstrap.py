"""Set up a node's first organisation and its first administrator.

No administrator exists yet for this step. For the command line (`tutela setup`), the demonstration and tests. Not
reachable over HTTP.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import signing
from tutela.organisations.models import Organisation, OrganisationStatus, Person, RoleGrant
from tutela.organisations.people import directory, invitations, members
from tutela.organisations.people.members import create_person
from tutela.organisations.vocabulary.roles_and_permissions import Kind, permissions_of, roles_of

USES_BY_KIND = {
    "centre": ("receipt", "release", "checkpoint", "log", "values"),
    **dict.fromkeys(("authority", "coordinating_authority", "europol"), ("checkpoint", "answer")),
    "provider": ("checkpoint", "message"),
}
# Every node signs the length and head of its own chain.
USES_OF_ALL = ("checkpoint",)


def found(
    name: str,
    kind: str,
    country: str,
    *,
    api_url: str = "",
    reason: str = "Created with the node",
    organisation_id: UUID | None = None,
) -> Actor:
    """Enter a verified organisation with the signing keys of its kind; returns the machine as its administrator.

    `organisation_id` is the id under which a Centre elsewhere knows it already; without one it is made. All of it or
    nothing. Raises `Invalid` naming the field.
    """
    directory.check_new(name, kind, country)
    founder = _founder(organisation_id or uuid7(), name.strip(), kind, country)
    with acting(founder):
        row = Organisation.objects.create(
            id=founder.organisation_id, name=name.strip(), kind=kind, country=country, api_url=api_url
        )
        OrganisationStatus.objects.create(organisation=row, status="verified", by=founder.reference, reason=reason)
        record(
            founder,
            "organisation.founded",
            "organisation",
            row.id,
            organisation_kind=kind,
            country=country,
            address=api_url,
        )
        for use in USES_BY_KIND.get(kind, USES_OF_ALL):
            signing.create_key(founder, use)
    return founder


def check_answers(name: str, kind: str, country: str, email: str, administrator: str) -> None:
    """Raise `Invalid`, naming the field, before a database is made for what cannot be founded."""
    directory.check_words(name, kind, country)
    members.check_words(email, administrator)


def found_node(name: str, kind: str, country: str, email: str, administrator: str, **more: Any) -> str:
    """`found`, and the token of the first administrator's link, in one transaction; `more` is as for `found`."""
    directory.check_new(name, kind, country)
    founder = _founder(more.pop("organisation_id", None) or uuid7(), name.strip(), kind, country)
    with acting(founder):
        actor = found(name, kind, country, organisation_id=founder.organisation_id, **more)
        # The first person gets every role, and then invites everybody else.
        return invitations.invite(actor, email=email, name=administrator, roles=roles_of(kind))


def _founder(organisation_id: UUID, name: str, kind: str, country: str) -> Actor:
    """The machine acting for an organisation that is about to be."""
    entry = directory.DirectoryEntry(organisation_id, name, kind, str(Kind(kind).label), country, "verified", "", "")
    permissions = permissions_of(kind, frozenset(roles_of(kind)))
    return replace(directory.acting_for(entry, "system:setup", "setup"), permissions=permissions)


def machine(organisation_id: UUID, name: str) -> Actor:
    """The machine acting with every role of an organisation. For commands, never for requests."""
    entry = directory.entry(organisation_id)
    permissions = permissions_of(entry.kind, frozenset(roles_of(entry.kind)))
    return replace(directory.acting_for(entry, f"system:{name}", name), permissions=permissions)


def enrol(actor: Actor, *, email: str, name: str, password: str, roles: list[str]) -> Person:
    """A person with roles, without an invitation."""
    person = create_person(actor.organisation_id, email=email, name=name, password=password)
    with acting(actor):
        for role in roles:
            RoleGrant.objects.create(person=person, role=role, by=actor.reference)
        record(actor, "person.joined", "person", person.id, roles=sorted(roles))
    return person
