"""Head of the list: the newest version in the public log and, at once, the removals since."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from django.db import connection

from tutela import clock
from tutela.accountability.public_log import log
from tutela.accountability.public_log import publish as public_log_publish
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope, sign
from tutela.exchange.register.release import (
    HEAD_CONTEXT,
    LoggedHead,
    LoggedRelease,
    ReleaseHead,
    logged,
)
from tutela.indicators.integrity import active_entries
from tutela.indicators.models import Head, Release
from tutela.indicators.release_files import removals, version_files
from tutela.indicators.releases import version_contents
from tutela.indicators.releases.history import manifest
from tutela.organisations.keys.envelope_encryption import CannotUnwrap
from tutela.organisations.keys.signing import current_private

# A disconnected Edge stops trusting its list a day after the last head, so a revocation can be missed no longer.
HEAD_LASTS = timedelta(hours=24)
# A head with unchanged content is signed again after this time, by the hourly job.
HEAD_RENEWED = timedelta(minutes=30)


def refresh_head(actor: Actor) -> Head | None:
    """Sign a new head: it names the newest version in the log, and what is active no longer is removed, at once.

    None before the first release is in the log.
    """
    with acting(actor):
        one_at_a_time()
        return sign_head(actor)


def announced(actor: Actor) -> bool:
    """Whether the newest head names the newest version that is in the log."""
    with acting(actor):
        newest, head = _newest_logged(), newest_head()
    return newest is None or (head is not None and head.version >= newest.version)


def newest_head() -> Head | None:
    """The head that Edges poll now; None before the first release."""
    return Head.objects.filter(list_id=version_files.LIST_ID).order_by("-sequence").first()


def _removed(release: Release) -> list[UUID]:
    try:
        return version_contents.removed(manifest(release))
    except (OSError, CannotUnwrap):
        return active_entries.removed_since(release.created_at)


def _newest_logged() -> Release | None:
    """The one that heads may name. Without two witnesses none but that of the last head: only removals go on."""
    kept = Release.objects.filter(list_id=version_files.LIST_ID).order_by("-version")
    if not log.witnessed():
        last = newest_head()
        return kept.filter(version=last.version).first() if last else None
    rows = kept.iterator(chunk_size=20)
    return next((row for row in rows if row.event_id and log.holds(row.event_id)), None)


def lost() -> tuple[int, int]:
    """The highest sequence and version that the log names and a restored database lost: Edges never go back."""
    said = [one for entry in log.lost() if (one := logged(entry)) is not None and one.list_id == version_files.LIST_ID]
    sequences = [one.sequence for one in said if isinstance(one, LoggedHead)]
    versions = [one.version for one in said if isinstance(one, LoggedRelease)]
    return max(sequences, default=0), max(versions, default=0)


def sign_head(actor: Actor, *, force: bool = False) -> Head | None:
    """Sign a head if its content is new or the last one is too old; `force` signs in any case."""
    release = _newest_logged()
    if release is None:
        return None
    last = newest_head()
    removed = removals.told(version_files.folder(), _removed(release))
    if last is not None and not force and _still_says_it(last, release, removed):
        return last
    head = _head(release, last, removed)
    envelope = sign(head.to_bytes(), HEAD_CONTEXT, current_private(actor.organisation_id, "release"))
    row = Head.objects.create(
        organisation_id=actor.organisation_id,
        list_id=version_files.LIST_ID,
        sequence=head.sequence,
        version=release.version,
        removed=head.removes,
        envelope=envelope.to_bytes(),
    )
    Head.objects.filter(list_id=version_files.LIST_ID, sequence__lt=head.sequence - 100).delete()
    # Every field of the event goes into the public log, so a recipient served an older head can detect it there.
    record(
        actor,
        "release.head",
        "release",
        f"{version_files.LIST_ID}:{release.version}",
        list=version_files.LIST_ID,
        version=release.version,
        sequence=head.sequence,
        removed=head.removes,
        head=head.fingerprint(),
    )
    public_log_publish.enqueue_publication()
    return row


def _head(release: Release, last: Head | None, removed: removals.Told) -> ReleaseHead:
    now = clock.now()
    manifest = Envelope.from_bytes(bytes(release.manifest)).payload
    return ReleaseHead(
        list_id=version_files.LIST_ID,
        version=release.version,
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
        removed=removed[0],
        removed_file=removed[1],
        sequence=max(last.sequence if last else 0, lost()[0]) + 1,
        at=now,
        expires=now + HEAD_LASTS,
    )


def _still_says_it(last: Head, release: Release, removed: removals.Told) -> bool:
    """Whether the last head is young enough and names this version and these removals."""
    if clock.now() - last.created_at >= HEAD_RENEWED or last.version != release.version:
        return False
    return removals.same(ReleaseHead.from_bytes(Envelope.from_bytes(bytes(last.envelope)).payload), removed)


def one_at_a_time() -> None:
    """Wait until nobody else publishes or signs a head. Call inside `acting(actor)`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tutela.release'))")
