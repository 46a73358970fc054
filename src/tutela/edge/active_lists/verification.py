"""Checks of a release before use, as pure functions of bytes and past state.

Each function returns a verified release or raises an error. The procedure, in this order; each step has its own error:

1. The head is signed by a trusted release key, as a head and as nothing else.
2. The head fits its schema and names the requested list.
3. The head has not expired and is not dated in the future (a frozen head stops being trusted by itself).
4. Neither its sequence nor its version is lower than any seen before, and equal numbers mean equal bytes.
5. The manifest is signed by a trusted key as a manifest, and its digest is the one in the head.
6. The manifest names the same list and version, and has not expired.
7. The public log names this manifest under this list and version. The tree's checkpoint is signed by the log and
   cosigned by the witnesses of the pinned policy.
8. The snapshot, and the changes where the manifest names some, have its sizes and SHA-256s, and verify themselves.

The caller must still follow the log to that checkpoint (`log_follower`), and persist `SeenVersions` before it uses the
list. Otherwise a restart loses the state that keeps an old list out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from tutela.edge.active_lists.log_follower import LogBook, Signed
from tutela.edge.errors import (
    EquivocationError,
    ExpiredReleaseError,
    FutureReleaseError,
    MalformedReleaseError,
    ManifestMismatchError,
    NotLoggedError,
    RolledBackError,
    SnapshotMismatchError,
    UntrustedReleaseError,
    WrongListError,
)
from tutela.exchange.errors import EnvelopeMalformedError, ExchangeError, NotJsonError
from tutela.exchange.message.signed_envelope import Envelope, TrustedKeys, verify
from tutela.exchange.register.release import (
    HEAD_CONTEXT,
    MANIFEST_CONTEXT,
    CertifiedValues,
    LoggedRelease,
    ReleaseHead,
    ReleaseManifest,
    logged,
)
from tutela.matching import Later, Snapshot
from tutela.tlog.proof import Proof
from tutela.tlog.verify import Refused, check_inclusion, leaf_hash

# Two clocks may differ by this much before we call a date "in the future".
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SeenVersions:
    """Newest head and newest version that the log named, which must not be undone. Zeros at first.

    Unlogged heads are not remembered here: with a stolen release key, a high number could lock the Edge out.
    """

    sequence: int = 0
    version: int = 0
    head_sha256: str = ""
    manifest_sha256: str = ""


def check_head(
    data: bytes, list_id: str, keys: TrustedKeys, seen: SeenVersions, now: datetime
) -> tuple[ReleaseHead, SeenVersions]:
    """Run steps 1 to 4; return the head, and the state to remember once the log names it."""
    payload = _payload(data, HEAD_CONTEXT, keys)
    head = _model(ReleaseHead, payload)
    if head.list_id != list_id:
        raise WrongListError
    if now >= head.expires:
        raise ExpiredReleaseError(f"The head, on {head.expires.isoformat()}.")
    if head.at > now + CLOCK_SKEW:
        raise FutureReleaseError(f"The head, on {head.at.isoformat()}.")
    sha256 = hashlib.sha256(payload).hexdigest()
    _check_order(head, sha256, seen)
    return head, SeenVersions(head.sequence, seen.version, sha256, seen.manifest_sha256)


def adopted(head: ReleaseHead, seen: SeenVersions) -> SeenVersions:
    """State to remember once the version of a head was found in the log."""
    return SeenVersions(seen.sequence, head.version, seen.head_sha256, head.manifest_sha256)


def check_manifest(data: bytes, head: ReleaseHead, keys: TrustedKeys, now: datetime) -> ReleaseManifest:
    """Steps 5 and 6."""
    payload = _payload(data, MANIFEST_CONTEXT, keys)
    if hashlib.sha256(payload).hexdigest() != head.manifest_sha256:
        raise ManifestMismatchError
    manifest = _model(ReleaseManifest, payload)
    if manifest.list_id != head.list_id:
        raise WrongListError
    if manifest.version != head.version:
        raise ManifestMismatchError("The release has another version.")
    if now >= manifest.expires:
        raise ExpiredReleaseError(f"The manifest, on {manifest.expires.isoformat()}.")
    return manifest


def stored_manifest(data: bytes, keys: TrustedKeys) -> tuple[ReleaseManifest, str]:
    """The manifest of the last run and its SHA-256: still signed by a key that is still trusted."""
    payload = _payload(data, MANIFEST_CONTEXT, keys)
    return _model(ReleaseManifest, payload), hashlib.sha256(payload).hexdigest()


def check_logged(data: bytes, manifest: ReleaseManifest, sha256: str, book: LogBook) -> Signed:
    """Run step 7: `data` is a .tlog-proof with the log's entry as its extra. Return its checkpoint, to be followed."""
    try:
        proof = Proof.parse(data)
        signed = book.opened(proof.checkpoint)
        size, root = signed.checkpoint.size, signed.checkpoint.root
        check_inclusion(proof.index, size, leaf_hash(proof.extra), proof.hashes, root)
    except Refused as error:
        raise NotLoggedError(str(error)) from None
    if logged(proof.extra) != LoggedRelease(manifest.list_id, manifest.version, sha256):
        raise NotLoggedError("The entry belongs to another release.")
    return signed


def certified_values(data: bytes) -> CertifiedValues | None:
    """The certified set that the log's entry names, from a verified proof; None if it names none."""
    said = logged(Proof.parse(data).extra)
    return said.values if isinstance(said, LoggedRelease) else None


def check_snapshot(snapshot: Snapshot, manifest: ReleaseManifest, later: Later | None = None) -> None:
    """Step 8; snapshot and changes have verified themselves when they were opened."""
    if (snapshot.size, snapshot.sha256) != (manifest.snapshot_size, manifest.snapshot_sha256):
        raise SnapshotMismatchError
    named = manifest.changes and (manifest.changes.size, manifest.changes.sha256)
    if named != (later and (later.snapshot.size, later.snapshot.sha256)):
        raise SnapshotMismatchError("The changes differ.")
    if later is not None and later.snapshot.hasher != snapshot.hasher and len(snapshot):
        raise SnapshotMismatchError("The changes were hashed by a different program.")
    if (later.entries if later else len(snapshot)) != manifest.entries:
        raise SnapshotMismatchError("The list has a different number of entries.")


def _check_order(head: ReleaseHead, sha256: str, seen: SeenVersions) -> None:
    if head.sequence < seen.sequence or head.version < seen.version:
        raise RolledBackError(f"Sequence {head.sequence} after {seen.sequence}.")
    if head.sequence == seen.sequence and sha256 != seen.head_sha256:
        raise EquivocationError("The head.")
    if head.version == seen.version and head.manifest_sha256 != seen.manifest_sha256:
        raise EquivocationError("The manifest.")


def _payload(data: bytes, context: str, keys: TrustedKeys) -> bytes:
    try:
        return verify(Envelope.from_bytes(data), context, keys)
    except EnvelopeMalformedError as error:
        raise MalformedReleaseError(str(error)) from None
    except ExchangeError as error:
        raise UntrustedReleaseError(str(error)) from None


def _model[M: (ReleaseHead, ReleaseManifest)](model: type[M], payload: bytes) -> M:
    try:
        return model.from_bytes(payload)
    except (ValidationError, NotJsonError) as error:
        raise MalformedReleaseError(type(error).__name__) from None
