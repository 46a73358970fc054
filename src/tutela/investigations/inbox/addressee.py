"""Addressee of a message to this node: find the verified authority, and compare names."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from tutela.organisations.errors import UnknownOrganisation
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES


def authority(organisation: UUID) -> directory.DirectoryEntry:
    """The authority addressed, if it is one and verified; otherwise there is nothing here."""
    entry = directory.entry(organisation)
    if entry.kind not in AUTHORITIES or not entry.verified:
        raise UnknownOrganisation
    return entry


def same_name(one: str, other: str) -> bool:
    """Whether two directories mean one organisation: blanks, case and accents may differ."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return " ".join("".join(one for one in decomposed if not unicodedata.combining(one)).casefold().split())
