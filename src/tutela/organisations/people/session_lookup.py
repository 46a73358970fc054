"""Session lookup: everything that a page needs about a person, in one database query."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from tutela.events.sql import run_statements
from tutela.organisations.errors import UnknownPerson
from tutela.organisations.models import Person
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import Now

_FIELDS = [field.attname for field in Person._meta.concrete_fields]
_COLUMNS = ", ".join(f"p.{field.column}" for field in Person._meta.concrete_fields)
_ASKED = (
    f"SELECT {_COLUMNS}, COALESCE((SELECT s.status FROM organisations_personstatus s"  # noqa: S608
    " WHERE s.person_id = p.id ORDER BY s.at DESC, s.id DESC LIMIT 1), 'active'),"
    " ARRAY(SELECT g.role FROM organisations_rolegrant g WHERE g.person_id = p.id AND g.ended_at IS NULL),"
    " EXISTS (SELECT 1 FROM mfa_authenticator a WHERE a.user_id = p.id),"
    " organisations_asks(p.organisation_id, 'two'),"
    f" {directory.COLUMNS} FROM organisations_person p JOIN organisations_organisation o ON o.id = p.organisation_id"
    " WHERE p.id = %s"
)


def person(person_id: UUID) -> Person:
    """A person with what stands about them as `now`. Raises `UnknownPerson`."""
    found, stands = _asked(person_id)
    found.now = stands
    return found


def now(someone: Person) -> Now:
    """State of a person: as read at the start of their own request; for others, queried at each call."""
    return someone.now or _asked(someone.pk)[1]


def secured(someone: object) -> bool:
    """Whether the user of a request is a person with a second factor."""
    return isinstance(someone, Person) and now(someone).secured


def two_people(someone: object) -> bool:
    """Whether the user of a request is a person whose organisation has some acts done by two."""
    return isinstance(someone, Person) and now(someone).two


def _asked(person_id: UUID) -> tuple[Person, Now]:
    rows = run_statements([(_ASKED, [person_id])])[0]
    if not rows:
        raise UnknownPerson
    row = rows[0]
    many = len(_FIELDS)
    status, roles, secured, two = row[many : many + 4]
    stands = Now(status == "active", frozenset(roles), secured, directory.entry_of(*row[many + 4 :]), two)
    return Person.from_db(connection.alias, _FIELDS, row[:many]), stands
