"""Releases: every recipient gets the same bytes, signed, with an expiry; removals travel in the head, at once.

1. `publish()` builds what the new version is made of (`builder`): a snapshot, or what changed since an earlier one;
   it lies sealed in the data folder, and its manifest is signed.
2. The public log takes the release in, under its witnesses.
3. `refresh_head()` signs a new head. It names the newest version that is in the log, and what was removed since; a
   removal waits for nobody, an addition for step 2, and for two witnesses. Every head is an entry of the log too.
4. What recipients fetch of it is in `downloads`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
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
    MANIFEST_CONTEXT,
    LoggedHead,
    LoggedRelease,
    ReleaseHead,
    ReleaseManifest,
    SourceKind,
    logged,
)
from tutela.indicators.errors import NoSuchRelease, NotLoggedYet
from tutela.indicators.integrity import active_entries
from tutela.indicators.models import Head, Release
from tutela.indicators.release_files import removals, version_files
from tutela.indicators.releases import builder, certified_set
from tutela.indicators.releases.builder import Before, Built
from tutela.matching.files.snapshot_writer import write_atomically
from tutela.organisations.keys.envelope_encryption import CannotUnwrap
from tutela.organisations.keys.signing import current_private
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.tlog.absence_proof import Absence

LIST_ID = version_files.LIST_ID
LIST_NAME = "Register of indicators"
POLICY = "Known child sexual abuse material only; two organisations in two jurisdictions stand behind every entry."
# A disconnected Edge stops trusting its list a day after the last head, so a revocation can be missed no longer.
HEAD_LASTS = timedelta(hours=24)
# A head that says nothing new is signed again after this time; the hourly job sees to it.
HEAD_RENEWED = timedelta(minutes=30)
MANIFEST_LASTS = timedelta(days=30)
# A list in which nothing changes is released anew before its manifest expires.
MANIFEST_RENEWED = timedelta(days=15)
# The files of so many versions up to the announced one are kept, for whoever is in the middle of fetching one.
KEPT = 5


def publish(actor: Actor) -> Release | None:
    """Build and sign a new version; None where nothing changed since the last one. `actor` is the Centre's."""
    return _publish(actor, unchanged_too=False)


def republish(actor: Actor) -> Release | None:
    """As `publish`, also where nothing changed: after a new release key, whose signature every Edge must see."""
    return _publish(actor, unchanged_too=True)


def _publish(actor: Actor, *, unchanged_too: bool) -> Release | None:
    with acting(actor):
        anew = not builder.possible(actor, _before()) or _snapshot_is_old()
    if anew:
        builder.fill(actor)
    with acting(actor):
        _one_at_a_time()
        newest, before = _newest(), _before()
        version = max(newest.version if newest else 0, _lost()[1]) + 1
        if before is None or anew:
            built: Built | None = builder.whole(actor, version)
        else:
            built = builder.changed(actor, version, before, unchanged_too=unchanged_too)
        row = _released(actor, version, built) if built else None
        # What is gone is removed from the version before at once; the new one is announced when it is in the log.
        _sign_head(actor, anew=unchanged_too and row is not None)
        if row is not None:
            public_log_publish.order()
    if built is not None:
        builder.settle(actor, version, built)
    return row


def _released(actor: Actor, version: int, built: Built) -> Release:
    manifest = _manifest(version, built)
    signed = sign(manifest.to_bytes(), MANIFEST_CONTEXT, current_private(actor.organisation_id, "release"))
    certified_set.refuse_canaries(built.places, built.secret)
    # A version of this number that a restored database forgot has left proofs of another set.
    _absences(version).unlink(missing_ok=True)
    # Every word of this goes into the public log.
    event = record(
        actor,
        "release.published",
        "release",
        f"{LIST_ID}:{version}",
        list=LIST_ID,
        version=version,
        entries=built.entries,
        hashes=len(built.places),
        sha256=built.snapshot_sha256,
        changes=built.changes.sha256 if built.changes else "",
        manifest=hashlib.sha256(manifest.to_bytes()).hexdigest(),
        values=built.places.root.hex(),
        values_key=built.secret.public.hex(),
    )
    return Release.objects.create(
        organisation_id=actor.organisation_id,
        list_id=LIST_ID,
        version=version,
        manifest=signed.to_bytes(),
        entries=built.entries,
        snapshot_sha256=built.snapshot_sha256,
        snapshot_size=built.snapshot_size,
        event_id=event,
        values_root=built.places.root,
    )


