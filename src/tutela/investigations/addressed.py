"""Whom a message to this node is for."""

from __future__ import annotations

from uuid import UUID

from tutela.organisations import directory
from tutela.organisations.errors import UnknownOrganisation
from tutela.organisations.kinds import AUTHORITIES


def authority(organisation: UUID) -> directory.Entry:
    """The authority addressed, if it is one and verified; otherwise there is nothing here."""
    entry = directory.entry(organisation)
    if entry.kind not in AUTHORITIES or not entry.verified:
        raise UnknownOrganisation
    return entry
