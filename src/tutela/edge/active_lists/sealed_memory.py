"""A list at rest and in memory: two sealed files on disk, two pieces of sealed memory while in use.

    N.list     the snapshot of version N, in a sealed container (`docs/index-format.md`)
    N.index    its perceptual hashes, ready for search, in the same form
    N.changes.list, N.changes.index    the same for the changes of version N to an earlier snapshot

One process opens the files (`SharedList.open`); every other process gets the two descriptors (`attach`) and maps the
same pages. No clear byte of a list touches a disk. Perceptual hashes are in memory once: the index keeps them in the
order of the snapshot. The snapshot returns their pages when it is opened and reads them from the index.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from tutela.edge.errors import SnapshotMismatchError
from tutela.matching import HammingIndex, IndexFileError, SharedIndex, Snapshot, SnapshotError, write_index
from tutela.matching.files.container import write_container
from tutela.matching.files.index_file import opened_memory
from tutela.matching.files.sealed_memory import give_back, give_back_freed, mapped, require_sealed, sealed_memory
from tutela.matching.files.snapshot import place_of

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
        """Take over memory with a snapshot, verify it, write both files at `path` (a name without ending), open them.

        Raises SnapshotError or OSError, and then no file is half written. The memory that was given is closed.
        """
        try:
            try:
                sha256 = _written(snapshot_fd, path, key)
            finally:
                os.close(snapshot_fd)
            # Building takes more memory than the list, and none of it is needed any more.
            give_back_freed()
            return cls._opened(path, key, sha256)
        except IndexFileError as error:
            raise SnapshotError(str(error)) from error

    @classmethod
    def open(cls, path: Path, key: bytes, sha256: str) -> SharedList:
        """Open both files into memory.

        Raises SnapshotMismatchError if the snapshot is not that one, whole, and ours.

        An index that is missing, torn or of an older layout is built again from the snapshot, which is verified again.
        """
        try:
            try:
                return cls._opened(path, key, sha256)
            except (IndexFileError, SnapshotError, FileNotFoundError):
                memory = opened_memory(_ending(path, _LIST), key=key, binding=bytes.fromhex(sha256) + b"list")
                return cls._made_again(memory, path, key, sha256)
        except (IndexFileError, SnapshotError, FileNotFoundError) as error:
            raise SnapshotMismatchError(str(error)) from error

    @classmethod
    def attach(cls, snapshot_fd: int, index_fd: int, sha256: str) -> SharedList:
        """The list of another process of ours, which has verified it. Takes the descriptors over, also if it raises."""
        with ExitStack() as undo:
            undo.callback(_close, (snapshot_fd, index_fd))
            require_sealed(snapshot_fd)
            with SharedIndex.attach(index_fd) as shared:
                made = cls(snapshot_fd, index_fd, _snapshot(snapshot_fd, sha256, shared.index), shared.index)
            undo.pop_all()
        return made

    @classmethod
    def _made_again(cls, memory: int, path: Path, key: bytes, sha256: str) -> SharedList:
        """Build the index again from a snapshot in memory, which is closed, and open both."""
        try:
            snapshot = Snapshot(mapped(memory, os.fstat(memory).st_size))
            if snapshot.sha256 != sha256:
                raise SnapshotMismatchError("The snapshot differs.")
            write_index(_ending(path, _INDEX), HammingIndex(snapshot.pdq), key=key, binding=bytes.fromhex(sha256))
            del snapshot
        finally:
            os.close(memory)
        give_back_freed()
        return cls._opened(path, key, sha256)

    @classmethod
    def _opened(cls, path: Path, key: bytes, sha256: str) -> SharedList:
        """Open the index first: the snapshot need not hold its hashes."""
        binding = bytes.fromhex(sha256)
        with ExitStack() as undo:
            index_fd = opened_memory(_ending(path, _INDEX), key=key, binding=binding)
            undo.callback(os.close, index_fd)
            with SharedIndex.attach(index_fd) as shared:
                index = shared.index
            spared = _without_hashes if index.view().in_place() is not None else None
            memory = opened_memory(_ending(path, _LIST), key=key, binding=binding + b"list", spared=spared)
            undo.callback(os.close, memory)
            made = cls(memory, index_fd, _snapshot(memory, sha256, index), index)
            undo.pop_all()
        return made


def _written(snapshot_fd: int, path: Path, key: bytes) -> str:
    """Verify a snapshot and write its two files; answers its digest. Whatever was mapped for it is given up."""
    snapshot = Snapshot(mapped(snapshot_fd, os.fstat(snapshot_fd).st_size))
    binding = bytes.fromhex(snapshot.sha256)
    clear = memoryview(mapped(snapshot_fd, snapshot.size))
    write_container(_ending(path, _LIST), [clear], binding=binding + b"list", key=key)
    write_index(_ending(path, _INDEX), HammingIndex(snapshot.pdq), key=key, binding=binding)
    return snapshot.sha256


def _snapshot(memory: int, sha256: str, index: HammingIndex) -> Snapshot:
    """Every chunk was sealed by us, for this digest: the bytes need not be summed up again."""
    return Snapshot(mapped(memory, os.fstat(memory).st_size), sha256=sha256, pdq=index.view().in_place())


def _without_hashes(memory: int) -> None:
    with mapped(memory, os.fstat(memory).st_size) as view:
        begin, end = place_of(view, "pdq")
    give_back(memory, begin, end)


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
