"""What a scan has done, so that it can go on after a crash: one line a finished file, appended and never changed.

A torn last line is the mark of a crash and is ignored; a file that has changed since (size or time) is scanned again.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from tutela.edge.errors import JournalForeignError

_HEADER = {"tutela-scan-journal": 1}


class Journal:
    """The journal of one scan."""

    def __init__(self, path: Path) -> None:
        """Open or begin. Raises JournalForeignError for a file that is something else."""
        self._done: set[tuple[str, int, int]] = set()
        whole = self._load(path.read_bytes()) if path.exists() else 0
        self._file = path.open("ab")
        self._file.truncate(whole)
        if not whole:
            self._append(_HEADER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def is_done(self, path: str, size: int, mtime_ns: int) -> bool:
        """Whether exactly this file was finished before."""
        return (path, size, mtime_ns) in self._done

    def done(self, path: str, size: int, mtime_ns: int) -> None:
        """The file's results are written: it need not be scanned again. The caller flushes its output first."""
        self._done.add((path, size, mtime_ns))
        self._append([path, size, mtime_ns])

    def __len__(self) -> int:
        return len(self._done)

    def _append(self, value: object) -> None:
        self._file.write(json.dumps(value).encode() + b"\n")
        self._file.flush()
        os.fdatasync(self._file.fileno())

    def _load(self, data: bytes) -> int:
        whole = data.rfind(b"\n") + 1
        lines = data[:whole].splitlines()
        try:
            if lines and json.loads(lines[0]) != _HEADER:
                raise JournalForeignError
            self._done = {(path, size, mtime) for path, size, mtime in map(json.loads, lines[1:])}
        except (ValueError, TypeError):
            raise JournalForeignError from None
        if data and not whole:
            raise JournalForeignError
        return whole
