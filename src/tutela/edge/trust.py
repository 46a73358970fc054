"""What must hold before a release is used. Pure functions: bytes and the past in, a verified release or an error out.

The procedure, in this order; each step has its own error:

1. the head is signed by a trusted release key, as a head and as nothing else;
2. it fits its schema and names the list that was asked for;
3. it has not expired and is not dated in the future (a frozen head stops being trusted by itself);
4. neither its sequence nor its version is lower than any seen before, and equal numbers mean equal bytes;
5. the manifest is signed by a trusted key as a manifest, and its digest is the one in the head;
6. it names the same list and version, and has not expired;
7. the snapshot has the size and SHA-256 of the manifest, and verifies itself.

The caller must still persist `Seen` before it uses the list: otherwise a restart forgets what keeps an old one out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from tutela.edge.errors import (
    EquivocationError,
    ExpiredReleaseError,
    FutureReleaseError,
    MalformedReleaseError,
    ManifestMismatchError,
    RolledBackError,
    SnapshotMismatchError,
    UntrustedReleaseError,
    WrongListError,
)
from tutela.exchange.errors import EnvelopeMalformedError, ExchangeError, NotJsonError
from tutela.exchange.release import HEAD_CONTEXT, MANIFEST_CONTEXT, ReleaseHead, ReleaseManifest
from tutela.exchange.signed import Envelope, TrustedKeys, verify
from tutela.matching import Snapshot

# Two clocks may differ by this much before we call a date "in the future".
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest head ever verified, as far as it must not be undone. Zeros before the first."""

    sequence: int = 0
    version: int = 0
    head_sha256: str = ""
    manifest_sha256: str = ""


def check_head(data: bytes, list_id: str, keys: TrustedKeys, seen: Seen, now: datetime) -> tuple[ReleaseHead, Seen]:
    """Steps 1 to 4: the head, and what is to be remembered of it."""
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
    return head, Seen(head.sequence, head.version, sha256, head.manifest_sha256)


def check_manifest(data: bytes, head: ReleaseHead, keys: TrustedKeys, now: datetime) -> ReleaseManifest:
    """Steps 5 and 6."""
    payload = _payload(data, MANIFEST_CONTEXT, keys)
    if hashlib.sha256(payload).hexdigest() != head.manifest_sha256:
        raise ManifestMismatchError
    manifest = _model(ReleaseManifest, payload)
    if manifest.list_id != head.list_id:
        raise WrongListError
    if manifest.version != head.version:
        raise ManifestMismatchError("It has another version.")
    if now >= manifest.expires:
        raise ExpiredReleaseError(f"The manifest, on {manifest.expires.isoformat()}.")
    return manifest


def stored_manifest(data: bytes, keys: TrustedKeys) -> ReleaseManifest:
    """The manifest of the last run: still signed by a key that is still trusted."""
    return _model(ReleaseManifest, _payload(data, MANIFEST_CONTEXT, keys))


def check_snapshot(snapshot: Snapshot, manifest: ReleaseManifest) -> None:
    """Step 7; the snapshot has verified itself when it was opened."""
    if (snapshot.size, snapshot.sha256) != (manifest.snapshot_size, manifest.snapshot_sha256):
        raise SnapshotMismatchError
    if len(snapshot) != manifest.entries:
        raise SnapshotMismatchError("It has another number of entries.")


def _check_order(head: ReleaseHead, sha256: str, seen: Seen) -> None:
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