def _manifest(version: int, built: Built) -> ReleaseManifest:
    now = clock.now()
    return ReleaseManifest(
        list_id=LIST_ID,
        list_name=LIST_NAME,
        source_kind=SourceKind.REGISTER,
        version=version,
        created=now,
        expires=now + MANIFEST_LASTS,
        entries=built.entries,
        hashes=len(built.places),
        snapshot_sha256=built.snapshot_sha256,
        snapshot_size=built.snapshot_size,
        changes=built.changes,
        folded=built.folded,
        policy=POLICY,
    )


def refresh_head(actor: Actor) -> Head | None:
    """Sign a new head: it names the newest version in the log, and what is active no longer is removed, at once.

    None before the first release is in the log.
    """
    with acting(actor):
        _one_at_a_time()
        return _sign_head(actor)


def announced(actor: Actor) -> bool:
    """Whether the newest head names the newest version that is in the log."""
    with acting(actor):
        newest, head = _newest_logged(), newest_head()
    return newest is None or (head is not None and head.version >= newest.version)


def canaries(centre: Actor, version: int) -> dict[str, Any]:
    """The lawful reference pictures and their proofs of absence from a release, bound to the log; for everybody.

    What `tidy` has proven is read: nobody makes the node prove. Raises `NoSuchRelease`, also where it has not yet,
    `NotLoggedYet`.
    """
    with acting(centre):
        row = Release.objects.filter(list_id=LIST_ID, version=version).first()
        if row is None:
            raise NoSuchRelease
        entry = certified_set.log_entry(row)
    try:
        found: dict[str, Any] = json.loads(_absences(version).read_bytes())
    except FileNotFoundError:
        raise NoSuchRelease from None
    for picture in found["pictures"]:
        proofs = [Absence.from_json(one) for one in picture["proofs"]]
        picture["proofs"] = [replace(one, entry=entry.data, log_proof=entry.proof).to_json() for one in proofs]
    return found


def history(limit: int = 50) -> list[Release]:
    """Newest releases first. Call inside `acting(actor)`."""
    return list(Release.objects.filter(list_id=LIST_ID).order_by("-version")[:limit])


def logged_as(limit: int) -> list[UUID]:
    """The events of the newest releases, by which the public log has them; none on a node without a Centre."""
    centre = directory.the_centre()
    if centre is None:
        return []
    with acting(machine(centre.id, "register")):
        # The last ones may wait for the log's witnesses.
        return [row.event_id for row in history(2 * limit) if row.event_id]


def newest_head() -> Head | None:
    """The head that Edges poll now; None before the first release."""
    return Head.objects.filter(list_id=LIST_ID).order_by("-sequence").first()


def tidy(centre: Actor) -> None:
    """Prove the absence of the lawful pictures, and delete what lies for versions that nobody fetches any more.

    For the job that publishes: no addition waits for it.
    """
    with acting(centre):
        head = newest_head()
        counted = head.version if head else 0
        kept = list(Release.objects.filter(list_id=LIST_ID, version__gt=counted - KEPT))
        if not kept:
            return
        for row in kept:
            _prove(centre, row)
    builder.tidy(centre, [manifest(row) for row in kept])


def _prove(centre: Actor, release: Release) -> None:
    """Keep the proofs of absence of a version, for as long as the log stands."""
    if not _absences(release.version).exists():
        try:
            write_atomically(_absences(release.version), certified_set.canary_absences(centre, release))
        except NotLoggedYet:
            raise NoSuchRelease from None


