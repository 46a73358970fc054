"""Ledger of finished batches: every item has exactly one line in the output after any number of kills.

A name of the listing is an object. An object has one item, or, as an archive, one for each member; all are kept or
dropped together.

The output grows by whole batches, in the order in which they end. For each batch, in this order:

1. Its lines are appended to the output and synced.
2. One line is appended to the ledger and synced: number, digest of the names, counts, length of the output now.

After a kill the ledger's last whole line states the valid length of the output. Output after that length is cut off,
and its batch is done again. One driver at a time writes: the ledger is locked.

The ledger is also read as a stream. Batches end nearly in the order of the listing. Memory holds only a mark below
which all are done, and the few finished batches above it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tutela.edge.cluster.batches import Batch
from tutela.media import HASHER_ID
from tutela.scan.errors import ScanError

_FORMAT = 1
_SAID = {"looks": "options", "size": "batch size"}
_OTHER = "Continue with the first lists and options, or start again with another --output."
# A line of a ledger, also the first with many lists, is shorter.
_LONGEST_LINE = 1 << 20


class LedgerError(ScanError):
    """The ledger does not belong to this scan."""


class ListingChangedError(LedgerError):
    """The listing has changed since the scan began. Resume needs the same names in order."""


# What the driver's operator does then (docs/howto/cluster.md, step 4).
_GO_ON = (
    "something was added, removed or moved before its end. Nothing is lost: continue with the "
    "first listing (--from), or start again with another --output, preferably from a stored "
    "listing."
)


@dataclass(slots=True)
class Counts:
    """Totals of one batch, or of all. Items are lines of the output; the ledger counts objects, by name."""

    items: int = 0
    bytes: int = 0
    matched: int = 0
    refused: int = 0
    unread: int = 0
    objects: int = 0
    not_compared: int = 0

    def __iadd__(self, other: Counts) -> Self:
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


@dataclass(frozen=True, slots=True)
class ScanTerms:
    """Terms that must be equal on resume: batch size, and (id, version, SHA-256) of each list.

    `looks`: how pictures and videos are hashed, if not with the defaults.
    """

    size: int
    lists: Sequence[tuple[str, int, str]]
    looks: str = ""

    def as_json(self) -> dict[str, Any]:
        known = {"tutela-scan-ledger": _FORMAT, "size": self.size, "lists": [list(one) for one in self.lists]}
        return known | {"hasher": HASHER_ID} | ({"looks": self.looks} if self.looks else {})

    def differ(self, header: dict[str, Any]) -> list[str]:
        """Differences to a ledger's first line. Old ledgers without a hasher are accepted."""
        now = self.as_json()
        then = {"hasher": HASHER_ID} | header
        return sorted(_SAID.get(key, key) for key in {*now, *then} if now.get(key) != then.get(key))


@dataclass(slots=True)
class Numbers:
    """Numbers of batches: all below a mark, and those beyond it."""

    mark: int = 0
    beyond: set[int] = field(default_factory=set)

    def add(self, number: int) -> None:
        """Count one in; twice is once."""
        if number >= self.mark:
            self.beyond.add(number)
        while self.mark in self.beyond:
            self.beyond.remove(self.mark)
            self.mark += 1

    def __contains__(self, number: int) -> bool:
        return number < self.mark or number in self.beyond

    def __len__(self) -> int:
        return self.mark + len(self.beyond)


class Entries:
    """The digests in a ledger, found in one pass if they are requested in order."""

    def __init__(self, path: Path) -> None:
        self._path, self._next = path, 0
        self._passed: dict[int, str] = {}
        self._file: Any = None

    def digest(self, number: int) -> str:
        """The digest of a batch that has an entry."""
        if self._file is None or number < self._next:
            self.close()
            self._file = self._path.open("rb")
            self._file.readline(_LONGEST_LINE)
        self._next = number + 1
        while number not in self._passed:
            read, digest, *_ = json.loads(self._file.readline(_LONGEST_LINE))
            self._passed[read] = digest
        return self._passed.pop(number)

    def close(self) -> None:
        """Give up the file; the next question opens it again."""
        if self._file is not None:
            self._file.close()
        self._file, self._passed = None, {}


