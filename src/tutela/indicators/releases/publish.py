"""Publish releases: the same signed bytes with an expiry for all; removals go into the head at once.

1. `publish()` builds the new version (`builder`): a snapshot, or the changes since an earlier one. The version is
   stored sealed in the data folder, and its manifest is signed.
2. The public log includes the release, under its witnesses.
3. `refresh_head()` signs a new head. The head names the newest version in the log, and the removals since. A removal is
   never delayed; an addition waits for step 2, and for two witnesses. Every head is also an entry of the log.
4. Downloads by recipients are in `downloads`.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from tutela import clock
from tutela.accountability.public_log import publish as public_log_publish
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import sign
from tutela.exchange.register.release import (
    MANIFEST_CONTEXT,
    ReleaseManifest,
    SourceKind,
)
from tutela.indicators.models import Release
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import builder, certified_set
from tutela.indicators.releases.builder import Before, Built
from tutela.indicators.releases.canary_proofs import absences, prove
from tutela.indicators.releases.head import lost, newest_head, one_at_a_time, sign_head
from tutela.indicators.releases.history import manifest, newest_release
from tutela.organisations.keys.signing import current_private

LIST_NAME = "Register of indicators"
POLICY = "Known child sexual abuse material only; every entry is certified by two organisations in two jurisdictions."
MANIFEST_LASTS = timedelta(days=30)
# An unchanged list is released again before its manifest expires.
MANIFEST_RENEWED = timedelta(days=15)
# The files of this many versions up to the announced one are kept, for recipients in the middle of a fetch.
VERSIONS_KEPT = 5


def publish(actor: Actor) -> Release | None:
    """Build and sign a new version; None if nothing changed since the last one. `actor` belongs to the Centre."""
    return _publish(actor, unchanged_too=False)


def republish(actor: Actor) -> Release | None:
    """Publish as `publish`, even if nothing changed: every Edge must see the signature of a new release key."""
    return _publish(actor, unchanged_too=True)


def _publish(actor: Actor, *, unchanged_too: bool) -> Release | None:
    with acting(actor):
        rebuild = not builder.possible(actor, _before()) or _snapshot_is_old()
    if rebuild:
        builder.fill(actor)
    with acting(actor):
        one_at_a_time()
        newest, before = newest_release(), _before()
        version = max(newest.version if newest else 0, lost()[1]) + 1
        if before is None or rebuild:
            built: Built | None = builder.whole(actor, version)
        else:
            built = builder.changed(actor, version, before, unchanged_too=unchanged_too)
        row = _released(actor, version, built) if built else None
        # What is gone is removed from the version before at once; the new one is announced when it is in the log.
        sign_head(actor, force=unchanged_too and row is not None)
        if row is not None:
            public_log_publish.enqueue_publication()
    if built is not None:
        builder.settle(actor, version, built)
    return row


def _released(actor: Actor, version: int, built: Built) -> Release:
    manifest = _manifest(version, built)
    signed = sign(manifest.to_bytes(), MANIFEST_CONTEXT, current_private(actor.organisation_id, "release"))
    certified_set.refuse_canaries(built.places, built.secret)
    # A version of this number that a restored database forgot has left proofs of another set.
    absences(version).unlink(missing_ok=True)
    # Every word of this goes into the public log.
    event = record(
        actor,
        "release.published",
        "release",
        f"{version_files.LIST_ID}:{version}",
        list=version_files.LIST_ID,
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
        list_id=version_files.LIST_ID,
        version=version,
        manifest=signed.to_bytes(),
        entries=built.entries,
        snapshot_sha256=built.snapshot_sha256,
        snapshot_size=built.snapshot_size,
        changes_sha256=built.changes.sha256 if built.changes else "",
        event_id=event,
        values_root=built.places.root,
    )


def _manifest(version: int, built: Built) -> ReleaseManifest:
    now = clock.now()
    return ReleaseManifest(
        list_id=version_files.LIST_ID,
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


def tidy(centre: Actor) -> None:
    """Prove the absence of the lawful pictures, and delete the files of versions that nobody fetches any more.

    For the job that publishes: no addition waits for it.
    """
    with acting(centre):
        head = newest_head()
        counted = head.version if head else 0
        kept = list(Release.objects.filter(list_id=version_files.LIST_ID, version__gt=counted - VERSIONS_KEPT))
        if not kept:
            return
        for row in kept:
            prove(centre, row)
    builder.tidy(centre, [manifest(row) for row in kept])


def _before() -> Before | None:
    newest = newest_release()
    return Before(manifest(newest), bytes(newest.values_root or b"")) if newest else None


def _snapshot_is_old() -> bool:
    """Whether the present snapshot was made so long ago that it is time to make one of all rows again, as a check."""
    before = _before()
    made = (
        Release.objects.filter(list_id=version_files.LIST_ID, version=before.manifest.base).first() if before else None
    )
    return made is None or clock.now() - made.created_at >= MANIFEST_RENEWED
