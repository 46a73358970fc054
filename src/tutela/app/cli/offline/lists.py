"""Lists given to a command: a snapshot, a folder with `manifest.json` and `snapshot`, or hash files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tutela.app.cli.exit_codes import Exit, fail
from tutela.edge.active_lists.hash_files import ENDINGS, files_of, records
from tutela.edge.active_lists.lists_in_use import open_provider_folder
from tutela.edge.active_lists.provider_lists import list_id_of
from tutela.edge.cluster.list_cache import Kept
from tutela.edge.errors import SourceError
from tutela.exchange.register.release import SourceKind
from tutela.matching import MatchList, Snapshot, Thresholds, snapshot_bytes


def some(paths: list[Path]) -> list[Path]:
    """Return the paths; end the command if there are none."""
    if not paths:
        raise fail("give a list with --list, or an Edge with --edge", Exit.USAGE)
    return paths


@dataclass(frozen=True, slots=True)
class OpenedList:
    """A list that was verified, before anything is made ready for search."""

    snapshot: Snapshot
    list_id: str
    version: int
    source: str

    @property
    def identity(self) -> tuple[str, int, str]:
        """(id, version, SHA-256)."""
        return self.list_id, self.version, self.snapshot.sha256


def load(path: Path, agree: Sequence[str] = (), kept: Kept | None = None) -> MatchList:
    """Open, verify, make ready. A list from a file is the provider's own, never the register's.

    `agree`: when two videos do, as `QUERY:COMPARED`; as usual without. `kept`: what processes of this machine share;
    without, this process builds an index of its own.
    """
    thresholds, one = agreeing(agree), opened(path, kept)
    found = MatchList.load(
        one.snapshot,
        list_id=one.list_id,
        version=one.version,
        source=one.source,
        index=kept.index(one.snapshot) if kept else None,
    )
    return replace(found, thresholds=thresholds) if thresholds else found


def agreeing(agree: Sequence[str]) -> tuple[Thresholds, ...]:
    """Parse `QUERY:COMPARED` values; end the command if one is invalid."""
    try:
        return tuple(map(Thresholds.parse, agree))
    except ValueError as error:
        raise fail(f"--agree: {error}", Exit.USAGE) from None


def opened(path: Path, kept: Kept | None = None) -> OpenedList:
    """Open and verify, as `load`."""
    if (path / "manifest.json").is_file():
        manifest, snapshot = open_provider_folder(path)
        return OpenedList(snapshot, manifest.list_id, manifest.version, manifest.source_kind.value)
    if path.is_dir() or path.suffix.lower() in ENDINGS:
        sources = files_of(path)
        build = partial(_built, path, sources)
        snapshot = kept.snapshot(sources, build) if kept else Snapshot(build())
    else:
        snapshot = Snapshot.open(path)
    return OpenedList(snapshot, list_id_of(path), 1, SourceKind.PROVIDER_SOURCE.value)


def kept_here() -> Kept:
    """Folder in which this machine caches lists for its user (`XDG_CACHE_HOME`, usually `~/.cache`)."""
    return Kept(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tutela" / "lists")


def _built(path: Path, sources: Sequence[Path]) -> bytes:
    data, report = snapshot_bytes(one for file in sources for one in records(file, list_id_of(path)))
    if not report.entries:
        raise SourceError(f"{path}: no usable hash. `tutela index build --list-id` makes a list.")
    return data
