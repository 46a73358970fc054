"""A folder of sealed files: ciphertext only, each file complete or absent.

1. Data is written to `NAME.part`, which nobody else reads, with its digest and size.
2. `finish` flushes the file to the disk (fsync) and renames it; then the caller's row records that the file exists.
3. A file without a row, and a part without a writer, are left over from a crash: `sweep` removes them.

Names are random and reveal nothing. This module knows no key; anyone with access to the folder sees sizes and times.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from tutela import clock
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.vocabulary.transient_errors import Trouble, trouble

# Disk space reserved for the database and everything else on the same disk.
RESERVE = 512 * 1024 * 1024
# A part that was not written to for so long has no writer, and a file without a row no transaction.
ABANDONED = timedelta(hours=2)
READ = 256 * 1024
_NAME = re.compile(r"[0-9a-f]{32}")


class NoRoom(TutelaError):
    """No space is left for sealed files. Nothing was kept. Send the file again later."""

    status = 507


class SealedFileWriter:
    """A file that is being written. Ends by `finish` or `discard`; until then nobody finds it."""

    def __init__(self, folder: Path) -> None:
        self.name, self.size, self._named = secrets.token_hex(16), 0, False
        self._digest = hashlib.sha256()
        self._final = folder / self.name[:2] / self.name
        self._path = self._final.with_suffix(".part")
        with _room():
            self._final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._out = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, piece: bytes) -> None:
        """Write more ciphertext. Raises `NoRoom`."""
        with _room():
            self._out.write(piece)
        self._digest.update(piece)
        self.size += len(piece)

    def finish(self) -> None:
        """Flush the file to disk and give it its final name. Raises `NoRoom`."""
        with _room():
            self._out.flush()
            os.fsync(self._out.fileno())
            self._out.close()
            self._path.rename(self._final)
            self._named = True
            _sync(self._final.parent)

    def give_up(self, error: BaseException) -> None:
        """Discard the file after an error, unless the row that records it may have been committed.

        If the database did not answer a commit, its result is unknown. `sweep` finds files without a row.
        """
        if not (self._named and trouble(error) is Trouble.AWAY):
            self.discard()

    def discard(self) -> None:
        """Throw it away, finished or not."""
        with contextlib.suppress(OSError):
            self._out.close()
        self._path.unlink(missing_ok=True)
        self._final.unlink(missing_ok=True)


def folder() -> Path:
    """Folder of this node's sealed files."""
    return Path(settings.CONFIG.evidence) if settings.CONFIG.evidence else Path(settings.DATA_DIR) / "evidence"


def begin() -> SealedFileWriter:
    """Begin a file. Raises `NoRoom` where the disk is nearly full."""
    where = folder()
    with _room():
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(where).free < RESERVE:
            raise NoRoom
    return SealedFileWriter(where)


def pieces(name: str) -> Iterator[bytes]:
    """A file's bytes, piece by piece. Raises `NotFound` before the first one."""
    try:
        file = _place(name).open("rb")
    except OSError:
        raise NotFound from None
    return _read(file)


def _read(file: object) -> Iterator[bytes]:
    with file:  # type: ignore[attr-defined]
        while piece := file.read(READ):  # type: ignore[attr-defined]
            yield piece


def remove(name: str) -> None:
    """Delete a file; it may be gone."""
    _place(name).unlink(missing_ok=True)


def sweep(known: Callable[[list[str]], set[str]]) -> int:
    """Remove leftovers of a crash; returns how many.

    `known` returns which of some names have a row.
    """
    old, count = (clock.now() - ABANDONED).timestamp(), 0
    for inner in sorted(folder().glob("[0-9a-f][0-9a-f]")):
        there = [file for file in inner.iterdir() if _older(file, old)]
        rows = known([file.name for file in there if _NAME.fullmatch(file.name)])
        for file in there:
            if file.name not in rows:
                file.unlink(missing_ok=True)
                count += 1
    return count


def _older(file: Path, moment: float) -> bool:
    try:
        return file.stat().st_mtime < moment
    except FileNotFoundError:
        return False


def _place(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise NotFound
    return folder() / name[:2] / name


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoRoom from None
        raise
