"""Journal of a scan for resuming after a crash: one line per finished file, only appended.

A torn last line is the mark of a crash and is ignored; a file that has changed since (size or time) is scanned again.
The first line states the lists and options of the scan; with others nothing in the journal is done. Each line states
how long the output was after its file, so that whoever resumes cuts off what came behind it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tutela.scan.errors import JournalDiffersError, JournalForeignError

_FORMAT = "tutela-scan-journal"
_VERSION = 3
_HEAD = json.dumps({_FORMAT: _VERSION})[:-1].encode()
_GO_ON = "Start again with another journal and another output, or continue with the first lists and options."


class Journal:
    """The journal of one scan."""

    def __init__(self, path: Path, terms: Mapping[str, object] | None = None) -> None:
        """Open or begin. `terms` are the lists and options that the results depend on, as JSON can hold them.

        Raises JournalForeignError for a file that is something else, JournalDiffersError for one of other terms.
        """
        self._path, self._terms = path, json.loads(json.dumps(dict(terms or {})))
        self._done: dict[tuple[str, int, int], tuple[bool, bool]] = {}
        # The length of the output after the last finished file.
        self.written = 0
        self._output: Callable[[], int] = lambda: 0
        whole = self._load(path.read_bytes()) if path.exists() else 0
        self._file = path.open("ab", buffering=0)
        self._file.truncate(whole)
        if not whole:
            self._append({_FORMAT: _VERSION, "terms": self._terms})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def follow(self, output: Callable[[], int]) -> None:
        """`output` writes what waits to the disk, and returns the length of the output."""
        self._output = output

    def outcome(self, path: str, size: int, mtime_ns: int) -> tuple[bool, bool] | None:
        """Whether something matched, and whether something is unhashed; None if exactly this file was not finished."""
        return self._done.get((path, size, mtime_ns))

    def done(self, path: str, size: int, mtime_ns: int, *, matched: bool = False, unhashed: bool = False) -> None:
        """The file's results are written: it need not be scanned again."""
        self.written = self._output()
        self._append([path, size, mtime_ns, matched, unhashed, self.written])
        self._done[path, size, mtime_ns] = matched, unhashed

    def __len__(self) -> int:
        return len(self._done)

    def _append(self, value: object) -> None:
        line = memoryview(json.dumps(value).encode() + b"\n")
        whole = os.fstat(self._file.fileno()).st_size
        try:
            while line:
                line = line[self._file.write(line) :]
            os.fdatasync(self._file.fileno())
        except OSError as error:
            # A line that does not fit on the disk is taken back.
            with suppress(OSError):
                self._file.truncate(whole)
            error.filename = str(self._path)
            raise

    def _load(self, data: bytes) -> int:
        whole = data.rfind(b"\n") + 1
        lines = data[:whole].splitlines()
        try:
            if lines:
                self._compare(json.loads(lines[0]))
            for path, size, mtime, matched, unhashed, written in map(json.loads, lines[1:]):
                self._done[path, size, mtime] = matched, unhashed
                self.written = int(written)
        except (ValueError, TypeError):
            raise JournalForeignError from None
        if data and not whole and not _HEAD.startswith(data[: len(_HEAD)]):
            raise JournalForeignError
        return whole

    def _compare(self, header: object) -> None:
        if not isinstance(header, dict) or _FORMAT not in header:
            raise JournalForeignError
        then = header.get("terms") if header[_FORMAT] == _VERSION else None
        if not isinstance(then, dict):
            raise JournalDiffersError(f"{self._path} was written by another version. {_GO_ON}")
        if differ := sorted(key for key in {*then, *self._terms} if then.get(key) != self._terms.get(key)):
            raise JournalDiffersError(f"{self._path} was started with other {', '.join(differ)}. {_GO_ON}")