@dataclass(slots=True)
class Ledger:
    """The ledger of one scan, open for writing."""

    output: Path
    path: Path
    terms: ScanTerms
    counts: Counts = field(default_factory=Counts)
    _done: Numbers = field(default_factory=Numbers)
    # The last batch that was entered without its objects, and how many it is taken to have.
    _guessed: tuple[int, int] = (-1, 0)
    _length: int = 0
    _out: Any = None
    _book: Any = None
    _entries: Entries = field(init=False)

    def __post_init__(self) -> None:
        self._entries = Entries(self.path)

    def __enter__(self) -> Self:
        """Open or go on.

        Raises LedgerError for the ledger of another scan, where another driver writes, and for an output with content
        that has no ledger.
        """
        if not self.path.exists() and self.output.exists() and self.output.stat().st_size:
            raise LedgerError(f"{self.output} has content, but no ledger. Remove it, or choose another output.")
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
        """The number of finished batches."""
        return len(self._done)

    def is_done(self, batch: Batch) -> bool:
        """Whether this batch was finished before. Raises ListingChangedError if other names stood there then.

        Quick for batches in their order.
        """
        if batch.number not in self._done:
            return False
        if self._entries.digest(batch.number) != batch.digest:
            raise ListingChangedError(f"Batch {batch.number} has other names: {_GO_ON}")
        if batch.number == self._guessed[0]:
            self.counts.objects += len(batch.names) - self._guessed[1]
            self._guessed = batch.number, len(batch.names)
        return True

    def add(self, batch: Batch, lines: bytes, counts: Counts) -> None:
        """The batch is done, every item of it. Durable on return; OSError (a full disk) leaves it undone."""
        counts = replace(counts, objects=len(batch.names))
        self._out.seek(self._length)
        self._out.write(lines)
        self._sync(self._out)
        length = self._length + len(lines)
        self._append([batch.number, batch.digest, asdict(counts), length])
        self._done.add(batch.number)
        self._length = length
        self.counts += counts

    def _load(self) -> None:
        self._book.seek(0)
        first = self._book.readline(_LONGEST_LINE)
        if not first.endswith(b"\n"):
            if first[:1] not in (b"", b"{") or len(first) == _LONGEST_LINE:
                raise LedgerError(f"{self.path} is not a ledger.")
            self._book.truncate(0)
            self._append(self.terms.as_json())
            return
        try:
            if differ := self.terms.differ(json.loads(first)):
                raise LedgerError(f"{self.path} was started with other {', '.join(differ)}. {_OTHER}")
            whole = len(first) + self._load_entries()
        except (ValueError, TypeError):
            raise LedgerError(f"{self.path} is not a ledger.") from None
        self._book.truncate(whole)

    def _load_entries(self) -> int:
        """Take up every whole line that follows; answers how many bytes they are."""
        whole = 0
        while (line := self._book.readline(_LONGEST_LINE)).endswith(b"\n"):
            number, _, counts, length = json.loads(line)
            self._done.add(number)
            self._length = length
            self.counts += Counts(**counts) if "objects" in counts else self._older(number, Counts(**counts))
            whole += len(line)
        return whole

    def _older(self, number: int, counts: Counts) -> Counts:
        """An entry from before objects were counted. Every batch is full but the listing's last (see `is_done`)."""
        objects = min(self.terms.size, counts.items)
        self._guessed = max(self._guessed, (number, objects))
        return replace(counts, objects=objects)

    def _cut(self) -> None:
        size = os.fstat(self._out.fileno()).st_size
        if size < self._length:
            raise LedgerError(f"{self.output} is shorter than its ledger states; both files are needed to continue.")
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
        self._entries.close()
        for file in (self._out, self._book):
            if file is not None:
                file.close()