def _newest() -> Release | None:
    return Release.objects.filter(list_id=LIST_ID).order_by("-version").first()


def _before() -> Before | None:
    newest = _newest()
    return Before(manifest(newest), bytes(newest.values_root or b"")) if newest else None


def manifest(release: Release) -> ReleaseManifest:
    """What a release says of itself, as it was signed."""
    return ReleaseManifest.from_bytes(Envelope.from_bytes(bytes(release.manifest)).payload)


def _snapshot_is_old() -> bool:
    """Whether the present snapshot was made so long ago that it is time to make one of all rows again, as a check."""
    before = _before()
    made = Release.objects.filter(list_id=LIST_ID, version=before.manifest.base).first() if before else None
    return made is None or clock.now() - made.created_at >= MANIFEST_RENEWED


def _removed(release: Release) -> list[UUID]:
    try:
        return builder.removed(manifest(release))
    except (OSError, CannotUnwrap):
        return active_entries.removed_since(release.created_at)


def _newest_logged() -> Release | None:
    """The one that heads may name. Without two witnesses none but that of the last head: only removals go on."""
    kept = Release.objects.filter(list_id=LIST_ID).order_by("-version")
    if not log.vouched():
        last = newest_head()
        return kept.filter(version=last.version).first() if last else None
    rows = kept.iterator(chunk_size=20)
    return next((row for row in rows if row.event_id and log.holds(row.event_id)), None)


def _lost() -> tuple[int, int]:
    """The highest sequence and version that the log names and a restored database lost: Edges never go back."""
    said = [one for entry in log.lost() if (one := logged(entry)) is not None and one.list_id == LIST_ID]
    sequences = [one.sequence for one in said if isinstance(one, LoggedHead)]
    versions = [one.version for one in said if isinstance(one, LoggedRelease)]
    return max(sequences, default=0), max(versions, default=0)


def _sign_head(actor: Actor, *, anew: bool = False) -> Head | None:
    """A head that says something new, or that is young enough to go on with; `anew` signs in any case."""
    release = _newest_logged()
    if release is None:
        return None
    last = newest_head()
    removed = removals.told(version_files.folder(), _removed(release))
    if last is not None and not anew and _still_says_it(last, release, removed):
        return last
    head = _head(release, last, removed)
    envelope = sign(head.to_bytes(), HEAD_CONTEXT, current_private(actor.organisation_id, "release"))
    row = Head.objects.create(
        organisation_id=actor.organisation_id,
        list_id=LIST_ID,
        sequence=head.sequence,
        version=release.version,
        removed=head.removes,
        envelope=envelope.to_bytes(),
    )
    Head.objects.filter(list_id=LIST_ID, sequence__lt=head.sequence - 100).delete()
    # Every word of this goes into the public log: whoever is served an older head finds it there.
    record(
        actor,
        "release.head",
        "release",
        f"{LIST_ID}:{release.version}",
        list=LIST_ID,
        version=release.version,
        sequence=head.sequence,
        removed=head.removes,
        head=head.fingerprint(),
    )
    public_log_publish.order()
    return row


def _head(release: Release, last: Head | None, removed: removals.Told) -> ReleaseHead:
    now = clock.now()
    manifest = Envelope.from_bytes(bytes(release.manifest)).payload
    return ReleaseHead(
        list_id=LIST_ID,
        version=release.version,
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
        removed=removed[0],
        removed_file=removed[1],
        sequence=max(last.sequence if last else 0, _lost()[0]) + 1,
        at=now,
        expires=now + HEAD_LASTS,
    )


def _still_says_it(last: Head, release: Release, removed: removals.Told) -> bool:
    """Whether the last head is young enough and names this version and these removals."""
    if clock.now() - last.created_at >= HEAD_RENEWED or last.version != release.version:
        return False
    return removals.same(ReleaseHead.from_bytes(Envelope.from_bytes(bytes(last.envelope)).payload), removed)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tutela.release'))")


def _absences(version: int) -> Path:
    return version_files.file(version, "absences.json")
