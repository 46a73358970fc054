"""Cache of a machine's lists: files that are built once and mapped by all processes.

    <SHA-256 of the snapshot>.index   its perceptual hashes ready for search, a plain container (`docs/index-format.md`)
    <SHA-256 of the files>.list       the snapshot of a list that is given as files of hashes

1. A process that needs a file opens it and verifies every byte; a torn or changed file is refused and built again.
2. One process builds it while the others wait; it is written under a temporary name and renamed.
3. A file that was not opened for a month is removed when a new one is built.

The folder belongs to one user and is closed to all others: a plain file proves that it is whole, not who made it. Where
no file can be kept, as on a full or read-only disk, each process builds its own in memory. The log states the reason.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import structlog

from tutela import __version__, clock
from tutela.matching import HammingIndex, IndexFileError, MatchingError, Snapshot, map_index, write_index
from tutela.matching.files.snapshot_writer import write_atomically

log = structlog.get_logger(__name__)

# A list that is scanned with is opened more often.
CACHE_LIFETIME = timedelta(days=30)


class Kept:
    """The files of one machine and user, in `folder`. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def index(self, snapshot: Snapshot) -> HammingIndex:
        """The index over a snapshot's hashes, mapped from the file that all processes of this machine map."""
        binding = bytes.fromhex(snapshot.sha256)

        def opened(path: Path) -> HammingIndex:
            found = map_index(path, binding=binding)
            if len(found) != len(snapshot.pdq):
                raise IndexFileError("The list has a different number of hashes.")
            return found

        def make(path: Path) -> None:
            write_index(path, HammingIndex(snapshot.pdq), key=None, binding=binding)

        kept = self._kept(f"{snapshot.sha256}.index", opened, make)
        return HammingIndex(snapshot.pdq) if kept is None else kept

    def snapshot(self, files: Sequence[Path], build: Callable[[], bytes]) -> Snapshot:
        """The snapshot that `build` makes of these files, mapped likewise. Raises OSError if one cannot be read."""
        name = hashlib.sha256(__version__.encode())
        for file in files:
            with file.open("rb") as content:
                name.update(hashlib.file_digest(content, "sha256").digest() + file.suffix.encode())
        kept = self._kept(f"{name.hexdigest()}.list", Snapshot.open, lambda path: write_atomically(path, build()))
        return Snapshot(build()) if kept is None else kept

    def _kept[T](self, name: str, opened: Callable[[Path], T], make: Callable[[Path], None]) -> T | None:
        """The cached file, opened; None if it cannot be cached."""
        path = self._folder / name
        try:
            self._claim()
            found = _proved(path, opened)
            if found is None:
                with self._alone():
                    found = _proved(path, opened)
                    if found is None:
                        self._forget()
                        make(path)
                        found = opened(path)
        except (OSError, MatchingError) as error:
            log.warning("list not cached on this machine", folder=str(self._folder), reason=str(error))
            return None
        return found

    def _claim(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = self._folder.stat()
        if about.st_uid != os.geteuid() or about.st_mode & 0o077:
            raise PermissionError(errno.EPERM, "other users can read or write the folder", str(self._folder))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _forget(self) -> None:
        oldest = (clock.now() - CACHE_LIFETIME).timestamp()
        for path in (*self._folder.glob("*.index"), *self._folder.glob("*.list")):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _proved[T](path: Path, opened: Callable[[Path], T]) -> T | None:
    if not path.exists():
        return None
    try:
        found = opened(path)
    except MatchingError as error:
        log.warning("list file rebuilt", file=str(path), reason=str(error))
        return None
    now = clock.now().timestamp()
    os.utime(path, (now, now))
    return found
