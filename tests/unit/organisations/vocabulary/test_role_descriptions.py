"""Every role of every kind of organisation is explained, and nothing is explained that no role has."""

from __future__ import annotations

import pytest

from tutela.organisations.vocabulary import role_descriptions
from tutela.organisations.vocabulary.roles_and_permissions import (
    EVERYONE,
    FOUNDING_ADMINISTRATION,
    PERMISSIONS,
    Kind,
    Role,
    permissions_of,
    roles_of,
)

ROLES = [(kind, role) for kind in Kind.values for role in roles_of(kind)]


@pytest.mark.parametrize(("kind", "role"), ROLES)
def test_every_role_is_explained(kind: str, role: str) -> None:
    about = role_descriptions.description(kind, role)
    assert str(about.summary)
    explained = len(about.sees) + len(about.does)
    assert explained == len(permissions_of(kind, frozenset({role})) - EVERYONE)
    assert explained


def test_every_permission_is_explained_once_and_no_other() -> None:
    every = FOUNDING_ADMINISTRATION.union(EVERYONE, *PERMISSIONS.values())
    every |= {one for kind, role in ROLES for one in permissions_of(kind, frozenset({role}))}
    assert set(role_descriptions.SEES) | set(role_descriptions.DOES) == every
    assert not set(role_descriptions.SEES) & set(role_descriptions.DOES)
    assert set(role_descriptions.SUMMARIES) == set(Role.values)
