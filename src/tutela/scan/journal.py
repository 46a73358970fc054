"""Journal of a scan for resuming after a crash: one line per finished file, only appended.

A torn last line is the mark of a crash and is ignored; a file that has changed since (size or time) is scanned again.
The first line states the lists and options of the scan; with others nothing in the journal is done.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tutela.scan.errors import JournalDiffersError, JournalForeignError

_FORMAT = "tutela-scan-journal"
_VERSION = 2
_GO_ON = "Start again with another journal and another output, or continue with the first lists and options."


class Journal:
    """The journal of one scan."""

    def __init__(self, path: Path, terms: Mapping[str, object] | None = None) -> None:
        """Open or begin. `terms` are the lists and options that the results depend on, as JSON can hold them.

        Raises JournalForeignError for a file that is something else, JournalDiffersError for one of other terms.
        """
        self._path, self._terms = path, json.loads(json.dumps(dict(terms or {})))
        self._done: dict[tuple[str, int, int], tuple[bool, bool]] = {}
        whole = self._load(path.read_bytes()) if path.exists() else 0
        self._file = path.open("ab")
        self._file.truncate(whole)
        if not whole:
            self._append({_FORMAT: _VERSION, "terms": self._terms})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def outcome(self, path: str, size: int, mtime_ns: int) -> tuple[bool, bool] | None:
        """Whether something matched, and whether something is unhashed; None if exactly this file was not finished."""
        return self._done.get((path, size, mtime_ns))

    def done(self, path: str, size: int, mtime_ns: int, *, matched: bool = False, unhashed: bool = False) -> None:
        """The file's results are written: it need not be scanned again. The caller flushes its output first."""
        self._done[path, size, mtime_ns] = matched, unhashed
        self._append([path, size, mtime_ns, matched, unhashed])

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
            if lines:
                self._compare(json.loads(lines[0]))
            read = map(json.loads, lines[1:])
            self._done = {(path, size, mtime): (matched, unhashed) for path, size, mtime, matched, unhashed in read}
        except (ValueError, TypeError):
            raise JournalForeignError from None
        if data and not whole:
            raise JournalForeignError
        return whole

    def _compare(self, header: object) -> None:
        if not isinstance(header, dict) or _FORMAT not in header:
            raise JournalForeignError
        then = header.get("terms") if header[_FORMAT] == _VERSION else None
        if not isinstance(then, dict):
            raise JournalDiffersError(f"{self._path} does not name its lists. {_GO_ON}")
        if differ := sorted(key for key in {*then, *self._terms} if then.get(key) != self._terms.get(key)):
            raise JournalDiffersError(f"{self._path} was started with other {', '.join(differ)}. {_GO_ON}")
