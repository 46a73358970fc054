"""Removals of a head: ids in the head or, if too many, a file that the head names by its digest.

A removal is never delayed, so no number of removals may block a head. The file has sixteen bytes per id, ascending, and
is the same for every recipient.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from tutela.exchange.register.release import MAX_REMOVED, ReleaseHead, RemovedFile
from tutela.indicators.errors import NoSuchRelease
from tutela.matching.files.snapshot_writer import write_atomically

# This many of the newest files stay in a folder, for recipients in the middle of a fetch.
VERSIONS_KEPT = 3


# The ids that stand in the head, or the file that holds them.
type Told = tuple[tuple[UUID, ...], RemovedFile | None]


def told(folder: Path, removed: Sequence[UUID]) -> Told:
    """Return how a head states these ids, ascending; a required file is written to the folder."""
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
    """Return true if a head already states these removals."""
    return (head.removed, head.removed_file) == said


def read(folder: Path, sha256: str) -> bytes:
    """The file of this digest. Raises `NoSuchRelease`."""
    try:
        return _path(folder, sha256).read_bytes()
    except OSError:
        raise NoSuchRelease from None


def _forget_older(folder: Path) -> None:
    files = sorted(folder.glob("removed-*.ids"), key=lambda one: one.stat().st_mtime)
    for path in files[:-VERSIONS_KEPT]:
        path.unlink(missing_ok=True)


def _path(folder: Path, sha256: str) -> Path:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise NoSuchRelease
    return folder / f"removed-{sha256}.ids"
