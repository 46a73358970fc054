"""What a head removes: ids in the head itself or, where those are too many, a file that it names by its digest.

A removal waits for nobody, therefore there is no number of them that stops a head. The file is sixteen bytes an id,
ascending, and the same for everybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from tutela.exchange.register.release import MAX_REMOVED, ReleaseHead, RemovedFile
from tutela.indicators.errors import NoSuchRelease
from tutela.matching.files.snapshot_writer import write_atomically

# Of the files in a folder so many of the newest stay, for whoever is in the middle of fetching one.
KEPT = 3


# The ids that stand in the head, or the file that holds them.
type Told = tuple[tuple[UUID, ...], RemovedFile | None]


def told(folder: Path, removed: Sequence[UUID]) -> Told:
    """What a head says of these ids, ascending; a file that it needs lies in the folder then."""
    if len(removed) <= MAX_REMOVED:
        return tuple(removed), None
    data = b"".join(one.bytes for one in removed)
    made = RemovedFile(sha256=hashlib.sha256(data).hexdigest(), count=len(removed))
    path = _path(folder, made.sha256)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, data)
        _forget_older(folder)
    return (), made


def same(head: ReleaseHead, said: Told) -> bool:
    """Whether a head says this already."""
    return (head.removed, head.removed_file) == said


def read(folder: Path, sha256: str) -> bytes:
    """The file of this digest. Raises `NoSuchRelease`."""
    try:
        return _path(folder, sha256).read_bytes()
    except OSError:
        raise NoSuchRelease from None


def _forget_older(folder: Path) -> None:
    files = sorted(folder.glob("removed-*.ids"), key=lambda one: one.stat().st_mtime)
    for path in files[:-KEPT]:
        path.unlink(missing_ok=True)


def _path(folder: Path, sha256: str) -> Path:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise NoSuchRelease
    return folder / f"removed-{sha256}.ids"
