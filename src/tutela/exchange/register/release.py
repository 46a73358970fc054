"""Releases: manifest and head, which an Edge verifies before it uses a list.

The manifest describes one snapshot with the changes to it since, and is never edited. The head is the small live
document that an Edge polls: it names the current manifest and the entries removed since, which stop matching at once.
Both travel in signed envelopes.

Both are named in the public log; `logged` reads the log entries about them.

`manifest_sha256` is the digest of the manifest's payload bytes, so that a head binds one manifest, independent of its
signer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.timestamps import Moment

MANIFEST_CONTEXT = "tutela/release-manifest/1"
HEAD_CONTEXT = "tutela/release-head/1"

# Sent with a head: the version that the asker uses, the expiry of its grant, and the error type for no grant.
IN_USE, GRANTED_UNTIL, NO_GRANT = "Tutela-Version", "Tutela-Granted-Until", "urn:x-tutela:no-grant"
# Beyond this many removals the head names a file of them instead.
MAX_REMOVED = 100_000
# And that is as long as a list may be.
MOST_REMOVED = 100_000_000

type ListId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
type Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
type Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
type Number = Annotated[int, Field(ge=1, le=2**53 - 1)]


class SourceKind(StrEnum):
    """Source of a list: the certified register, or the provider itself."""

    REGISTER = "register"
    PROVIDER_SOURCE = "provider_source"


class ReleaseChanges(Wire):
    """Additions and removals of this version since the snapshot of version `base`, identified by their exact bytes."""

    base: Number
    sha256: Sha256
    size: Count


class ReleaseManifest(Wire):
    """One version of one list, and its exact bytes: a snapshot, and changes to it if any.

    `entries` counts the entries of the list with the changes, `hashes` their different hashes. Each hash has a value in
    the certified set that the log's entry of the release names. `folded` are the changes that turned an earlier
    snapshot into this one: a recipient that has the earlier one need not fetch this one.
    """

    schema_version: Literal["1"] = "1"
    list_id: ListId
    list_name: Annotated[str, Field(min_length=1, max_length=200)]
    source_kind: SourceKind
    version: Number
    created: Moment
    expires: Moment
    entries: Count
    hashes: Count | None = None
    snapshot_sha256: Sha256
    snapshot_size: Count
    changes: ReleaseChanges | None = None
    folded: ReleaseChanges | None = None
    policy: Annotated[str, Field(min_length=1, max_length=2000)]

    @model_validator(mode="after")
    def _expires_later(self) -> Self:
        if self.expires <= self.created:
            raise ValueError("expires must be after created")
        return self

    @model_validator(mode="after")
    def _changes_an_earlier_one(self) -> Self:
        if any(one is not None and one.base >= self.version for one in (self.changes, self.folded)):
            raise ValueError("changes must be to an earlier version")
        if self.changes is not None and self.folded is not None:
            raise ValueError("a version must have its own changes, or folded ones")
        return self

    @property
    def base(self) -> int:
        """The version whose snapshot this is."""
        return self.changes.base if self.changes else self.version


class RemovedFile(Wire):
    """A file of removed ids, 16 bytes each, ascending: the exact bytes of it."""

    sha256: Sha256
    count: Annotated[int, Field(ge=1, le=MOST_REMOVED)]

    @property
    def size(self) -> int:
        """Size in bytes."""
        return self.count * 16


class ReleaseHead(Wire):
    """Current state of a list. `sequence` increases with every head of a list, also if the version stays.

    Removed ids are in `removed`, or, if there are too many, in the file that `removed_file` names.
    """

    schema_version: Literal["1"] = "1"
    list_id: ListId
    version: Number
    manifest_sha256: Sha256
    removed: Annotated[tuple[UUID, ...], Field(max_length=MAX_REMOVED)] = ()
    removed_file: RemovedFile | None = None
    sequence: Number
    at: Moment
    expires: Moment

    @model_validator(mode="after")
    def _expires_later(self) -> Self:
        if self.expires <= self.at:
            raise ValueError("expires must be after at")
        if self.removed and self.removed_file is not None:
            raise ValueError("removals must be in the head or in a file")
        return self

    @property
    def removes(self) -> int:
        """The number of removed ids."""
        return self.removed_file.count if self.removed_file else len(self.removed)


def removed_ids(data: bytes) -> frozenset[UUID]:
    """The ids of a file whose size and digest were checked."""
    return frozenset(UUID(bytes=data[at : at + 16]) for at in range(0, len(data), 16))


@dataclass(frozen=True, slots=True)
class CertifiedValues:
    """The certified set of a release: its root, and the public key of its values, in hex."""

    root: str
    key: str


@dataclass(frozen=True, slots=True)
class LoggedRelease:
    """Log entry: this version of this list has this manifest digest and this certified set."""

    list_id: str
    version: int
    manifest_sha256: str
    values: CertifiedValues | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class LoggedHead:
    """Log entry: the head of this sequence has a payload with this digest."""

    list_id: str
    sequence: int
    sha256: str


class _Published(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    event: Literal["release.published"]
    list: ListId
    version: Number
    manifest: Sha256
    values: Sha256 | None = None
    values_key: Sha256 | None = None


class _Head(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    event: Literal["release.head"]
    list: ListId
    sequence: Number
    head: Sha256


def logged(entry: bytes) -> LoggedRelease | LoggedHead | None:
    """Statement of a log entry about a release or a head; None for another subject."""
    try:
        if b'"release.published"' in entry:
            published = _Published.model_validate_json(entry)
            root, key = published.values, published.values_key
            values = CertifiedValues(root, key) if root and key else None
            return LoggedRelease(published.list, published.version, published.manifest, values)
        if b'"release.head"' in entry:
            head = _Head.model_validate_json(entry)
            return LoggedHead(head.list, head.sequence, head.head)
    except ValidationError:
        return None
    return None
