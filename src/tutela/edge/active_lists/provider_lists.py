"""Provider lists: hashes that the provider is entitled to use, without a Centre or a register.

A source is a file or folder of hashes (`sources`), or a folder that `tutela index build --list-id` made. The source is
read, built and sealed in the data folder; after that the clear files may be deleted. A changed source becomes the next
version of the list once two checks in a row find it unchanged. No restart is needed. A list expires a set number of
days after its files last changed.

A source that has lost more than a tenth of its entries was probably truncated, emptied or confused with another. The
list in use then stays, and status, log and metrics report it, until the source is whole again or the operator allows
it. A file that ends in half a line is refused in the same way, however little it has lost.

The list of hashes whose removal somebody requested is different: what was withdrawn or expired is gone at once, and the
list may be empty.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from tutela import clock
from tutela.edge.active_lists.hash_files import files_of, records
from tutela.edge.active_lists.lists_in_use import LiveList, LiveLists, Subject, read_provider_folder, shared_list
from tutela.edge.active_lists.sealed_memory import SharedList, forget_files, memory_of
from tutela.edge.errors import (
    ExpiredReleaseError,
    ReleaseError,
    SnapshotMismatchError,
    SourceCutOffError,
    SourceError,
    SourceShrankError,
    SourceUnreadableError,
)
from tutela.exchange.register.release import ReleaseManifest, SourceKind
from tutela.exchange.removal import requested_hashes
from tutela.matching import BuildReport, SnapshotError, snapshot_bytes
from tutela.matching.files.snapshot_writer import write_atomically

_log = structlog.get_logger("tutela.edge")
_STATE = "source.json"
# Current refusals, for requests about the state of the Edge.
_REFUSED = "refused.txt"
# As for a file that replaces a list at a node.
MOST_LOST = 0.1
_POLICY = "Loaded by the provider. Matches are candidates and not in the public register."


@dataclass(frozen=True, slots=True)
class _Built:
    """Previous build of a list: the state of its source, and its manifest."""

    fingerprint: str
    manifest: ReleaseManifest


class ProviderSource:
    """One source, kept as one list of `lists`."""

    def __init__(
        self, path: Path, folder: Path, key: bytes, days: int, subject: Subject, *, allow_shrink: bool = False
    ) -> None:
        """`folder` takes the sealed list; `days` until it expires after the last change of its files."""
        self.path, self._key, self._days, self.subject = path, key, days, subject
        self.list_id = list_id_of(path)
        self._requested = self.list_id == requested_hashes.LIST_ID
        self._allow_shrink = allow_shrink or self._requested
        self._folder = folder / self.list_id
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The states of the source that is in use, and that the last look found.
        self._in_use, self._found = "", ""

    def load(self) -> LiveList:
        """The list as its source is now, or as it was sealed if the source is gone.

        Raises SourceShrankError, SourceCutOffError, SourceError, or another ReleaseError for what an index folder
        holds.
        """
        before, fingerprint = self._before(), self._fingerprint()
        live = self._sealed(before) if before and fingerprint in (before.fingerprint, "") else None
        if live is None and not fingerprint:
            hint = "Enter a file or folder of hashes, or a list made by `tutela index build --list-id`."
            raise SourceError(f"{self.path}: No such file or directory. {hint}")
        self._in_use = fingerprint
        try:
            found = live or self._build(fingerprint, before)
        except (OSError, SourceUnreadableError):
            self._in_use = ""  # nothing is wrong with the source: a disk was full, and the next round tries again
            raise
        except (SourceShrankError, SourceCutOffError) as error:
            write_atomically(self._folder / _REFUSED, str(error).encode())
            raise
        (self._folder / _REFUSED).unlink(missing_ok=True)
        return found

    def kept(self) -> LiveList | None:
        """The list as last sealed, whatever its source holds now; None if it cannot be used."""
        before = self._before()
        return self._sealed(before) if before and clock.now() < before.manifest.expires else None

    def changed(self) -> LiveList | None:
        """Build the list again if its source has changed and two checks in a row found it equal.

        Raises ReleaseError; the list in use stays.
        """
        before, self._found = self._found, self._fingerprint()
        return self.load() if self._found and self._found != self._in_use and self._found == before else None

    def _build(self, fingerprint: str, before: _Built | None) -> LiveList:
        now = clock.now()
        if (self.path / "manifest.json").is_file():
            manifest, data = read_provider_folder(self.path)
        else:
            data, report = snapshot_bytes(one for file in files_of(self.path) for one in records(file, self.list_id))
            manifest = self._manifest(report, before.manifest.version + 1 if before else 1)
            if self._fingerprint() != fingerprint:
                raise SourceUnreadableError(f"{self.path}: the file changed while it was read.")
            _tell(self.list_id, report)
        self._require_whole(manifest.entries, before)
        if now >= manifest.expires:
            raise ExpiredReleaseError(f"{self.path}, on {manifest.expires.isoformat()}.")
        base = self._folder / str(manifest.version)
        try:
            memory = SharedList.make(memory_of([data]), base, self._key)
        except SnapshotError as error:
            raise SourceError(f"{self.path}: {error}") from error
        state = {"fingerprint": fingerprint, "manifest": manifest.model_dump(mode="json")}
        write_atomically(self._folder / _STATE, json.dumps(state).encode())
        forget_files(self._folder, base)
        return self._live(memory, manifest)

    def _require_whole(self, entries: int, before: _Built | None) -> None:
        had = before.manifest.entries if before else 0
        if entries >= had * (1 - MOST_LOST) or self._allow_shrink:
            return
        raise SourceShrankError(
            f"{self.path}: the file has {entries:,} entries, the list in use {had:,}. The list "
            "in use stays. If this is correct, set TUTELA_EDGE_ALLOW_SHRINK=1 and restart the "
            "Edge."
        )

    def _sealed(self, built: _Built) -> LiveList | None:
        """The list as it was sealed; None where that cannot be used, so that it is built again."""
        base = self._folder / str(built.manifest.version)
        try:
            return self._live(SharedList.open(base, self._key, built.manifest.snapshot_sha256), built.manifest)
        except SnapshotMismatchError as error:
            _log.warning("sealed list not used", list_id=self.list_id, reason=str(error))
            return None

    def _live(self, memory: SharedList, manifest: ReleaseManifest) -> LiveList:
        return replace(shared_list(memory, manifest, manifest.expires, clock.now()), subject=self.subject)

    def _manifest(self, report: BuildReport, version: int) -> ReleaseManifest:
        if not report.entries and not self._requested:
            raise SourceError(f"{self.path}: no usable hash. `tutela index build --list-id` makes a list.")
        changed = max(one.stat().st_mtime for one in files_of(self.path))
        created = min(datetime.fromtimestamp(changed, UTC), clock.now())
        return ReleaseManifest(
            list_id=self.list_id,
            list_name=self.path.name,
            source_kind=SourceKind.PROVIDER_SOURCE,
            version=version,
            created=created,
            expires=created + timedelta(days=self._days),
            entries=report.entries,
            snapshot_sha256=report.sha256,
            snapshot_size=report.size,
            policy=_POLICY,
        )

    def _fingerprint(self) -> str:
        """A name for the state of the source; empty if it is not there."""
        if not self.path.exists():
            return ""
        built = self.path / "manifest.json"
        files = [built, self.path / "snapshot"] if built.is_file() else files_of(self.path)
        try:
            states = [(one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in files]
        except OSError as error:
            raise SourceUnreadableError(f"{self.path}: {error.strerror}.") from None
        return hashlib.sha256(json.dumps([states, self._days]).encode()).hexdigest()

    def _before(self) -> _Built | None:
        try:
            value: dict[str, Any] = json.loads((self._folder / _STATE).read_bytes())
            return _Built(value["fingerprint"], ReleaseManifest.model_validate(value["manifest"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


class ProviderSources:
    """All sources of an Edge. `alert` gets each unreadable source; the list in use stays."""

    def __init__(
        self, sources: list[ProviderSource], lists: LiveLists, alert: Callable[[str, ReleaseError], None]
    ) -> None:
        self._sources, self._lists, self._alert = sources, lists, alert
        for source in sources:
            lists.put(self._first(source))
        lists.expect([source.list_id for source in sources if source.subject is Subject.CSA])

    def _first(self, source: ProviderSource) -> LiveList:
        try:
            return source.load()
        except (SourceShrankError, SourceCutOffError) as error:
            self._alert(source.list_id, error)
            if (kept := source.kept()) is None:
                raise
            return kept

    def refresh(self) -> bool:
        """Take up what has changed."""
        well = True
        for source in self._sources:
            try:
                if live := source.changed():
                    self._lists.put(live)
            except ReleaseError as error:
                self._alert(source.list_id, error)
                well = False
        return well


def refused_sources(data: Path) -> list[str]:
    """Reasons why sources of the Edge with this data folder are not in use in their current state."""
    found = []
    for path in sorted((data / "own").glob(f"*/{_REFUSED}")):
        with suppress(OSError):
            found.append(f"{path.parent.name}: {path.read_text()}")
    return found


def list_id_of(path: Path) -> str:
    """The id of a list out of the name of its file or folder; that of its manifest if it has one."""
    if (path / "manifest.json").is_file():
        return read_provider_folder(path)[0].list_id
    stem = path.name if path.is_dir() or not path.suffix else path.stem
    return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._")[:63] or "list"


def _tell(list_id: str, report: BuildReport) -> None:
    reasons = sorted({f"{one.field}: {one.reason}" for one in report.quarantined})[:5]
    _log.info("list built", list_id=list_id, entries=report.entries, set_aside=len(report.quarantined), why=reasons)
