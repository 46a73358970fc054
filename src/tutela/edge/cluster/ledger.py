"""Which batches are done, so that every item has exactly one line in the output after any number of kills.

The output grows by whole batches, in the order in which they end. For each batch, in this order:

1. its lines are appended to the output and synced;
2. one line is appended to the ledger and synced: number, digest of the names, counts, length of the output now.

After a kill the ledger's last whole line says how long the output truly is; what lies behind it is cut off, and its
batch is done again. One driver at a time writes: the ledger is locked.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tutela.edge.cluster.batches import Batch
from tutela.edge.errors import ScanError

_FORMAT = 1


class LedgerError(ScanError):
    """The ledger does not belong to this scan."""


@dataclass(slots=True)
class Counts:
    """What a batch, or all of them, came to."""

    items: int = 0
    bytes: int = 0
    matched: int = 0
    refused: int = 0
    unread: int = 0

    def __iadd__(self, other: Counts) -> Self:
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


@dataclass(frozen=True, slots=True)
class Terms:
    """What must be the same when a scan goes on: the size of a batch, and (id, version, SHA-256) of each list.

    `looks`: how pictures and videos are looked at, if not as usual.
    """

    size: int
    lists: Sequence[tuple[str, int, str]]
    looks: str = ""

    def as_json(self) -> dict[str, Any]:
        known = {"tutela-scan-ledger": _FORMAT, "size": self.size, "lists": [list(one) for one in self.lists]}
        return known | ({"looks": self.looks} if self.looks else {})


@dataclass(slots=True)
class Ledger:
    """The ledger of one scan, open for writing."""

    output: Path
    path: Path
    terms: Terms
    counts: Counts = field(default_factory=Counts)
    _done: dict[int, str] = field(default_factory=dict)
    _length: int = 0
    _out: Any = None
    _book: Any = None

    def __enter__(self) -> Self:
        """Open or go on. Raises LedgerError for the ledger of another scan, and where another driver writes."""
        self._book = self.path.open("a+b")
        try:
            fcntl.flock(self._book, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._load()
            self._out = self.output.open("r+b" if self.output.exists() else "w+b")
            self._cut()
        except BlockingIOError:
            self._close()
            raise LedgerError(f"Another scan writes to {self.path}.") from None
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def __len__(self) -> int:
        """How many batches are done."""
        return len(self._done)

    def is_done(self, batch: Batch) -> bool:
        """Whether this batch was finished before. Raises LedgerError if other names stood there then."""
        digest = self._done.get(batch.number)
        if digest is not None and digest != batch.digest:
            raise LedgerError(f"The listing has changed since the scan began: batch {batch.number} has other names.")
        return digest is not None

    def add(self, batch: Batch, lines: bytes, counts: Counts) -> None:
        """The batch is done. Durable on return; OSError (a full disk) leaves it undone."""
        self._out.seek(self._length)
        self._out.write(lines)
        self._sync(self._out)
        length = self._length + len(lines)
        self._append([batch.number, batch.digest, asdict(counts), length])
        self._done[batch.number], self._length = batch.digest, length
        self.counts += counts

    def _load(self) -> None:
        self._book.seek(0)
        data = self._book.read()
        whole = data.rfind(b"\n") + 1
        lines = data[:whole].splitlines()
        if not lines:
            if data[:1] not in (b"", b"{"):
                raise LedgerError(f"{self.path} is no ledger.")
            self._book.truncate(0)
            self._append(self.terms.as_json())
            return
        try:
            if json.loads(lines[0]) != self.terms.as_json():
                raise LedgerError(f"{self.path} was begun with another list or batch size.")
            for number, digest, counts, length in map(json.loads, lines[1:]):
                self._done[number], self._length = digest, length
                self.counts += Counts(**counts)
        except (ValueError, TypeError):
            raise LedgerError(f"{self.path} is no ledger.") from None
        self._book.truncate(whole)

    def _cut(self) -> None:
        size = os.fstat(self._out.fileno()).st_size
        if size < self._length:
            raise LedgerError(f"{self.output} is shorter than its ledger says; both are needed to go on.")
        self._out.truncate(self._length)

    def _append(self, value: object) -> None:
        self._book.seek(0, os.SEEK_END)
        self._book.write(json.dumps(value).encode() + b"\n")
        self._sync(self._book)

    @staticmethod
    def _sync(file: Any) -> None:
        file.flush()
        os.fdatasync(file.fileno())

    def _close(self) -> None:
        for file in (self._out, self._book):
            if file is not None:
                file.close()
