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
    """What stands about a person at this moment: `secured` by a second factor, in which roles, for whom.

    `two` where the organisation has some acts on the register done by two people.
    """

    active: bool
    roles: frozenset[str]
    secured: bool
    organisation: DirectoryEntry
    two: bool = False
