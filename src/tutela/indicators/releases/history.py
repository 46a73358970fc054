"""Release history: published versions and their manifests."""

from __future__ import annotations

from uuid import UUID

from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.register.release import (
    ReleaseManifest,
)
from tutela.indicators.models import Release
from tutela.indicators.release_files import version_files
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine


def history(limit: int = 50) -> list[Release]:
    """Newest releases first. Call inside `acting(actor)`."""
    return list(Release.objects.filter(list_id=version_files.LIST_ID).order_by("-version")[:limit])


def logged_as(limit: int) -> list[UUID]:
    """The events of the newest releases, by which the public log has them; none on a node without a Centre."""
    centre = directory.the_centre()
    if centre is None:
        return []
    with acting(machine(centre.id, "register")):
        # The last ones may wait for the log's witnesses.
        return [row.event_id for row in history(2 * limit) if row.event_id]


def newest_release() -> Release | None:
    """The newest version; None before the first. Call inside `acting(actor)`."""
    return Release.objects.filter(list_id=version_files.LIST_ID).order_by("-version").first()


def manifest(release: Release) -> ReleaseManifest:
    """Return the manifest of a release, as it was signed."""
    return ReleaseManifest.from_bytes(Envelope.from_bytes(bytes(release.manifest)).payload)
