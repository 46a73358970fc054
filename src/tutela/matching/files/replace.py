"""Replace a file in one step, so that a reader finds the old or the new one, also after a crash.

1. The new file is written in the same folder as the old one, under a temporary name, and locked by its writer.
2. The file is synced to the disk, renamed over the old one, and the folder is synced.
3. Leftovers of a killed writer are removed by the next one: a leftover is a temporary file without a lock.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import BinaryIO


@contextmanager
def published(path: Path, *, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A file to write; when the block ends well it has become `path`, else it is gone. Raises OSError."""
    sweep(path)
    temporary, file = _begun(path, mode)
    with file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sweep(path: Path) -> None:
    """Remove the parts that killed writers of `path` left. Those being written now stay."""
    for part in path.parent.glob(f".{escape(path.name)}.*.part"):
        try:
            file = os.open(part, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink(missing_ok=True)
        except BlockingIOError:
            pass
        finally:
            os.close(file)


def _begun(path: Path, mode: int) -> tuple[Path, BinaryIO]:
    while True:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
        file = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        fcntl.flock(file, fcntl.LOCK_EX)
        # Another writer may have swept the name away before the lock was ours.
        if os.fstat(file).st_nlink:
            return temporary, os.fdopen(file, "wb")
        os.close(file)
