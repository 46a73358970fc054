"""Releases of a partner list redistributed by its owner: signed, with the same bytes for all.

1. `publish()` builds the snapshot of the source's current entries, seals it into the data folder and signs its
   manifest. The manifest's list name contains the source, and its kind is `provider_source`, so the list cannot be
   mistaken for the register's.
2. The head names the newest version and the entries withdrawn by the source since. A request signs a new head if the
   last signed one differs or is old.
3. `for_recipient()` checks the grant on every access and records it.
4. When a list ends, its snapshots are deleted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.entry import VPDQ, Listed
from tutela.exchange.message.signed_envelope import Envelope, sign
from tutela.exchange.register.release import HEAD_CONTEXT, MANIFEST_CONTEXT, ReleaseHead, ReleaseManifest, SourceKind
from tutela.exchange.register.video_frames import of_vpdq
from tutela.indicators import enqueue
from tutela.indicators.errors import NoGrant, NoSuchRelease
from tutela.indicators.hashes import video_frames
from tutela.indicators.models import PartnerEntry, PartnerGrant, PartnerHead, PartnerList, PartnerRelease
from tutela.indicators.partner_lists import entries
from tutela.indicators.release_files import partner_snapshots, removals
from tutela.indicators.releases.head import HEAD_LASTS, HEAD_RENEWED
from tutela.indicators.releases.publish import MANIFEST_LASTS, MANIFEST_RENEWED
from tutela.matching.files.records import MIN_QUALITY, VIDEO, Record
from tutela.matching.files.snapshot_writer import BuildReport, snapshot_bytes
from tutela.organisations.errors import NoSigningKey, UnknownOrganisation
from tutela.organisations.keys import signing
from tutela.organisations.people import directory

# This tolerance covers the difference between the clock that read the source and the clock that built the snapshot.
_OVERLAP = timedelta(minutes=5)


def enqueue_release(row: PartnerList) -> None:
    """Order a new version where somebody may fetch the list. Call inside `acting(actor)`."""
    if row.ended_at is None and granted(row.pk):
        enqueue.redistribute_list(row.organisation_id, row.pk)


def granted(list_id: UUID) -> bool:
    """Whether anybody may fetch a list now. Call inside `acting(actor)` of its owner."""
    return PartnerGrant.objects.filter(list_id=list_id, ended_at=None, valid_to__gt=clock.now()).exists()


def due(row: PartnerList) -> bool:
    """Whether a list's newest version grows old. Call inside `acting(actor)` of its owner."""
    newest = row.releases.order_by("-version").first()
    return granted(row.pk) and (newest is None or clock.now() - newest.created_at >= MANIFEST_RENEWED)


def publish(actor: Actor, list_id: UUID) -> PartnerRelease | None:
    """Build and sign a new version; None if nothing changed or the list has ended.

    `actor` belongs to the list's owner.
    """
    with acting(actor):
        lock(f"partner-release:{list_id}")
        row = PartnerList.objects.filter(pk=list_id, ended_at=None).first()
        if row is None:
            return None
        key, now = _key(actor), clock.now()
        data, report = snapshot_bytes(_records(actor, row), hasher="")
        newest = row.releases.order_by("-version").first()
        same = newest is not None and newest.snapshot_sha256 == report.sha256
        if newest is not None and same and now - newest.created_at < MANIFEST_RENEWED:
            return None
        version = newest.version + 1 if newest else 1
        manifest = _manifest(actor, row, version, report, now)
        partner_snapshots.keep(row.list_id, version, data)
        made = PartnerRelease.objects.create(
            organisation_id=actor.organisation_id,
            list=row,
            version=version,
            entries=report.entries,
            read_at=now,
            manifest=sign(manifest.to_bytes(), MANIFEST_CONTEXT, key).to_bytes(),
            snapshot_sha256=report.sha256,
        )
        record(
            actor,
            "partner_list.released",
            "partner_list",
            row.pk,
            list=row.list_id,
            version=version,
            entries=report.entries,
            sha256=report.sha256,
        )
    partner_snapshots.forget(row.list_id, below=version - 1)
    return made


def _manifest(actor: Actor, row: PartnerList, version: int, report: BuildReport, now: datetime) -> ReleaseManifest:
    return ReleaseManifest(
        list_id=row.list_id,
        list_name=f"{row.name} ({row.source})"[:200],
        source_kind=SourceKind.PROVIDER_SOURCE,
        version=version,
        created=now,
        expires=now + MANIFEST_LASTS,
        entries=report.entries,
        snapshot_sha256=report.sha256,
        snapshot_size=report.size,
        policy=_policy(actor, row),
    )


def head_for(owner_id: UUID, sender: Actor, slug: str, in_use: int | None) -> tuple[bytes, datetime]:
    """The newest head for an organisation with a grant, and until when that lasts; `in_use` is the version it uses.

    Raises `NoGrant`, `NoSuchRelease`.
    """
    owner = _owner(owner_id, sender)
    with acting(owner):
        row, grant = _opened(owner, sender, slug)
        return _head_for(owner, row, grant, in_use), grant.valid_to


