"""Addressees of messages to this node: a provider for notices, a hotline for their answers."""

from __future__ import annotations

from uuid import UUID

from tutela.organisations.errors import UnknownOrganisation
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry


def addressee(organisation: UUID, kind: str) -> DirectoryEntry:
    """The verified organisation of this kind. Raises `UnknownOrganisation`."""
    entry = directory.entry(organisation)
    if entry.kind != kind or not entry.verified:
        raise UnknownOrganisation
    return entry
