"""A list at rest and in memory: two sealed files on the disk, two pieces of sealed memory while it is in use.

    N.list     the snapshot of version N, in a sealed container (`docs/index-format.md`)
    N.index    its perceptual hashes, ready for search, likewise
    N.changes.list, N.changes.index    the same of what version N changes in an earlier snapshot

One process opens the files (`SharedList.open`); every other gets the two descriptors (`attach`) and maps the same
pages. No clear byte of a list touches a disk.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable
from pathlib import Path

from tutela.edge.errors import SnapshotMismatchError
from tutela.matching import HammingIndex, IndexFileError, SharedIndex, Snapshot, SnapshotError, write_index
from tutela.matching.chunked import write_container
from tutela.matching.files import opened_memory
from tutela.matching.memory import mapped, require_sealed, sealed_memory

_LIST, _INDEX = ".list", ".index"


class SharedList:
    """A verified snapshot and its index, in memory that cannot change. Closed when nobody uses it any more."""

    def __init__(self, snapshot_fd: int, index_fd: int, snapshot: Snapshot, index: HammingIndex) -> None:
        self.fds = (snapshot_fd, index_fd)
        self.snapshot, self.index = snapshot, index
        # Mappings outlive their descriptors; these are kept to be handed on.
        weakref.finalize(self, _close, self.fds)

    @classmethod
    def make(cls, snapshot_fd: int, path: Path, key: bytes) -> SharedList:
        """Take over memory with a snapshot, verify it, and write both files at `path` (a name without ending).

        Raises SnapshotError or OSError, and then the memory is closed and no file is half written.
        """
        try:
            snapshot = Snapshot(mapped(snapshot_fd, os.fstat(snapshot_fd).st_size))
            binding = bytes.fromhex(snapshot.sha256)
            clear = memoryview(mapped(snapshot_fd, snapshot.size))
            write_container(_ending(path, _LIST), [clear], binding=binding + b"list", key=key)
            write_index(_ending(path, _INDEX), HammingIndex(snapshot.pdq), key=key, binding=binding)
            return cls._with_index(snapshot_fd, snapshot, path, key, binding)
        except IndexFileError as error:
            os.close(snapshot_fd)
            raise SnapshotError(str(error)) from error
        except BaseException:
            os.close(snapshot_fd)
            raise

    @classmethod
    def open(cls, path: Path, key: bytes, sha256: str) -> SharedList:
        """Open both files into memory. Raises SnapshotMismatchError if they are not that snapshot, whole, and ours."""
        binding = bytes.fromhex(sha256)
        try:
            memory = opened_memory(_ending(path, _LIST), key=key, binding=binding + b"list")
            try:
                # Every chunk was sealed by us, for this digest: the bytes need not be summed up again.
                snapshot = Snapshot(mapped(memory, os.fstat(memory).st_size), sha256=sha256)
                return cls._with_index(memory, snapshot, path, key, binding)
            except BaseException:
                os.close(memory)
                raise
        except (IndexFileError, SnapshotError) as error:
            raise SnapshotMismatchError(str(error)) from error

    @classmethod
    def attach(cls, snapshot_fd: int, index_fd: int, sha256: str) -> SharedList:
        """The list of another process of ours, which has verified it. Takes the descriptors over."""
        require_sealed(snapshot_fd)
        snapshot = Snapshot(mapped(snapshot_fd, os.fstat(snapshot_fd).st_size), sha256=sha256)
        return cls(snapshot_fd, index_fd, snapshot, SharedIndex.attach(index_fd).index)

    @classmethod
    def _with_index(cls, memory: int, snapshot: Snapshot, path: Path, key: bytes, binding: bytes) -> SharedList:
        index_fd = opened_memory(_ending(path, _INDEX), key=key, binding=binding)
        with SharedIndex.attach(index_fd) as shared:
            return cls(memory, index_fd, snapshot, shared.index)


def memory_of(parts: Iterable[bytes]) -> int:
    """New sealed memory with these bytes, one after the other; nothing of them touches a disk."""
    with sealed_memory() as memory, os.fdopen(os.dup(memory), "wb") as file:
        for part in parts:
            file.write(part)
    return memory


def forget_files(folder: Path, *but: Path) -> None:
    """Delete the files of every list in a folder, except those at `but`. Clear ones of old versions go too."""
    kept = {_ending(one, ending) for one in but for ending in (_LIST, _INDEX)}
    for pattern in ("*.list", "*.index", "*.snapshot"):
        for path in folder.glob(pattern):
            if path not in kept:
                path.unlink(missing_ok=True)


def _ending(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _close(fds: tuple[int, ...]) -> None:
    for fd in fds:
        os.close(fd)
