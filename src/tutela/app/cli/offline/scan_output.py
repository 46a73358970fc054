"""Output of a scan: whole records alone, also on a full disk.

1. What is written waits until `flush`, which ends a record. A record that does not fit is taken back, and the error
   names the file.
2. `synced` says how long the output is on the disk. The journal keeps that length with every finished file.
3. A scan that is resumed cuts the output to the length that the journal states: no torn line stays, and no item of a
   file that is scanned again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

import typer

from tutela.scan.errors import ScanError

# A page or a VICS file ends no record until its end.
_MOST_WAITING = 1 << 20


class OutputFile:
    """The output file, opened by the first record: an error before it leaves an existing file as it was."""

    def __init__(self, path: Path, *, keep: int | None = None) -> None:
        """`keep`: so many bytes of the existing file stay; None replaces it. Raises ScanError if it is shorter."""
        if keep is not None and path.stat().st_size < keep:
            raise ScanError(f"{path} is shorter than its journal states. Start again with another journal and output.")
        self._path, self._fresh, self._size = path, keep is None, keep or 0
        self._waiting = bytearray()
        self._file: FileIO | None = None

    def write(self, text: str) -> int:
        """Take text of a record; more than a mebibyte is written at once."""
        self._waiting += text.encode()
        if len(self._waiting) > _MOST_WAITING:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Write the record, or nothing of it. Raises OSError naming the file."""
        if not self._waiting:
            return
        data, self._waiting = memoryview(bytes(self._waiting)), bytearray()
        with named(self._path):
            file = self._opened()
            try:
                written = 0
                while written < len(data):
                    written += file.write(data[written:])
            except OSError:
                with suppress(OSError):
                    file.truncate(self._size)
                    file.seek(self._size)
                raise
            self._size += len(data)

    def synced(self) -> int:
        """The length of the output, all of it on the disk."""
        self.flush()
        if self._file is not None:
            with named(self._path):
                os.fdatasync(self._file.fileno())
        return self._size

    def end(self, *, whole: bool) -> None:
        """Close it. After a whole scan without a result the file is empty."""
        if whole:
            self.flush()
            with named(self._path):
                self._opened()
        if self._file is not None:
            self._file.close()

    def _opened(self) -> FileIO:
        if self._file is None:
            self._file = FileIO(self._path, "w" if self._fresh else "r+")
            if not self._fresh:
                self._file.truncate(self._size)
                self._file.seek(self._size)
        return self._file


class StandardOutput:
    """Results on standard output."""

    def write(self, text: str) -> int:
        with named("standard output"):
            return sys.stdout.write(text)

    def flush(self) -> None:
        with named("standard output"):
            sys.stdout.flush()

    def synced(self) -> int:
        """Nothing of it can be taken back."""
        self.flush()
        return 0


type ScanOutput = OutputFile | StandardOutput


@contextmanager
def opened(path: Path | None, *, keep: int | None) -> Iterator[ScanOutput]:
    """The output; `keep` as of `OutputFile`."""
    if path is None:
        yield StandardOutput()
        return
    output, whole = OutputFile(path, keep=keep), False
    try:
        yield output
    except typer.Exit:
        whole = True
        raise
    finally:
        output.end(whole=whole)


@contextmanager
def named(file: Path | str) -> Iterator[None]:
    """Name the file in an error of the disk, which names none where a file is written."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(file)
        raise
