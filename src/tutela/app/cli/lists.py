"""Lists that a command is given: a snapshot, a folder with `manifest.json` and `snapshot`, or files of hashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tutela.app.cli.exits import Exit, fail
from tutela.edge.errors import SourceError
from tutela.edge.live import load_provider_list
from tutela.edge.provider import list_id_of
from tutela.edge.sources import ENDINGS, files_of, records
from tutela.matching import MatchList, Snapshot, Thresholds, snapshot_bytes


def some(paths: list[Path]) -> list[Path]:
    """The paths; ends the command where there are none."""
    if not paths:
        raise fail("give a list with --list, or an Edge with --edge", Exit.USAGE)
    return paths


def load(path: Path, agree: Sequence[str] = ()) -> MatchList:
    """Open and verify. A list from a file is the provider's own, never the register's.

    `agree`: when two videos do, as `QUERY:COMPARED`; as usual without.
    """
    found = _load(path)
    try:
        return replace(found, thresholds=tuple(map(Thresholds.parse, agree))) if agree else found
    except ValueError as error:
        raise fail(f"--agree: {error}", Exit.USAGE) from None


def _load(path: Path) -> MatchList:
    if (path / "manifest.json").is_file():
        return load_provider_list(path).matches
    if path.is_dir() or path.suffix.lower() in ENDINGS:
        data, report = snapshot_bytes(one for file in files_of(path) for one in records(file))
        if not report.entries:
            raise SourceError(f"{path}: it holds no usable hash. `tutela index build --list-id` makes a list.")
        snapshot = Snapshot(data)
    else:
        snapshot = Snapshot.open(path)
    return MatchList.load(snapshot, list_id=list_id_of(path), version=1, source="provider_source")