def for_recipient(owner_id: UUID, sender: Actor, slug: str, version: int, part: str) -> bytes:
    """Manifest or snapshot of a list for an organisation with a grant. Raises `NoGrant`, `NoSuchRelease`."""
    owner = _owner(owner_id, sender)
    with acting(owner):
        row, _grant = _opened(owner, sender, slug)
        made = PartnerRelease.objects.filter(list=row, version=version).first()
        if made is None or not partner_snapshots.there(slug, made.version):
            raise NoSuchRelease
        record(
            owner,
            f"partner_list.{part}_fetched",
            "partner_list",
            row.pk,
            list=slug,
            version=made.version,
            recipient=sender.organisation_id,
        )
        if part == "manifest":
            return bytes(made.manifest)
        return partner_snapshots.read(slug, made.version)


def removed_for(owner_id: UUID, sender: Actor, slug: str, sha256: str) -> bytes:
    """The file of removed ids that a head names. Raises `NoGrant`, `NoSuchRelease`."""
    owner = _owner(owner_id, sender)
    with acting(owner):
        row, _grant = _opened(owner, sender, slug)
        data = removals.read(partner_snapshots.folder(slug), sha256)
        record(
            owner,
            "partner_list.removed_fetched",
            "partner_list",
            row.pk,
            list=slug,
            removed=len(data) // 16,
            recipient=sender.organisation_id,
        )
    return data


def _owner(owner_id: UUID, sender: Actor) -> Actor:
    try:
        return directory.acting_for(directory.entry(owner_id), sender.reference, sender.name)
    except UnknownOrganisation:
        raise NoGrant from None


def _opened(owner: Actor, sender: Actor, slug: str) -> tuple[PartnerList, PartnerGrant]:
    """The list, and the grant that opens it. Raises `NoGrant`."""
    now = clock.now()
    row = PartnerList.objects.filter(list_id=slug, organisation_id=owner.organisation_id, ended_at=None).first()
    grants = PartnerGrant.objects.filter(list=row, grantee_id=sender.organisation_id, ended_at=None)
    grant = grants.filter(valid_from__lte=now, valid_to__gt=now).first() if row else None
    if row is None or grant is None or not sender.verified:
        raise NoGrant
    return row, grant


def _head_for(owner: Actor, row: PartnerList, grant: PartnerGrant, in_use: int | None) -> bytes:
    newest = PartnerRelease.objects.filter(list=row).order_by("-version").first()
    if newest is None:
        raise NoSuchRelease
    head = _head(owner, row, newest)
    grant.fetched_at, grant.fetched_version = clock.now(), newest.version if in_use is None else in_use
    grant.save(update_fields=["fetched_at", "fetched_version"])
    return bytes(head.envelope)


def _head(owner: Actor, row: PartnerList, release: PartnerRelease) -> PartnerHead:
    """Step 2."""
    insert_ignore(PartnerHead(organisation_id=owner.organisation_id, list=row, envelope=b""))
    head = PartnerHead.objects.select_for_update().get(list=row)
    now, removed = clock.now(), removals.told(partner_snapshots.folder(row.list_id), _removed(row, release.read_at))
    if head.version == release.version and head.signed_at and now - head.signed_at < HEAD_RENEWED:
        said = ReleaseHead.from_bytes(Envelope.from_bytes(bytes(head.envelope)).payload)
        if removals.same(said, removed):
            return head
    manifest = Envelope.from_bytes(bytes(release.manifest)).payload
    made = ReleaseHead(
        list_id=row.list_id,
        version=release.version,
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
        removed=removed[0],
        removed_file=removed[1],
        sequence=head.sequence + 1,
        at=now,
        expires=now + HEAD_LASTS,
    )
    head.sequence, head.version, head.removed, head.signed_at = made.sequence, made.version, made.removes, now
    head.envelope = sign(made.to_bytes(), HEAD_CONTEXT, _key(owner)).to_bytes()
    head.save()
    return head


def _removed(row: PartnerList, since: datetime) -> list[UUID]:
    gone = PartnerEntry.objects.filter(list=row, withdrawn_at__isnull=False, changed_at__gt=since - _OVERLAP)
    return sorted(gone.values_list("pk", flat=True))


def _records(actor: Actor, row: PartnerList) -> Iterator[Record]:
    for entry_id, one in entries.listed(actor, row.list_id):
        yield _record(entry_id, one)


def _record(entry_id: UUID, one: Listed) -> Record:
    quality = MIN_QUALITY if one.quality is None else one.quality
    frames = video_frames.listed(of_vpdq(one.first(VPDQ))) if one.first(VPDQ) else []
    return Record(
        entry_id,
        sha256=one.hashes.get("sha256", ()),
        sha1=one.hashes.get("sha1", ()),
        md5=one.hashes.get("md5", ()),
        pdq=[
            *((value, quality) for value in one.hashes.get("pdq", ())),
            *(look for look in frames if look[1] >= MIN_QUALITY),
        ],
        flags=VIDEO if one.media_type == "video" else 0,
    )


def _policy(actor: Actor, row: PartnerList) -> str:
    said = f"List of {row.source}, redistributed by {actor.organisation_name}. Matches are candidates. "
    return f"{said}Not in the public register."


def _key(actor: Actor) -> Ed25519PrivateKey:
    """The owner's release key, made with the first list that is passed on."""
    try:
        return signing.current_private(actor.organisation_id, "release")
    except NoSigningKey:
        signing.create_key(actor, "release")
        return signing.current_private(actor.organisation_id, "release")
