"""Recipients of a drill: every organisation to which this Centre could send a reversal."""

from __future__ import annotations

from tutela.events.actor import Actor
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES
from tutela.redress.models import HopKind

_KINDS = {"provider": HopKind.PROVIDER, "hotline": HopKind.HOTLINE, **dict.fromkeys(AUTHORITIES, HopKind.AUTHORITY)}


def reachable(centre: Actor) -> list[tuple[DirectoryEntry, bool]]:
    """Verified organisations by name, each with whether there is a key for its API."""
    known = outbox.peers_with_credential(centre)
    found = [one for kind in _KINDS for one in directory.list_organisations(kind=kind) if one.verified]
    return [(one, one.id in known) for one in sorted(found, key=lambda each: each.name)]


def hop_kind(organisation_kind: str) -> HopKind:
    """The kind of hop of a recipient."""
    return _KINDS[organisation_kind]
