"""Directory entries of an organisation and of a person at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class DirectoryEntry:
    """An organisation as the directory shows it."""

    id: UUID
    name: str
    kind: str
    kind_name: str
    country: str
    status: str
    api_url: str
    media_origin: str

    @property
    def verified(self) -> bool:
        return self.status == "verified"


@dataclass(frozen=True)
class Now:
    """Current state of a person: active, roles, organisation, and `secured` by a second factor.

    `two`: the organisation requires two people for some actions on the register.
    """

    active: bool
    roles: frozenset[str]
    secured: bool
    organisation: DirectoryEntry
    two: bool = False
